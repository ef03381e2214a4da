// `parley serve`: the server in the foreground, until it is told to stop.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { configurationHelp } from '../config/page.js'
import { readConfig } from '../config.js'
import { banner, type Ready } from './banner.js'
import type { Cli, RunningServer, StopSignal } from './context.js'
import { exitCodes } from './exit.js'
import { withExamples } from './help.js'
import { withProgress } from './progress.js'

export const serveCommand = (cli: Cli): Command =>
  withExamples(
    new Command('serve')
      .description('Start the server. It is configured by environment variables, listed below.')
      .action(() => serve(cli)),
    [
      { does: 'With the defaults: the page at http://127.0.0.1:8080/, data in .parley', line: 'parley serve' },
      {
        does: 'On another port, with a language model that Ollama serves',
        line: 'PORT=9000 OPENAI_BASE_URL=http://127.0.0.1:11434/v1 PARLEY_LLM_MODEL=llama3.2 parley serve',
      },
    ],
  ).addHelpText('after', () => `\n${configurationHelp()}`)

async function serve(cli: Cli): Promise<void> {
  const { config, warnings } = readConfig(serverEnvironment(cli.environment))
  const stop = firstSignal(cli)
  const server = await withProgress('Loading the engines', cli.services.startServer(config), cli)
  cli.terminal.print(
    banner(
      {
        url: server.url,
        dataDir: resolve(config.dataDir),
        engines: server.engines,
        apiKey: keyOf(server, config.apiKey),
        warnings,
      },
      cli.terminal.style,
    ),
  )
  const signal = await stop
  cli.terminal.note(farewell(signal, config.drainSeconds))
  await server.close(signal === 'SIGTERM' ? 'drain' : 'now')
}

/** Less the variables that are for the commands that ask a server. */
export function serverEnvironment(environment: Cli['environment']): Cli['environment'] {
  const { PARLEY_URL: _url, PARLEY_LLM_KEY: _key, ...rest } = environment
  return rest
}

function keyOf(server: RunningServer, given: string | undefined): Ready['apiKey'] {
  if (server.apiKey !== undefined) return { is: 'made', key: server.apiKey }
  return { is: given === undefined ? 'kept' : 'given' }
}

/** Resolves at the first signal; the second ends the process at once. */
function firstSignal(cli: Cli): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false
    cli.onSignal((signal) => {
      if (isStopping) return cli.exit(exitCodes.interrupted.code)
      isStopping = true
      resolve(signal)
    })
  })
}

const farewell = (signal: StopSignal, drainSeconds: number): string =>
  signal === 'SIGTERM' && drainSeconds > 0
    ? `Stopping: no new sessions; running ones have ${drainSeconds} s to end. A second signal ends everything at once.`
    : 'Stopping: running sessions are ended. Press Ctrl-C again to stop without waiting.'

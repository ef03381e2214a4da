// `parley voices`: the voices that a server has.
import { Command } from 'commander'
import type { Cli } from './context.js'
import { withExamples } from './help.js'
import { onServer, serverAddress, withServerOptions } from './server-address.js'
import { aligned } from './text.js'

export const voicesCommand = (cli: Cli): Command =>
  withExamples(
    withServerOptions(
      new Command('voices').description('List the voices of the server.').option('--json', 'print them as JSON'),
    ).action(async ({ json }: { json?: true }, command: Command) => {
      const voices = await onServer(serverAddress(command), (api) => api.voices.list())
      const { style } = cli.terminal
      cli.terminal.print(
        json
          ? JSON.stringify({ voices }, null, 2)
          : aligned(
              voices.map(({ voice_id, language, sample_text }) => [
                style.bold(voice_id),
                language,
                style.dim(sample_text),
              ]),
            ),
      )
    }),
    [{ does: 'All of them', line: 'parley voices' }],
  )

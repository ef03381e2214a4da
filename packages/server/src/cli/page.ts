// The page docs/cli.md, made from the commands themselves.
import type { Command } from 'commander'
import { systemClock } from '../session/clock.js'
import type { Cli } from './context.js'
import { exitCodes } from './exit.js'
import { examplesOf } from './help.js'
import { everyCommand, fullName, program } from './program.js'
import { Terminal } from './terminal.js'

/** The whole of docs/cli.md. */
export function cliPage(): string {
  const root = program(describing, '')
  const commands = everyCommand(root).filter((command) => command !== root)
  return [
    '<!-- Made from packages/server/src/cli by scripts/generate-docs.mjs. -->',
    '# The command `parley`',
    '',
    'In a checkout, `npx parley` runs it after `npm install` and `npm run build`; `npm start` is `parley serve` with',
    'both done first. Every command explains itself with `--help`.',
    '',
    'Commands that ask a server find it by `--url` or `PARLEY_URL` (otherwise `http://127.0.0.1:8080`) and name',
    'themselves to it by `--key` or `PARLEY_API_KEY`. What is data goes to the standard output, everything else to the',
    'standard error; with `--json` the data is JSON. Colours are used on a terminal only, and not with `NO_COLOR` set.',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| ---: | --- |',
    ...Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    '',
    ...commands.flatMap(section),
  ].join('\n')
}

function section(command: Command): readonly string[] {
  const help = command.createHelp()
  const rows = [
    ...help.visibleArguments(command).map((argument) => [`<${argument.name()}>`, help.argumentDescription(argument)]),
    ...help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]),
  ].filter(([term]) => term !== '-h, --help')
  const examples = examplesOf(command)
  const level = command.parent?.parent ? '###' : '##'
  return [
    `${level} \`${fullName(command)}\``,
    '',
    command.description().replaceAll('\n', ' '),
    '',
    ...(rows.length > 0
      ? ['| | |', '| --- | --- |', ...rows.map(([term, text]) => `| \`${term}\` | ${cell(text ?? '')} |`), '']
      : []),
    ...(examples.length > 0 ? ['```sh', ...examples.map(({ does, line }) => `# ${does}\n${line}`), '```', ''] : []),
  ]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Describing commands runs none of them, so nothing here is ever asked for. */
const describing: Cli = {
  terminal: new Terminal(process.stdout, process.stderr, {}),
  clock: systemClock(),
  services: { startServer: notRun, loadEngine: notRun, createKey: notRun },
  environment: {},
  stdin: process.stdin,
  onSignal: () => () => {},
  exit: () => {},
}

function notRun(): Promise<never> {
  return Promise.reject(new Error('The commands are only described.'))
}

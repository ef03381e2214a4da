// The command `parley`: its parts, its help, and what a run of it ends with.
import { Command, CommanderError } from 'commander'
import { accountsCommand } from './accounts.js'
import { agentsCommand } from './agents.js'
import { callCommand, callsCommand } from './calls.js'
import type { Cli } from './context.js'
import { doctorCommand } from './doctor.js'
import { CliError, exitCodes } from './exit.js'
import { explain } from './explain.js'
import { exitCodeHelp } from './help.js'
import { keysCommand } from './keys.js'
import { numbersCommand } from './phone-numbers.js'
import { secretsCommand } from './secrets.js'
import { serveCommand } from './serve.js'
import { sessionsCommand } from './sessions.js'
import { talkCommand } from './talk.js'
import { tokenCommand } from './token.js'
import { twilioCommand } from './twilio.js'
import { voicesCommand } from './voices.js'
import { webhooksCommand } from './webhooks.js'

export function program(cli: Cli, version: string): Command {
  const root = new Command('parley')
    .description('Parley: the open, self-hosted voice-agent server.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .helpCommand('help [command]', 'explain a command')
    .addCommand(serveCommand(cli))
    .addCommand(talkCommand(cli))
    .addCommand(agentsCommand(cli))
    .addCommand(sessionsCommand(cli))
    .addCommand(keysCommand(cli))
    .addCommand(accountsCommand(cli))
    .addCommand(tokenCommand(cli))
    .addCommand(voicesCommand(cli))
    .addCommand(secretsCommand(cli))
    .addCommand(webhooksCommand(cli))
    .addCommand(callCommand(cli))
    .addCommand(callsCommand(cli))
    .addCommand(numbersCommand(cli))
    .addCommand(twilioCommand(cli))
    .addCommand(doctorCommand(cli))
  for (const command of everyCommand(root)) prepare(command, cli)
  return root
}

/** Runs one command line (without `node` and the program's name). Resolves with the exit code; never rejects. */
export async function run(args: readonly string[], cli: Cli, version: string): Promise<number> {
  try {
    await program(cli, version).parseAsync(args, { from: 'user' })
    return exitCodes.ok.code
  } catch (error) {
    // commander has said by itself what is wrong with the command line
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code
    const failure = error instanceof CliError ? error : explain(error)
    cli.terminal.fail(failure.message)
    return failure.exitCode
  }
}

/** The command and all below it, in the order of the help. */
export const everyCommand = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap((child) => everyCommand(child)),
]

function prepare(command: Command, { terminal }: Cli): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text) => terminal.fail(complaint(text, command)),
    })
    .addHelpText('after', () => `\n${exitCodeHelp()}`)
}

/** As it is typed: `parley agents list`. */
export const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name()

/** What commander says, without the value of an option that it does not know: that may be a mistyped `--key`. */
function complaint(text: string, command: Command): string {
  const said = text
    .replace(/^error: /, '')
    .replace(/(--?[\w-]+)=[^']*'/g, "$1'")
    .replace(/\s+/g, ' ')
    .trim()
  const name = fullName(command)
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.!?)]$/.test(said) ? '' : '.'} See \`${name} --help\`.`
}

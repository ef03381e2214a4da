// Examples that belong to a command, shown by its `--help` and in docs/cli.md.
import type { Command } from 'commander'
import { exitCodes } from './exit.js'

export interface Example {
  readonly does: string
  readonly line: string
}

const examples = new WeakMap<Command, readonly Example[]>()

export function withExamples(command: Command, given: readonly Example[]): Command {
  examples.set(command, given)
  const shown = given.map(({ does, line }) => `  # ${does}\n  ${line}`).join('\n')
  return command.addHelpText('after', `\nExamples:\n${shown}`)
}

export const examplesOf = (command: Command): readonly Example[] => examples.get(command) ?? []

/** The part of `--help` that lists the exit codes. */
export const exitCodeHelp = (): string =>
  ['Exit codes:', ...Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(5)}${meaning}`)].join(
    '\n',
  )

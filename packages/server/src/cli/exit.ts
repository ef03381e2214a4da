// What the exit codes of the command mean, and the one error that carries them.

/** Every exit code of `parley`; `--help` and docs/cli.md list them from here. */
export const exitCodes = {
  ok: { code: 0, meaning: 'it worked' },
  failed: { code: 1, meaning: 'it did not work; the message says why' },
  usage: { code: 2, meaning: 'the command line, a setting, a file or a value in it cannot be used' },
  unreachable: { code: 3, meaning: 'no server answers at the address' },
  unauthorized: { code: 4, meaning: 'the server does not accept the API key, or not for this' },
  notFound: { code: 5, meaning: 'there is no such agent, session, key or page' },
  engine: { code: 6, meaning: 'an engine (speech, language model, voice) failed' },
  interrupted: { code: 130, meaning: 'stopped with Ctrl-C' },
} as const

export type Exit = keyof typeof exitCodes

/** Why the command ends without success. The message is what the user reads: what is wrong and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError'

  constructor(
    readonly exit: Exit,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  get exitCode(): number {
    return exitCodes[this.exit].code
  }
}

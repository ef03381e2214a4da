// The command as a child process, as a user would run it.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cli } from '../../dist/cli/context.js'
import { run } from '../../dist/cli/program.js'
import { Terminal } from '../../dist/cli/terminal.js'
import { systemClock } from '../../dist/session/clock.js'

export const cliPath = fileURLToPath(new URL('../../bin/parley.mjs', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly cwd?: string
  /** Called with the process id once something was printed. */
  readonly onOutput?: (pid: number) => void
}

/** Runs a program with nothing of Parley in its environment but what is given. */
export function spawned(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PARLEY_|OPENAI_|NO_COLOR|NODE_)/.test(name))
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...Object.fromEntries(inherited), ...options.env },
      cwd: options.cwd,
      stdio: 'pipe',
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (data) => {
      if (out.push(data) === 1) options.onOutput?.(child.pid!)
    })
    child.stderr.on('data', (data) => err.push(data))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) }),
    )
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
  })
}

export const parley = (args: readonly string[], options?: RunOptions): Promise<Ran> =>
  spawned(process.execPath, [cliPath, ...args], options)

/** The same within this process: quicker, and with the server and its files given in the arguments alone. */
export async function parleyHere(args: readonly string[], changed: Partial<Cli> = {}): Promise<Ran> {
  const written = { out: '', err: '' }
  const screen = (stream: keyof typeof written) => ({ write: (text: string) => (written[stream] += text) })
  const code = await run(
    args,
    { ...unused, ...changed, terminal: new Terminal(screen('out'), screen('err'), {}) },
    '0.0.0',
  )
  return { code, stdout: written.out, stderr: written.err }
}

const unused: Omit<Cli, 'terminal'> = {
  clock: systemClock(),
  services: {
    startServer: () => Promise.reject(new Error('This test starts no server.')),
    loadEngine: () => Promise.reject(new Error('This test loads no engine.')),
    createKey: () => Promise.reject(new Error('This test makes no key.')),
  },
  environment: {},
  stdin: (async function* () {})(),
  onSignal: () => () => {},
  exit: (code) => {
    throw new Error(`The process was to exit at once with ${code}.`)
  },
}

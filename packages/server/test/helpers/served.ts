// `parley serve` as a process of its own, with scripted engines unless told otherwise.
import { type ChildProcess, spawn } from 'node:child_process'
import { cliPath } from '../cli/parley.js'
import { scriptedEngines } from './server.js'

/** An API key that it accepts. */
export const KEY = 'test-key-0123456789abcdef'
const START_WITHIN_MS = 60_000
const running = new Set<ChildProcess>()

/** Ends every server that still runs, as a test file is over. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Served {
  readonly #child: ChildProcess
  readonly ended: Promise<Ended>
  readonly url: Promise<string>

  constructor(environment: Readonly<Record<string, string>>) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(PARLEY_|OPENAI_|NODE_|DATABASE_)/.test(name))
    const child = spawn(process.execPath, [cliPath, 'serve'], {
      env: {
        ...Object.fromEntries(inherited),
        PORT: '0',
        PARLEY_API_KEY: KEY,
        LOG_LEVEL: 'warn',
        ...scriptedEngines,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    this.#child = child
    const printed = { stdout: '', stderr: '' }
    child.stderr.on('data', (data) => {
      printed.stderr += data
    })
    this.ended = new Promise((resolve) =>
      child.once('close', (code) => {
        running.delete(child)
        resolve({ code, ...printed })
      }),
    )
    this.url = new Promise((resolve, reject) => {
      child.stdout.on('data', (data) => {
        printed.stdout += data
        const [url] = /http:\/\/[\d.:]+/.exec(printed.stdout) ?? []
        if (url) resolve(url)
      })
      void this.ended.then(({ code, stderr }) => reject(new Error(`It ended with ${code}: ${stderr}`)))
      setTimeout(() => reject(new Error(`It did not start: ${printed.stderr}`)), START_WITHIN_MS).unref()
    })
    // a server that is meant not to start has no address, and nobody asks for it
    this.url.catch(() => {})
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}

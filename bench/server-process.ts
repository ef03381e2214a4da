// A server in a process of its own: started on a free port, its log read, its CPU time counted.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const START_WITHIN_MS = 60_000

export interface LogLine {
  readonly msg?: string
  readonly [field: string]: unknown
}

export interface ServerProcess {
  readonly url: string
  readonly key: string
  readonly pid: number
  readonly log: readonly LogLine[]
  /** CPU time of the process and all its children so far, in ms. */
  cpuMs(): number
  /** Memory of the process and all its children, in MB. */
  memoryMb(): number
  stop(): Promise<void>
}

/** Starts `parley serve` and waits until every engine has loaded. */
export async function startServer(environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const key = randomBytes(24).toString('hex')
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'))
  const server = await startProcess(['--max-semi-space-size=64', join(root, 'packages/server/dist/cli.js'), 'serve'], {
    PORT: '0',
    PARLEY_DATA_DIR: folder,
    PARLEY_API_KEY: key,
    LOG_LEVEL: 'debug',
    PARLEY_MAX_SESSIONS: '5000',
    ...environment,
  })
  for (const end = Date.now() + START_WITHIN_MS; ; ) {
    const ready = await fetch(`${server.url}/readyz`).catch(() => undefined)
    if (ready?.ok) break
    if (Date.now() > end) throw new Error(`The server did not become ready: ${await ready?.text()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    ...server,
    key,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts a Node program that prints a line with its `http://127.0.0.1:<port>`. */
export async function startProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Omit<ServerProcess, 'key'>> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: LogLine[] = []
  const url = await new Promise<string>((resolve, reject) => {
    const errors: string[] = []
    const read = (line: string) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (found) resolve(found)
      if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine)
      else errors.push(line)
    }
    createInterface({ input: child.stdout }).on('line', read)
    createInterface({ input: child.stderr }).on('line', read)
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}: ${errors.slice(-10).join('\n')}`)))
  })
  const pid = child.pid!
  return {
    url,
    pid,
    log,
    cpuMs: () => sum(family(pid), cpuMsOf),
    memoryMb: () => sum(family(pid), memoryMbOf),
    stop: () => stop(child),
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGINT')
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref()
  })
}

const sum = (pids: readonly number[], figureOf: (pid: number) => number) =>
  pids.reduce((total, pid) => total + figureOf(pid), 0)

/** A process and what it has started, by the kernel's own list. */
function family(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))?.[1] ?? 0)]),
  )
  const members = [pid]
  for (const member of members) for (const [child, parent] of parents) if (parent === member) members.push(child)
  return members
}

/** The fields of /proc/<pid>/stat after the name: state, parent, …; undefined once it has ended. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return undefined
  }
}

const MS_PER_TICK = 10
const PAGE_MB = 4096 / 1024 / 1024
const cpuMsOf = (pid: number) => {
  const stat = statOf(pid)
  return stat ? (Number(stat[11]) + Number(stat[12])) * MS_PER_TICK : 0
}
const memoryMbOf = (pid: number) => Number(statOf(pid)?.[21] ?? 0) * PAGE_MB

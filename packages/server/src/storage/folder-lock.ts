// The lock of a data folder: one server at a time, and none that died keeps it.
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const Holder = z.object({ pid: z.number().int(), start: z.string() })
type Holder = z.infer<typeof Holder>

/** Another server works in the folder; the message says which. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError'
}

/**
 * Takes the lock of the folder `dataDir`, which is made if it is missing, or throws a `FolderInUseError`.
 * Returns what gives it back. The lock of a process that has ended, however it ended, is taken over.
 */
export function lockFolder(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true })
  const path = join(resolve(dataDir), 'server.lock')
  const own = `${path}.${randomUUID()}`
  writeFileSync(own, JSON.stringify({ pid: process.pid, start: startOf(process.pid) ?? '' } satisfies Holder))
  try {
    acquire(path, own, resolve(dataDir))
  } finally {
    rmSync(own, { force: true })
  }
  return () => rmSync(path, { force: true })
}

/**
 * Makes `path` a second name of the file `own`, which is what having the lock means. A link appears at once and
 * complete, or not at all. Who takes over a dead lock must first have the lock of doing so, named after the dead
 * one; so of several that try at once only one replaces it, and never a living one.
 */
function acquire(path: string, own: string, folder: string): void {
  for (;;) {
    if (tryLink(own, path)) return
    const found = read(path)
    if (found === undefined) continue
    const holder = parse(found)
    if (holder && isAlive(holder)) throw inUse(holder, folder)
    const claim = `${path}.after-${createHash('sha256').update(found).digest('hex').slice(0, 12)}`
    acquire(claim, own, folder)
    if (read(path) === found) {
      renameSync(claim, path)
      return
    }
    rmSync(claim, { force: true })
  }
}

const inUse = ({ pid }: Holder, folder: string): FolderInUseError =>
  new FolderInUseError(
    `Another server (process ${pid}) uses the data folder ${folder}. ` +
      'Stop it, give this one another folder with PARLEY_DATA_DIR, or let both use one PostgreSQL with DATABASE_URL.',
  )

function tryLink(existing: string, path: string): boolean {
  try {
    linkSync(existing, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

function parse(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** Whether the process that took the lock still runs. Numbers of processes are used again, so its start must agree too. */
function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false
  }
  const now = startOf(pid)
  return now === undefined || now === start
}

/** What tells a process from every other that had or will have its number; undefined where that cannot be known. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      // The name of the program stands in brackets and may hold anything; the start is the 20th field after it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
      return `${boot} ${readlinkSync(`/proc/${pid}/ns/pid`)} ${started}`
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

// What a fault leaves behind: sessions, timers, sockets, open files and files of sessions, against what there was before.
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TestServer } from '../helpers/server.js'

const SETTLED_WITHIN_MS = 12_000
const LOOK_EVERY_MS = 25
/** Looks that must find nothing new one after the other. */
const LOOKS = 3

type Counts = Readonly<Record<string, number>>

export interface Leaks {
  /** Waits until nothing is left of what came since `before`; throws with what is. `pooled`: connections that may stay. */
  settled(pooled?: () => number): Promise<void>
}

/** Remembers what there is now, once that is at rest. */
export async function leaksSince(server: TestServer): Promise<Leaks> {
  const before = await atRest(server)
  return {
    async settled(pooled = () => 0) {
      let found: string[] = []
      let clean = 0
      for (const end = performance.now() + SETTLED_WITHIN_MS; clean < LOOKS; await pause()) {
        found = leftOver(before, countsOf(server), pooled())
        clean = found.length === 0 ? clean + 1 : 0
        if (performance.now() > end) throw new Error(`Something is left behind: ${found.join(', ')}`)
      }
    },
  }
}

function leftOver(before: Counts, now: Counts, pooled: number): string[] {
  return Object.entries(now).flatMap(([what, count]) => {
    const more = count - (before[what] ?? 0) - (poolable.has(what) ? pooled : 0)
    return more > 0 ? [`${more} × ${what}`] : []
  })
}

/** The files of a connection that is kept for the next query. */
const poolable: ReadonlySet<string> = new Set(['TCPSocketWrap', 'Timeout', 'open socket'])

async function atRest(server: TestServer): Promise<Counts> {
  let last = countsOf(server)
  for (let same = 0; same < 2 * LOOKS; ) {
    await pause()
    const next = countsOf(server)
    same = JSON.stringify(next) === JSON.stringify(last) ? same + 1 : 0
    last = next
  }
  return last
}

function countsOf(server: TestServer): Counts {
  const resources = process.getActiveResourcesInfo().filter((type) => !isPassing.has(type))
  const sessions = Array<string>(server.sessions()).fill('session')
  return counted([...sessions, ...resources, ...openFiles(server.folder), ...filesOfSessions(server.folder)])
}

/** Requests under way for a moment: to read a file, to resolve a name. */
const isPassing: ReadonlySet<string> = new Set(['Immediate', 'FSReqPromise', 'FSReqCallback', 'CloseReq'])

/** Of this process, without those of the embedded database, which keeps files open as it likes. */
function openFiles(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`)
      if (target.startsWith(join(folder, 'database')) || target.includes('/proc/')) return []
      return [target.startsWith('socket:') ? 'open socket' : `open file ${target}`]
    } catch {
      // it was closed just now, as is the one that the folder was read by
      return []
    }
  })
}

/** Of sessions that run, and files that are not finished. */
const filesOfSessions = (folder: string): string[] => [
  ...entries(join(folder, 'recordings', 'open')).map(() => 'unfinished recording'),
  ...entries(join(folder, 'recordings', 'kept'), true)
    .filter((name) => name.endsWith('.part'))
    .map(() => 'unfinished file'),
]

const entries = (folder: string, recursive = false): string[] =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder, { recursive, encoding: 'utf8' }) : []

function counted(names: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))

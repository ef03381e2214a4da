// What is done for sessions from time to time: saying which are alive, closing those that are not, deleting what is due.
import type { Clock } from '../session/clock.js'
import type { LostSession, SessionRecords, StoredArtifact, StoredSession } from '../storage/store.js'

/** How often a server says which sessions it holds. */
export const ALIVE_EVERY_MS = 20_000
/** A session of which no server has said so for this long has lost its server. */
export const LOST_AFTER_MS = 75_000
/** How often sessions are deleted whose time is over, in rounds of the one above. */
const DELETE_EVERY_ROUNDS = 15
/** How long the row of a deleted session stays, for servers that still have something of it. */
const FORGET_AFTER_SECONDS = 24 * 60 * 60
/** At most so many rows at once, so that nobody waits for the database. */
const BATCH = 200
/** What could not be written down yet; beyond this the oldest is given up. */
const MOST_UNWRITTEN = 10_000

export interface UpkeepPorts {
  readonly clock: Clock
  readonly sessions: Pick<SessionRecords, 'seen' | 'closeOrphans' | 'expire' | 'uncleared' | 'forget'>
  /** After how many days a session goes whose agent says nothing of it; 0: never. */
  readonly retentionDays: number
  /** Whether no other server shares the database: what is open at the start is then nobody's. */
  readonly isAlone: boolean
  /** Where files lie that this server can delete. */
  readonly places: readonly StoredArtifact['place'][]
  live(): readonly string[]
  resumable(): Promise<readonly string[]>
  /** It has lost its server and was closed. */
  lost(session: LostSession): void
  clear(session: Pick<StoredSession, 'id' | 'artifacts'>): Promise<void>
  sweep(): Promise<void>
  warn(error: unknown, message: string): void
}

export class Upkeep {
  readonly #ports: UpkeepPorts
  /** The last thing that was written of a session, done or not. */
  readonly #writing = new Map<string, Promise<void>>()
  /** What is to be written of each, in its order. */
  readonly #unwritten = new Map<string, (() => Promise<void>)[]>()
  #running: Promise<void> = Promise.resolve()
  #cancel: () => void = () => {}
  #isClosed = false
  #rounds = 0

  constructor(ports: UpkeepPorts) {
    this.#ports = ports
  }

  async start(): Promise<void> {
    await this.#closeOrphans(this.#ports.isAlone ? undefined : this.#longAgo())
    await this.#tend()
    this.#wake()
  }

  /** Writes something of a session down, after what was written of it before; tried again in each round until it works. */
  record(id: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(id) ?? Promise.resolve()
    const done = before
      .then(() => this.#write(id, write))
      .catch((error: unknown) => {
        this.#unwritten.set(id, [write])
        const [oldest] = this.#unwritten.keys()
        if (oldest !== undefined && this.#unwritten.size > MOST_UNWRITTEN) this.#unwritten.delete(oldest)
        this.#ports.warn(error, 'A session could not be written down; it will be tried again.')
      })
      .finally(() => {
        if (this.#writing.get(id) === done) this.#writing.delete(id)
      })
    this.#writing.set(id, done)
    return done
  }

  /** The round that runs is finished first. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel()
    await this.#running
    await Promise.all(this.#writing.values())
    await this.#retry()
  }

  #wake(): void {
    if (this.#isClosed) return
    const { clock } = this.#ports
    this.#cancel = clock.wake(clock.now() + ALIVE_EVERY_MS, () => {
      this.#running = this.#round().finally(() => this.#wake())
    })
  }

  async #round(): Promise<void> {
    const { clock, sessions, live, warn } = this.#ports
    this.#rounds += 1
    await sessions
      .seen(live(), new Date(clock.unixMs()))
      .catch((error) => warn(error, 'The database was not told which sessions are alive.'))
    await this.#retry()
    await this.#closeOrphans(this.#longAgo())
    if (this.#rounds % DELETE_EVERY_ROUNDS === 0) await this.#tend()
  }

  /** Where something of the session waits already, this waits behind it. */
  async #write(id: string, write: () => Promise<void>): Promise<void> {
    const waiting = this.#unwritten.get(id)
    if (waiting) waiting.push(write)
    else await write()
  }

  async #retry(): Promise<void> {
    const waiting = [...this.#unwritten]
    this.#unwritten.clear()
    for (const [id, writes] of waiting) for (const write of writes) await this.record(id, write)
  }

  #longAgo(): Date {
    return new Date(this.#ports.clock.unixMs() - LOST_AFTER_MS)
  }

  async #closeOrphans(unseenSince: Date | undefined): Promise<void> {
    const { sessions, live, resumable, lost, warn } = this.#ports
    try {
      const except = [...live(), ...(await resumable())]
      for (const session of await sessions.closeOrphans(unseenSince, except)) lost(session)
    } catch (error) {
      warn(error, 'Sessions that have lost their server could not be closed.')
    }
  }

  /** Deletes what is due and finishes what was left; a fault leaves the rest for the next time. */
  async #tend(): Promise<void> {
    const { clock, sessions, retentionDays, places, clear, sweep, warn } = this.#ports
    try {
      const now = new Date(clock.unixMs())
      while ((await sessions.expire(now, retentionDays, BATCH)) === BATCH && !this.#isClosed);
      await sweep()
      // one that cannot be deleted does not keep the others
      for (const session of await sessions.uncleared(places, BATCH))
        await clear(session).catch((error) => warn(error, 'The files of a deleted session are not gone yet.'))
      while ((await sessions.forget(FORGET_AFTER_SECONDS, BATCH)) === BATCH && !this.#isClosed);
    } catch (error) {
      warn(error, 'The care of finished sessions was interrupted; it goes on later.')
    }
  }
}

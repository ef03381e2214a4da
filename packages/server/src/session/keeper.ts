// Stores conversations while they go on, so that a session survives the server that holds it.
import type { Conversation, Effect, Event, Live, Millis } from '@parley/conversation'
import { durationMs, type Encoding, type HistorySettings, type SessionConfig } from '@parley/protocol'
import type { Conversations, Hash } from '../storage/store.js'
import type { Clock } from './clock.js'
import { isNews, mayBeStored, parseState, stateOf } from './keeping.js'
import type { SessionObserver } from './observer.js'
import type { Departure, StoredSession } from './ports.js'

/** How often a server that holds sessions gives a sign of life. */
export const BEAT_MS: Millis = 1_000
const FORGET_EVERY_MS: Millis = 600_000
const RETRY_AFTER_MS: Millis = 1_000
/** How long the end of the server waits for what is still to be stored. */
const FLUSH_WITHIN_MS: Millis = 5_000

export interface KeeperPorts {
  readonly clock: Clock
  readonly conversations: Omit<Conversations, 'resumable' | 'forget'>
  /** This server, told apart from every other that ever was. */
  readonly holder: string
  log(level: 'warn', message: string, fields: Readonly<Record<string, unknown>>): void
  /** Another server has taken the session over. */
  takenOver(sessionId: string): void
}

export interface Followed {
  readonly id: string
  readonly accountId: string
  /** The stored key that it was opened with, by itself or by a token of it. */
  readonly keyId?: string | undefined
  readonly tokenHash: Hash | undefined
  /** Sound received before, by another server. */
  readonly audioHeardMs: Millis
}

export interface KeptSession extends SessionObserver {
  /** Resolves when all that happened so far is stored, or is given up; undefined when nothing waits. */
  stored(): Promise<void> | undefined
}

interface Claimed extends Pick<Followed, 'keyId' | 'tokenHash'> {
  readonly stored: StoredSession
}

export class Keeper {
  readonly #ports: KeeperPorts
  readonly #kept = new Map<string, Kept>()
  #cancelBeat: (() => void) | undefined
  #forgotAt = Number.NEGATIVE_INFINITY

  constructor(ports: KeeperPorts) {
    this.#ports = ports
  }

  /** Stores what the session comes to from now on. */
  follow(session: Followed): KeptSession {
    const kept = new Kept(this.#ports, session, () => this.#kept.delete(session.id))
    this.#kept.set(session.id, kept)
    if (!this.#cancelBeat) this.#beat()
    return kept
  }

  /** Whether the session would survive this server. */
  keeps(id: string): boolean {
    return this.#kept.get(id)?.isStored ?? false
  }

  /** Whose stored session it is, if it is not one that is just being forgotten. */
  async find(id: string): ReturnType<Conversations['find']> {
    await this.#kept.get(id)?.stored()
    return this.#ports.conversations.find(id)
  }

  openedWith(tokenHash: Hash): Promise<string | undefined> {
    return this.#ports.conversations.openedWith(tokenHash)
  }

  /** Takes a stored session over, from a server that is no more or from one that lives; undefined when its grace is over. */
  async claim(id: string): Promise<Claimed | undefined> {
    const { clock, conversations, holder } = this.#ports
    const claimed = await conversations.claim(id, holder)
    const state = claimed && parseState(claimed.state)
    if (!state) return undefined
    const { conversation } = state
    const now = clock.unixMs() - conversation.start.startedAtUnixMs
    // the server may have lived until just before its next sign of life, and sound may have been heard until then
    const lostAt = now - Math.max(0, claimed.silentForMs - BEAT_MS)
    const { connection, start, endsAt } = conversation
    if ((connection.is === 'down' ? connection.until : lostAt + start.grace) <= now || endsAt <= now) {
      await conversations.remove(id, holder)
      return undefined
    }
    const { agentId, keyId, tokenHash } = claimed
    return { stored: { ...state, agentId, lostAt }, keyId, tokenHash }
  }

  /** Resolves when all that happened so far is stored, or when that takes too long. */
  async flush(): Promise<void> {
    const { clock } = this.#ports
    let cancel = () => {}
    const patience = new Promise<void>((resolve) => {
      cancel = clock.wake(clock.now() + FLUSH_WITHIN_MS, resolve)
    })
    await Promise.race([Promise.all([...this.#kept.values()].map((kept) => kept.stored())), patience])
    cancel()
  }

  close(): void {
    this.#cancelBeat?.()
    for (const kept of this.#kept.values()) kept.close()
  }

  /** While it holds sessions the server says that it lives. */
  readonly #beat = (): void => {
    const { clock, conversations, holder } = this.#ports
    this.#cancelBeat = undefined
    if (this.#kept.size === 0) return
    const isDue = clock.now() - this.#forgotAt >= FORGET_EVERY_MS
    if (isDue) this.#forgotAt = clock.now()
    Promise.all([conversations.alive(holder), isDue && conversations.forgetOld()]).catch(this.#failed)
    this.#cancelBeat = clock.wake(clock.now() + BEAT_MS, this.#beat)
  }

  readonly #failed = (error: unknown): void =>
    this.#ports.log('warn', 'The sign of life of this server could not be stored.', { error: String(error) })
}

/** One conversation on its way to the store: at most one write runs, and the next one takes all that came meanwhile. */
class Kept implements KeptSession {
  readonly #ports: KeeperPorts
  readonly #session: Followed
  readonly #gone: () => void
  #agentId: string | undefined
  #history: HistorySettings | undefined
  #encoding: Encoding = 'audio/pcm'
  #bytesHeard = 0
  #isAllowed = false
  #latest: Live | undefined
  /** What is to be done next. */
  #due: 'nothing' | 'put' | 'remove' | 'expire' = 'nothing'
  #isLeaving = false
  #working: Promise<void> | undefined
  #isClosed = false
  #wake = () => {}

  constructor(ports: KeeperPorts, session: Followed, gone: () => void) {
    this.#ports = ports
    this.#session = session
    this.#gone = gone
  }

  get isStored(): boolean {
    return this.#isAllowed && this.#latest !== undefined
  }

  prepared(config: SessionConfig, agentId: string | undefined, history: HistorySettings | undefined): void {
    this.#agentId = agentId
    this.#history = history
    this.#encoding = config.input.format.encoding
    this.#isAllowed = mayBeStored(history)
    // the agent may have been told so since another server stored it
    if (!this.#isAllowed) this.#order('remove')
  }

  heard(bytes: Uint8Array): void {
    this.#bytesHeard += bytes.length
  }

  stepped(_event: Event, _effects: readonly Effect[], conversation: Conversation): void {
    if (!this.#isAllowed || conversation.phase !== 'live' || !isNews(this.#latest, conversation)) return
    this.#latest = conversation
    this.#order('put')
  }

  suspended(): void {
    this.#isLeaving = true
    if (!this.#working) this.#gone()
  }

  over(reason: Exclude<Departure, 'suspended'>): void {
    this.#isLeaving = true
    if (!this.isStored) return this.#gone()
    this.#order(reason === 'max_duration' ? 'expire' : 'remove')
  }

  stored(): Promise<void> | undefined {
    return this.#working
  }

  /** What is not stored by now is given up; whoever waits for it waits no longer. */
  close(): void {
    this.#isClosed = true
    this.#wake()
  }

  #order(what: 'put' | 'remove' | 'expire'): void {
    this.#due = what
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      if (this.#isLeaving) this.#gone()
    })
  }

  async #work(): Promise<void> {
    // all that this moment brings goes in one write
    await Promise.resolve()
    for (let due = this.#take(); due !== 'nothing' && !this.#isClosed; due = this.#take()) {
      try {
        await this.#perform(due)
      } catch (error) {
        const { log } = this.#ports
        log('warn', 'A conversation could not be stored.', { session: this.#session.id, error: String(error) })
        if (this.#due === 'nothing') this.#due = due
        if (!this.#isClosed) await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    const { clock } = this.#ports
    return new Promise((resolve) => {
      const cancel = clock.wake(clock.now() + RETRY_AFTER_MS, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  #take(): 'nothing' | 'put' | 'remove' | 'expire' {
    const due = this.#due
    this.#due = 'nothing'
    return due
  }

  async #perform(what: 'put' | 'remove' | 'expire'): Promise<void> {
    const { conversations, holder, takenOver } = this.#ports
    const { id, accountId, keyId, tokenHash } = this.#session
    if (what !== 'put') return conversations[what](id, holder)
    const conversation = this.#latest!
    const { start, endsAt } = conversation
    const audioHeardMs = this.#session.audioHeardMs + durationMs(this.#encoding, this.#bytesHeard)
    const isOurs = await conversations.put({
      id,
      accountId,
      agentId: this.#agentId,
      keyId,
      holder,
      tokenHash,
      expiresAtUnixMs: start.startedAtUnixMs + endsAt,
      state: stateOf({ conversation, audioHeardMs, history: this.#history }),
    })
    if (isOurs) return
    this.#due = 'nothing'
    takenOver(id)
  }
}

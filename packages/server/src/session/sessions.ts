// Who is here: opens sessions, finds those that can be resumed, counts them, and sees them out when the server stops.
import { randomBytes } from 'node:crypto'
import type { Millis } from '@parley/conversation'
import { type Problem, problem } from '@parley/protocol'
import { Known } from '../admission/known.js'
import type { Hash } from '../storage/store.js'
import type { Clock } from './clock.js'
import type { Followed, Keeper } from './keeper.js'
import type { SessionObserver } from './observer.js'
import { type Owner, Places } from './places.js'
import { type Channel, type Departure, type Line, Session, type SessionPorts, type SessionStart } from './session.js'

export interface SessionsSettings {
  readonly most: number
  /** `Infinity`: no limit but `most`. */
  readonly mostPerAccount: number
  readonly cap: Millis
  readonly firstMessageWithin: Millis
  /** How long a session outlives its connection; 0: not at all. */
  readonly grace: Millis
  /** After how much silence on both sides a session ends; undefined: never. */
  readonly idleAfter: Millis | undefined
  readonly defaultVoice: string
  /** What the agent says when its language model fails. */
  readonly apology?: string
}

type Own = 'line' | 'findAgent' | 'left' | 'over' | 'log' | 'observers' | 'resumeToken' | 'stored'

export type SessionsPorts = Omit<SessionPorts, Own> & {
  readonly clock: Clock
  readonly keeper: Keeper
  readonly log: (session: string) => SessionPorts['log']
  resumeToken(sessionId: string): string
  findAgent(accountId: string, agentId: string): ReturnType<SessionPorts['findAgent']>
  /** Those who follow a session that opens now, or that was revived. */
  observe(session: { readonly id: string; readonly accountId: string }): readonly SessionObserver[]
  opened(): void
  ended(reason: Departure): void
}

/** An account that may open sessions. */
export interface Peer extends Owner {
  /** The token's own cap, in ms. */
  readonly cap?: Millis | undefined
  /** Of the temporary token that let it in. */
  readonly tokenHash?: Hash | undefined
}

/** The holder of a token that resumes one session, and does nothing else. */
export interface Returning {
  readonly resumes: string
}

export type Visitor = Peer | Returning

/** What a resume is answered with that finds nothing. */
export const NOT_FOUND = problem('session_not_found', {
  message: 'No session with this id can be resumed. Open a new one with session.update.',
  param: 'session_id',
})

/** Of how many accounts that are gone it is known, for those who were let in just before. */
const GONE_REMEMBERED = 1_000

interface Present {
  readonly session: Session
  readonly owner: Owner
  readonly tokenHash: Hash | undefined
}

export class Sessions {
  readonly #ports: SessionsPorts
  readonly #settings: SessionsSettings
  readonly #present = new Map<string, Present>()
  readonly #reviving = new Map<string, Promise<Present | undefined>>()
  readonly #places: Places
  readonly #gone = new Known(GONE_REMEMBERED)
  #isDraining = false
  #whenChanged: () => void = () => {}

  constructor(ports: SessionsPorts, settings: SessionsSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#places = new Places(settings.mostPerAccount)
  }

  get size(): number {
    return this.#present.size
  }

  /** Why `peer` can open no session now; undefined while it can. One that is resumed has its place already. */
  refusal(peer: Peer): Problem | undefined {
    if (this.#isDraining) return STOPPING
    if (this.#gone.has(peer.accountId)) return ACCOUNT_GONE
    if (this.#present.size < this.#settings.most) return this.#places.refusal(peer)
    return {
      code: 'at_capacity',
      message: `The server holds its most sessions, ${this.#settings.most}. Try again later.`,
    }
  }

  /** `channel`: what kind of peer it is, where it does not speak the protocol itself. */
  open(line: Line, { cap, tokenHash, ...owner }: Peer, channel?: Channel): Session {
    const { most: _, mostPerAccount: __, ...settings } = this.#settings
    const id = `sess_${randomBytes(16).toString('hex')}`
    const start: SessionStart = {
      ...{ ...settings, id, cap: Math.min(cap ?? settings.cap, settings.cap) },
      ...(channel?.confirmsPlayout && { confirmsPlayout: true }),
      ...(channel?.readyWithin !== undefined && { readyWithin: channel.readyWithin }),
    }
    const ports = this.#portsOf({ id, ...owner, tokenHash, audioHeardMs: 0 }, channel)
    const session = Session.open({ ...ports, line }, start)
    this.#enter({ session, owner, tokenHash })
    return session
  }

  /** The session with this id, for who may resume it: here already, or revived from what was stored of it. */
  async find(id: string, visitor: Visitor): Promise<Session | Problem> {
    if (!/^sess_[0-9a-f]{32}$/.test(id)) return NOT_FOUND
    if ('resumes' in visitor && visitor.resumes !== id) return FORBIDDEN
    const mayResume = (accountId: string) => 'resumes' in visitor || visitor.accountId === accountId
    const here = this.#present.get(id)
    if (here?.session.isResumable) return mayResume(here.owner.accountId) ? here.session : FORBIDDEN
    const stored = await this.#ports.keeper.find(id)
    if (!stored) return NOT_FOUND
    if (!mayResume(stored.accountId)) return FORBIDDEN
    if (stored.isOver) return problem('session_expired', { param: 'session_id' })
    if (this.#isDraining) return STOPPING
    const revived = await this.#revived(id, stored.accountId)
    return revived?.session.isResumable ? revived.session : NOT_FOUND
  }

  /** The session that lost its connection and was opened with this token, which may then resume it (protocol.md 1.4). */
  async lostWith(tokenHash: Hash): Promise<string | undefined> {
    for (const [id, { session, tokenHash: own }] of this.#present)
      if (own && Buffer.compare(own, tokenHash) === 0) return session.isConnected ? undefined : id
    return this.#ports.keeper.openedWith(tokenHash)
  }

  /** Another server has taken the session over. */
  takenOver(id: string): void {
    this.#present.get(id)?.session.suspend()
  }

  /** Ends, in good order, whatever runs for an account that is there no more. */
  endAllOf(accountId: string): void {
    this.#gone.meet(accountId)
    for (const { session, owner } of [...this.#present.values()])
      if (owner.accountId === accountId) session.dispatch({ type: 'server.stopping' })
  }

  /**
   * No new sessions; those running may finish by themselves for `within`, then they are ended in good order. One that
   * nobody is connected to is not waited for: it is stored, and can be resumed when a server runs again.
   */
  async drain(within: Millis): Promise<void> {
    this.#isDraining = true
    const { clock, keeper } = this.#ports
    const alone = new Promise<void>((resolve) => {
      this.#whenChanged = () => {
        if ([...this.#present.values()].every(({ session }) => !session.isConnected)) resolve()
      }
    })
    const cancel = clock.wake(clock.now() + within, () => {
      for (const { session } of [...this.#present.values()])
        if (session.isConnected) session.dispatch({ type: 'server.stopping' })
    })
    this.#whenChanged()
    await alone
    cancel()
    for (const [id, { session }] of [...this.#present])
      if (keeper.keeps(id)) session.suspend()
      else session.dispatch({ type: 'server.stopping' })
    await keeper.flush()
  }

  /** However many ask for it at once, it is revived once. */
  #revived(id: string, accountId: string): Promise<Present | undefined> {
    const under = this.#reviving.get(id)
    if (under) return under
    const reviving = this.#revive(id, accountId).finally(() => this.#reviving.delete(id))
    this.#reviving.set(id, reviving)
    return reviving
  }

  async #revive(id: string, accountId: string): Promise<Present | undefined> {
    const claimed = await this.#ports.keeper.claim(id)
    if (!claimed) return this.#present.get(id)
    const { stored, tokenHash, keyId } = claimed
    const engines = this.#ports.engines.engines ?? (await this.#ports.engines.loaded)
    const agent = stored.agentId === undefined ? undefined : await this.#ports.findAgent(accountId, stored.agentId)
    // whoever follows the session is told of its end, so nobody may before it is certain to begin
    const ports = this.#portsOf({ id, accountId, keyId, tokenHash, audioHeardMs: stored.audioHeardMs })
    const session = Session.revive(ports, stored, agent, engines)
    const present = { session, owner: { accountId, keyId }, tokenHash }
    if (session.isResumable) this.#enter(present)
    if (this.#isDraining) session.suspend()
    return present
  }

  #portsOf(followed: Followed, channel?: Channel): SessionPorts {
    const { id, accountId } = followed
    const { keeper, resumeToken, log, observe, findAgent, ...shared } = this.#ports
    const canReturn = this.#settings.grace > 0
    const kept = canReturn ? keeper.follow(followed) : undefined
    return {
      ...shared,
      stored: () => kept?.stored(),
      resumeToken: canReturn ? resumeToken(id) : '',
      log: log(id),
      observers: [...observe({ id, accountId }), ...(kept ? [kept] : [])],
      findAgent: async (agentId) => {
        const agent = await findAgent(accountId, agentId)
        return agent && channel ? channel.adapt(agent) : agent
      },
      left: () => this.#whenChanged(),
      over: (reason) => this.#left(id, reason),
    }
  }

  #enter(present: Present): void {
    this.#present.set(present.session.id, present)
    this.#places.take(present.owner)
    this.#ports.opened()
  }

  #left(id: string, reason: Departure): void {
    const present = this.#present.get(id)
    if (!present) return
    this.#present.delete(id)
    this.#places.free(present.owner)
    this.#ports.ended(reason)
    this.#whenChanged()
  }
}

const ACCOUNT_GONE: Problem = { code: 'unauthorized', message: 'Authentication failed' }
const STOPPING: Problem = { code: 'at_capacity', message: 'The server is stopping. Try again in a moment.' }
const FORBIDDEN = problem('session_forbidden', { param: 'session_id' })

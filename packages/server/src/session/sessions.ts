// Who is here: opens sessions, counts them, and sees them out when the server stops.
import { randomBytes } from 'node:crypto'
import type { EndReason, Millis } from '@parley/conversation'
import type { Problem } from '@parley/protocol'
import type { Clock } from './clock.js'
import type { SessionObserver } from './observer.js'
import { type Owner, Places } from './places.js'
import { type Line, Session, type SessionPorts, type SessionStart } from './session.js'

export interface SessionsSettings {
  readonly most: number
  /** `Infinity`: no limit but `most`. */
  readonly mostPerAccount: number
  readonly cap: Millis
  readonly firstMessageWithin: Millis
  /** After how much silence on both sides a session ends; undefined: never. */
  readonly idleAfter: Millis | undefined
  readonly defaultVoice: string
}

export type SessionsPorts = Omit<SessionPorts, 'line' | 'findAgent' | 'over' | 'log' | 'observers'> & {
  readonly clock: Clock
  readonly log: (session: string) => SessionPorts['log']
  findAgent(accountId: string, agentId: string): ReturnType<SessionPorts['findAgent']>
  /** Those who follow a session that opens now. */
  observe(session: { readonly id: string; readonly accountId: string }): readonly SessionObserver[]
  opened(): void
  ended(reason: EndReason | 'refused'): void
}

export interface Peer extends Owner {
  /** The token's own cap, in ms. */
  readonly cap?: Millis | undefined
}

export class Sessions {
  readonly #ports: SessionsPorts
  readonly #settings: SessionsSettings
  readonly #sessions = new Map<Session, { readonly owner: Owner; hasPlace: boolean }>()
  readonly #places: Places
  #isDraining = false
  #whenEmpty: () => void = () => {}

  constructor(ports: SessionsPorts, settings: SessionsSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#places = new Places(settings.mostPerAccount)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Why `peer` can open no session now; undefined while it can. */
  refusal(peer: Peer): Problem | undefined {
    if (this.#isDraining) return { code: 'at_capacity', message: 'The server is stopping. Try again in a moment.' }
    if (this.#sessions.size < this.#settings.most) return this.#places.refusal(peer)
    return {
      code: 'at_capacity',
      message: `The server holds its most sessions, ${this.#settings.most}. Try again later.`,
    }
  }

  open(line: Line, peer: Peer): Session {
    const id = `sess_${randomBytes(16).toString('hex')}`
    const start: SessionStart = {
      id,
      cap: Math.min(peer.cap ?? this.#settings.cap, this.#settings.cap),
      firstMessageWithin: this.#settings.firstMessageWithin,
      idleAfter: this.#settings.idleAfter,
      defaultVoice: this.#settings.defaultVoice,
    }
    const session: Session = new Session(
      {
        ...this.#ports,
        line,
        log: this.#ports.log(id),
        observers: this.#ports.observe({ id, accountId: peer.accountId }),
        findAgent: (agentId) => this.#ports.findAgent(peer.accountId, agentId),
        over: (reason) => this.#left(session, reason),
      },
      start,
    )
    this.#sessions.set(session, { owner: peer, hasPlace: false })
    this.#ports.opened()
    return session
  }

  /**
   * The session is to begin: it takes its place, or there is none, because others that connected with it were quicker.
   * Connections alone take none.
   */
  begin(session: Session): Problem | undefined {
    const entry = this.#sessions.get(session)
    if (!entry || entry.hasPlace) return undefined
    const refusal = this.#places.refusal(entry.owner)
    if (refusal) return refusal
    this.#places.take(entry.owner)
    entry.hasPlace = true
    return undefined
  }

  /** Ends, in good order, whatever runs for an account that is there no more. */
  endAllOf(accountId: string): void {
    for (const [session, { owner }] of [...this.#sessions])
      if (owner.accountId === accountId) session.dispatch({ type: 'server.stopping' })
  }

  /** No new sessions; those running may finish by themselves for `within`, then they are ended in good order. */
  async drain(within: Millis): Promise<void> {
    this.#isDraining = true
    if (this.#sessions.size === 0) return
    const { clock } = this.#ports
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve
    })
    const cancel = clock.wake(clock.now() + within, () => {
      for (const session of [...this.#sessions.keys()]) session.dispatch({ type: 'server.stopping' })
    })
    await empty
    cancel()
  }

  #left(session: Session, reason: EndReason | 'refused'): void {
    const entry = this.#sessions.get(session)
    if (entry?.hasPlace) this.#places.free(entry.owner)
    this.#sessions.delete(session)
    this.#ports.ended(reason)
    if (this.#sessions.size === 0) this.#whenEmpty()
  }
}

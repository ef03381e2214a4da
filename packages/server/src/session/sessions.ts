// Who is here: opens sessions, counts them, and sees them out when the server stops.
import { randomBytes } from 'node:crypto'
import type { EndReason, Millis } from '@parley/conversation'
import type { Clock } from './clock.js'
import type { SessionObserver } from './observer.js'
import { type Line, Session, type SessionPorts, type SessionStart } from './session.js'

export interface SessionsSettings {
  readonly most: number
  readonly cap: Millis
  readonly firstMessageWithin: Millis
  readonly defaultVoice: string
  /** What the agent says when its language model fails. */
  readonly apology?: string | undefined
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

export interface Peer {
  readonly accountId: string
  /** The token's own cap, in ms. */
  readonly cap?: Millis | undefined
}

export class Sessions {
  readonly #ports: SessionsPorts
  readonly #settings: SessionsSettings
  readonly #sessions = new Set<Session>()
  #isDraining = false
  #whenEmpty: () => void = () => {}

  constructor(ports: SessionsPorts, settings: SessionsSettings) {
    this.#ports = ports
    this.#settings = settings
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Why no session can be opened now; undefined while one can. */
  refusal(): { code: 'at_capacity'; message: string } | undefined {
    if (this.#isDraining) return { code: 'at_capacity', message: 'The server is stopping. Try again in a moment.' }
    if (this.#sessions.size < this.#settings.most) return undefined
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
      defaultVoice: this.#settings.defaultVoice,
      apology: this.#settings.apology,
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
    this.#sessions.add(session)
    this.#ports.opened()
    return session
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
      for (const session of [...this.#sessions]) session.dispatch({ type: 'server.stopping' })
    })
    await empty
    cancel()
  }

  #left(session: Session, reason: EndReason | 'refused'): void {
    this.#sessions.delete(session)
    this.#ports.ended(reason)
    if (this.#sessions.size === 0) this.#whenEmpty()
  }
}

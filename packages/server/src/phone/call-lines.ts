// Which session goes on which call, and what the switchboard is told of it.
import type { Effect, Event } from '@parley/conversation'
import type { SessionObserver } from '../session/observer.js'
import type { Departure } from '../session/session.js'
import type { CarrierName, ConnectedLine, PhoneCall, Switchboard } from './call.js'

export interface CallLinesPorts {
  readonly switchboard: Pick<Switchboard, 'connected' | 'disconnected'>
  /** For the statistics: the session of a call is over. */
  ended(carrier: CarrierName, reason: Departure): void
}

interface Entry {
  readonly call: PhoneCall
  /** The one that it has, or had last. */
  readonly line: ConnectedLine
}

export class CallLines {
  readonly #ports: CallLinesPorts
  readonly #bySession = new Map<string, Entry>()

  constructor(ports: CallLinesPorts) {
    this.#ports = ports
  }

  /** How many sessions belong to a call. */
  get size(): number {
    return this.#bySession.size
  }

  connected(call: PhoneCall, sessionId: string, line: ConnectedLine): void {
    this.#bySession.set(sessionId, { call, line })
    this.#ports.switchboard.connected(call, sessionId, line)
  }

  /** The line is lost, and its session may be resumed; nothing happens when it is over, or when another line has taken the place. */
  lost(sessionId: string, line: ConnectedLine): void {
    const entry = this.#bySession.get(sessionId)
    if (entry?.line !== line) return
    this.#ports.switchboard.disconnected(entry.call, sessionId, undefined)
  }

  /** There is no place for a session of the call, or the one that it should go on with is gone. */
  refused(call: PhoneCall): void {
    this.#ports.ended(call.carrier, 'refused')
    this.#ports.switchboard.disconnected(call, call.sessionId, { reason: 'refused', transfer: undefined })
  }

  /** Follows any session; those that belong to no call are let be. */
  observe({ id }: { readonly id: string }): SessionObserver {
    let transfer: string | undefined
    return {
      stepped: (_event: Event, effects: readonly Effect[]) => {
        for (const effect of effects) if (effect.type === 'end') transfer = effect.transfer
      },
      suspended: () => this.#suspended(id),
      over: (reason) => this.#over(id, reason, transfer),
    }
  }

  /** Another server has the session, or will have it. */
  #suspended(id: string): void {
    const entry = this.#bySession.get(id)
    if (!entry) return
    this.#bySession.delete(id)
    this.#ports.switchboard.disconnected(entry.call, id, { reason: 'suspended', transfer: undefined })
  }

  #over(id: string, reason: Departure, transfer: string | undefined): void {
    const entry = this.#bySession.get(id)
    if (!entry) return
    this.#bySession.delete(id)
    this.#ports.ended(entry.call.carrier, reason)
    this.#ports.switchboard.disconnected(entry.call, id, { reason, transfer })
  }
}

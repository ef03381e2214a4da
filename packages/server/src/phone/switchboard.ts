// Who keeps the calls: lets lines in by their tickets, knows which line goes with which call, and writes down how calls end.
import { randomBytes } from 'node:crypto'
import { hashOf } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import type { Departure, SessionLog } from '../session/session.js'
import type { CallEnd, StoredCall } from '../storage/call-records.js'
import { InOrder } from '../storage/in-order.js'
import type { LineOrder } from '../storage/phone-tables.js'
import type { Store } from '../storage/store.js'
import type { Happening } from '../webhooks/events.js'
import type { CarrierName, ConnectedLine, LineEnd, PhoneCall, Switchboard } from './call.js'
import { callHappening, phoneCallOf } from './call-news.js'

/** How long a ticket may be used. The carrier connects at once, or not at all. */
const TICKET_MS = 60_000
/** How soon a line follows what was asked of its call at another server. */
const NEWS_EVERY_MS = 1_000
/** The waits between tries to write down what happened to a call, in ms. */
const WRITE_AGAIN_AFTER_MS = [250, 1_000, 4_000, 15_000] as const

export interface SwitchboardPorts {
  readonly store: Pick<Store, 'calls' | 'keys'>
  readonly clock: Clock
  readonly log: SessionLog
  publish(happening: Happening): void
}

/** A line whose session is here. One that was lost holds nothing but the session, which may go on with another line. */
interface Held {
  readonly line: ConnectedLine
  readonly isUp: boolean
}

export class CallSwitchboard implements Switchboard {
  readonly #ports: SwitchboardPorts
  readonly #lines = new Map<string, Held>()
  readonly #writes: InOrder
  #listening = Promise.resolve()
  #cancelListening: () => void = () => {}
  #isListening = false
  #isClosed = false

  constructor(ports: SwitchboardPorts) {
    this.#ports = ports
    this.#writes = new InOrder({
      clock: ports.clock,
      againAfterMs: WRITE_AGAIN_AFTER_MS,
      lost: (error, call, what) =>
        ports.log('error', `It could not be written down ${what}.`, { call, error: String(error) }),
    })
  }

  /** The calls whose lines are here. */
  get held(): readonly string[] {
    return this.#callsWhere(({ isUp }) => isUp)
  }

  async redeem(carrier: CarrierName, ticket: string, carrierCallId: string): Promise<PhoneCall | undefined> {
    const { store, clock } = this.#ports
    // Telnyx names the call otherwise on the stream than in its requests, and the ticket is as good as both names.
    const named = carrier === 'telnyx' ? undefined : carrierCallId
    const call = await store.calls.redeem({ hash: hashOf(ticket), carrier, carrierCallId: named }, now(clock))
    if (!call) return undefined
    const { accountId, keyId } = call
    const maxSessions = keyId === undefined ? undefined : await store.keys.maxSessionsOf(accountId, keyId)
    return { ...phoneCallOf(call), maxSessions }
  }

  /** What lets one line of the call in; undefined when the call is over, or somebody else has answered for this leg. */
  async ticketFor({ id, leg }: StoredCall): Promise<{ readonly ticket: string; readonly leg: number } | undefined> {
    const { store, clock } = this.#ports
    const ticket = randomBytes(32).toString('base64url')
    const until = new Date(clock.unixMs() + TICKET_MS)
    const call = await store.calls.issueTicket(id, leg, { hash: hashOf(ticket), until })
    return call && { ticket, leg: call.leg }
  }

  connected({ id }: PhoneCall, sessionId: string, line: ConnectedLine): void {
    const { store, clock, publish } = this.#ports
    this.#lines.set(id, { line, isUp: true })
    this.#listen()
    const at = now(clock)
    void this.#writes.run(id, 'that a call is connected', async () => {
      const state = { status: 'active', line: 'up', sessionId, answeredAt: at, seenAt: at } as const
      const call = await store.calls.change(id, { ...state, transfer: undefined })
      // a call that was hung up meanwhile has nobody to talk to
      if (call) publish(callHappening(call, at.getTime()))
      else this.#hangUp(id)
    })
  }

  disconnected({ id }: PhoneCall, _sessionId: string | undefined, end: LineEnd | undefined): void {
    const { store, clock } = this.#ports
    const at = now(clock)
    const held = this.#lines.get(id)
    // a call that finds no place may still have the session that it should have gone on with
    if (end !== undefined && end.reason !== 'refused') this.#lines.delete(id)
    else if (held) this.#lines.set(id, { ...held, isUp: false })
    // whoever goes on with the session says where the line is
    if (end?.reason === 'suspended') return
    void this.#writes.run(id, 'how the line of a call ended', async () => {
      if (end === undefined) await store.calls.change(id, { line: 'lost', seenAt: at })
      // nobody has come back in time: the carrier knows whether the caller has hung up
      else if (end.reason === 'participant_disconnected') await store.calls.change(id, { line: 'lost' })
      else if (end.reason === 'transferred' && end.transfer !== undefined)
        await store.calls.change(id, { line: 'transferred', transfer: end.transfer, seenAt: at })
      else await this.#end(id, { ...outcomeOf(end.reason), endedAt: at })
    })
  }

  /** Resolves when what lines have said of the call so far is written down. */
  settled(callId: string): Promise<void> {
    return this.#writes.settled(callId)
  }

  /** The call is over. Nothing happens to one that was over already. */
  async end(callId: string, status: CallEnd['status'], reason: string): Promise<void> {
    await this.#end(callId, { status, reason, endedAt: now(this.#ports.clock) })
  }

  /** Hangs up at the carrier. Should the line say meanwhile that it is gone, this is why. Rejects as `hangUp` does; the call then goes on. */
  async endBy(hangUp: () => Promise<void>, callId: string, reason: string): Promise<void> {
    const asked = hangUp()
    const hungUp = asked.then(
      () => true,
      () => false,
    )
    const written = this.#writes.run(callId, 'that a call was hung up', async () => {
      if (await hungUp) await this.end(callId, 'ended', reason)
    })
    await asked
    await written
  }

  /** Has the line of the call do something, wherever it is. */
  async order(callId: string, order: LineOrder): Promise<void> {
    const held = this.#lines.get(callId)
    if (held?.isUp) carryOut(order, held.line)
    else await this.#ports.store.calls.order(callId, order)
  }

  /** Lines are let be: their sessions end by themselves. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelListening()
    await this.#listening
    await this.#writes.close()
  }

  async #end(callId: string, end: CallEnd): Promise<void> {
    const { store, publish } = this.#ports
    const ended = await store.calls.end(callId, end)
    if (!ended) return
    publish(callHappening(ended, end.endedAt.getTime()))
    this.#hangUp(callId)
  }

  /** It is told once; from then on the line is nobody's. */
  #hangUp(callId: string): void {
    const held = this.#lines.get(callId)
    this.#lines.delete(callId)
    held?.line.hangUp()
  }

  #callsWhere(holds: (held: Held) => boolean): readonly string[] {
    return [...this.#lines].flatMap(([id, held]) => (holds(held) ? [id] : []))
  }

  #listen(): void {
    if (this.#isListening || this.#isClosed) return
    this.#isListening = true
    const { clock } = this.#ports
    this.#cancelListening = clock.wake(clock.now() + NEWS_EVERY_MS, () => {
      this.#listening = this.#hearNews().finally(() => {
        this.#isListening = false
        if (this.#lines.size > 0) this.#listen()
      })
    })
  }

  /** Calls may be hung up at any server, and may go with their account. */
  async #hearNews(): Promise<void> {
    const { store, log } = this.#ports
    try {
      // what is being written down is no news
      await Promise.all([...this.#lines.keys()].map((id) => this.settled(id)))
      const { over, orders } = await store.calls.news(
        this.held,
        this.#callsWhere(({ isUp }) => !isUp),
      )
      for (const id of over) this.#hangUp(id)
      for (const { id, order } of orders) {
        const held = this.#lines.get(id)
        if (held) carryOut(order, held.line)
      }
    } catch (error) {
      log('warn', 'The database did not tell what is asked of calls; it is asked again.', { error: String(error) })
    }
  }
}

const now = (clock: Pick<Clock, 'unixMs'>): Date => new Date(clock.unixMs())

function carryOut(order: LineOrder, line: ConnectedLine): void {
  if (order.do === 'hang_up') line.hangUp()
  else line.answeredByMachine(order.message ?? undefined)
}

/** How a call ended whose session ended so. */
function outcomeOf(reason: Departure): Pick<CallEnd, 'status' | 'reason'> {
  switch (reason) {
    case 'error':
    case 'refused':
    // a target without a name cannot be called
    case 'transferred':
      return { status: 'failed', reason }
    case 'client_end':
      return { status: 'ended', reason: 'hung_up' }
    default:
      return { status: 'ended', reason }
  }
}

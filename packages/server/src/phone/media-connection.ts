// One stream of a carrier: its first message leads to a session; from then on it carries what both sides say.
import type { EventBody } from '@parley/conversation'
import { limits, type Problem } from '@parley/protocol'
import type { WebSocket } from 'ws'
import type { Clock } from '../session/clock.js'
import type { Lobby } from '../session/lobby.js'
import type { Channel, Line, SessionLog } from '../session/session.js'
import type { Peer } from '../session/sessions.js'
import { FLOOD_PATIENCE_MS } from '../transports/connection.js'
import { FrameLimit, SoundLimit } from '../transports/limits.js'
import { type Traffic, type Wire, wireOf } from '../transports/wire.js'
import type { CarrierName, ConnectedLine, PhoneCall, Switchboard } from './call.js'
import type { CallLines } from './call-lines.js'
import type { MediaEvent, MediaStream } from './carrier.js'
import { BYTES_PER_MS, Inbound, type LineTally } from './inbound.js'
import { type AdaptAgent, phoneChannel } from './phone-channel.js'
import { PhoneLine } from './phone-line.js'

const SOUND_BURST_MS = 10_000
/** A WebSocket takes 123 bytes. */
const MOST_REASON_CHARACTERS = 120

/** What a call needs of a session. */
export interface CallSession {
  readonly id: string
  hear(bytes: Uint8Array): void
  /** A key of the telephone. */
  press?(key: string): void
  dispatch(event: EventBody): void
  attach(line: Line): boolean
  detach(line: Line): void
}

export interface CallSessions {
  refusal(peer: Peer): Problem | undefined
  open(line: Line, peer: Peer, channel: Channel): CallSession
  find(id: string, visitor: Peer): Promise<CallSession | Problem>
}

export interface MediaPorts {
  readonly clock: Clock
  readonly carrier: CarrierName
  readonly log: SessionLog
  readonly traffic: Traffic
  readonly pingEveryMs: number
  /** How long the carrier may take to say which call it is. */
  readonly startWithinMs: number
  readonly tally: LineTally
  readonly switchboard: Pick<Switchboard, 'redeem'>
  readonly lines: CallLines
  readonly sessions: CallSessions
  readonly adapt: AdaptAgent
  /** Where streams wait until the carrier has said which call they are. */
  readonly lobby: Lobby
}

type Started = Extract<MediaEvent, { type: 'started' }>

interface Talk {
  readonly session: CallSession
  readonly line: PhoneLine
  readonly connected: ConnectedLine
  readonly inbound: Inbound
}

type State =
  | { readonly is: 'waiting'; readonly cancel: () => void }
  /** For the call, and for its session if it goes on with one. */
  | { readonly is: 'asking' }
  | ({ readonly is: 'talking' } & Talk)
  | { readonly is: 'closed' }

/** Carries one call between the socket of its carrier and its session, for as long as both last. */
export function connectMedia(socket: WebSocket, stream: MediaStream, ports: MediaPorts): void {
  const { clock, log, traffic, pingEveryMs } = ports
  const frames = new FrameLimit(limits.framesPerSecond, FLOOD_PATIENCE_MS)
  const wire = wireOf(socket, {
    ...{ clock, log, traffic, pingEveryMs },
    received(message, isBinary) {
      const verdict = frames.take(clock.now())
      if (verdict === 'flooded') return wire.close(1008, `More than ${limits.framesPerSecond} frames a second`)
      if (verdict === 'dropped' || isBinary) return
      const event = stream.decode(message)
      if (event) connection.happened(event)
    },
    closed: () => connection.lost(),
  })
  const connection = new MediaConnection(ports, stream, wire)
}

class MediaConnection {
  readonly #ports: MediaPorts
  readonly #stream: MediaStream
  readonly #wire: Wire
  readonly #sound: SoundLimit
  #state: State

  constructor(ports: MediaPorts, stream: MediaStream, wire: Wire) {
    this.#ports = ports
    this.#stream = stream
    this.#wire = wire
    const { clock, lobby } = ports
    this.#sound = new SoundLimit(SOUND_BURST_MS, clock.now())
    this.#state = { is: 'closed' }
    if (lobby.isFull) this.#refuse(1008, 'Too many calls wait to be connected.')
    else this.#wait()
  }

  happened(event: MediaEvent): void {
    if (event.type === 'trouble') return this.#troubled(event.why)
    if (event.type === 'started') return this.#started(event)
    const state = this.#state
    if (state.is !== 'talking') return
    switch (event.type) {
      case 'sound':
        return this.#hear(state.inbound, event.bytes, event.at)
      case 'pressed':
        return state.session.press?.(event.key)
      case 'reached': {
        const reached = state.line.reached(event.mark)
        if (reached) state.session.dispatch({ type: 'playout.reached', ...reached })
        return
      }
      case 'stopped':
        // the caller has hung up
        return state.session.dispatch({ type: 'client.ended' })
    }
  }

  /** The socket is closed, by whichever side. */
  lost(): void {
    const state = this.#state
    this.#state = { is: 'closed' }
    if (state.is === 'waiting') state.cancel()
    if (state.is !== 'talking') return
    state.session.detach(state.line)
    this.#ports.lines.lost(state.session.id, state.connected)
  }

  #wait(): void {
    const { clock, lobby, startWithinMs } = this.#ports
    const leave = lobby.enter()
    const cancelOverdue = clock.wake(clock.now() + startWithinMs, () => {
      leave()
      this.#refuse(1008, `No call was started within ${startWithinMs / 1000} s.`)
    })
    const cancel = () => {
      cancelOverdue()
      leave()
    }
    this.#state = { is: 'waiting', cancel }
  }

  #started({ parameters: { ticket }, carrierCallId, encoding }: Started): void {
    if (this.#state.is !== 'waiting') return
    this.#state.cancel()
    if (ticket === undefined) return this.#refuse(1008, 'The stream has no parameter `ticket`.')
    this.#state = { is: 'asking' }
    const { carrier, switchboard, log } = this.#ports
    switchboard
      .redeem(carrier, ticket, carrierCallId)
      .then((call) =>
        call ? this.#connect(call, encoding) : this.#refuse(1008, 'The ticket is not for this call, or was used.'),
      )
      .catch((error) => {
        log('error', 'A call could not be connected.', { carrier, error: String(error) })
        this.#refuse(1011, 'The call could not be connected.')
      })
  }

  async #connect(call: PhoneCall, encoding: Started['encoding']): Promise<void> {
    // the caller may have hung up meanwhile
    if (this.#state.is !== 'asking') return
    const { sessions, adapt } = this.#ports
    const { accountId, keyId, maxSessions } = call
    const peer = { accountId, keyId, maxSessions }
    const line = this.#lineOf(call)
    if (call.sessionId !== undefined) {
      const found = await sessions.find(call.sessionId, peer)
      if (this.#state.is !== 'asking') return
      if ('code' in found) return this.#turnAway(call, found.code)
      return found.attach(line) ? this.#talk(call, found, line, encoding) : this.#turnAway(call, 'session_not_found')
    }
    const refusal = sessions.refusal(peer)
    if (refusal) return this.#turnAway(call, refusal.code)
    const session = sessions.open(line, peer, phoneChannel(call, encoding, adapt))
    this.#talk(call, session, line, encoding)
    session.dispatch({ type: 'client.updated', patch: { agent_id: call.agentId }, problems: [] })
  }

  #hear(inbound: Inbound, bytes: Uint8Array, at: number): void {
    const { clock, tally } = this.#ports
    const length = bytes.length / BYTES_PER_MS
    if (this.#sound.take(length, clock.now())) inbound.push(bytes, at)
    else tally.soundDroppedMs += length
  }

  #talk(call: PhoneCall, session: CallSession, line: PhoneLine, encoding: Started['encoding']): void {
    const { clock, tally, lines } = this.#ports
    const inbound = new Inbound(encoding, { now: () => clock.now(), hear: (bytes) => session.hear(bytes), tally })
    const connected: ConnectedLine = {
      hangUp: () => session.dispatch({ type: 'client.ended' }),
      answeredByMachine: (message) => session.dispatch({ type: 'call.answeredByMachine', message }),
    }
    this.#state = { is: 'talking', session, line, connected, inbound }
    lines.connected(call, session.id, connected)
  }

  #lineOf({ id }: PhoneCall): PhoneLine {
    const { tally, log, carrier } = this.#ports
    return new PhoneLine({
      stream: this.#stream,
      write: (message) => this.#wire.write(message),
      close: (code, reason) => this.#wire.close(code, reason),
      failed: (why) => log('warn', 'The stream of a call is closed: its session failed.', { carrier, call: id, why }),
      marksLost: (count) => {
        tally.marksLost += count
      },
    })
  }

  /** The carrier goes on with what follows the stream: there the caller is told. */
  #turnAway(call: PhoneCall, code: string): void {
    this.#ports.lines.refused(call)
    this.#refuse(1008, code, call.id)
  }

  #troubled(why: string): void {
    if (this.#state.is === 'waiting') {
      this.#state.cancel()
      return this.#refuse(1008, why)
    }
    this.#ports.log('warn', 'The carrier of a call complains.', { carrier: this.#ports.carrier, why })
  }

  #refuse(code: 1008 | 1011, why: string, call?: string): void {
    const { carrier, log } = this.#ports
    this.#state = { is: 'closed' }
    log('warn', 'The stream of a call is refused.', { carrier, ...(call !== undefined && { call }), why })
    this.#wire.close(code, why.slice(0, MOST_REASON_CHARACTERS))
  }
}

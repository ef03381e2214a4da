// One open WebSocket: what comes in goes to its session, within limits; what the session sends goes out.
import { durationMs, type Encoding, limits, type Problem, type ServerEvent } from '@parley/protocol'
import type { WebSocket } from 'ws'
import type { Clock } from '../session/clock.js'
import type { Door } from '../session/door.js'
import type { Line, SessionLog } from '../session/session.js'
import { FrameLimit, Seldom, SoundLimit } from './limits.js'
import type { Transport } from './transport.js'
import { type Traffic, wireOf } from './wire.js'

export const FLOOD_PATIENCE_MS = 5_000
const SOUND_BURST_MS = 10_000
const COMPLAINT_EVERY_MS = 1_000

export interface ConnectionPorts {
  readonly clock: Clock
  readonly transport: Transport
  readonly log: SessionLog
  readonly traffic: Traffic
  readonly defaultEncoding: Encoding
  /** A peer that has answered nothing since the last ping is gone. */
  readonly pingEveryMs: number
  /** The way to the session of this connection. */
  open(line: Line): Pick<Door, 'inputEncoding' | 'hear' | 'receive' | 'lost'>
}

export function connect(socket: WebSocket, ports: ConnectionPorts): void {
  const { clock, transport, log, traffic, pingEveryMs } = ports
  const frames = new FrameLimit(limits.framesPerSecond, FLOOD_PATIENCE_MS)
  const sound = new SoundLimit(SOUND_BURST_MS, clock.now())
  const complaints = new Seldom(COMPLAINT_EVERY_MS)

  const hear = (bytes: Uint8Array, now: number) => {
    const length = durationMs(door.inputEncoding ?? ports.defaultEncoding, bytes.length)
    if (sound.take(length, now)) return door.hear(bytes)
    if (complaints.allows(now))
      complain({
        code: 'audio_rate_violation',
        message: 'Sound comes in faster than it plays; what is too much is dropped. Send it in real time.',
      })
  }

  const received = (message: Buffer, isBinary: boolean) => {
    const now = clock.now()
    const verdict = frames.take(now)
    if (verdict === 'flooded') return line.close(1008, `More than ${limits.framesPerSecond} frames a second`)
    if (verdict === 'dropped') {
      if (complaints.allows(now))
        complain({
          code: 'audio_rate_violation',
          message: `More than ${limits.framesPerSecond} frames in a second; the rest is dropped. Send fewer, longer frames.`,
        })
      return
    }
    const decoded = transport.decode(message, isBinary)
    if (decoded.type === 'audio') return hear(decoded.bytes, now)
    if (decoded.type === 'problem') return complain(decoded.problem)
    if (decoded.event.type !== 'input.audio') door.receive(decoded.event)
  }

  const wire = wireOf(socket, { clock, log, traffic, pingEveryMs, received, closed: () => door.lost() })
  const line: Line = {
    send: (event) => wire.write(transport.encode(event, clock.unixMs())),
    sendFrame: (reply, bytes, start, end) =>
      wire.write(transport.encodeFrame(reply, bytes, start, end, clock.unixMs())),
    close: (code, reason) => wire.close(code, reason),
  }
  const complain = (problem: Problem) => line.send({ type: 'session.error', ...problem } satisfies ServerEvent)
  const door = ports.open(line)
}

// One open WebSocket: what comes in goes to its session, within limits; what the session sends goes out.
import { durationMs, type Encoding, limits, type Problem, type ServerEvent } from '@parley/protocol'
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../session/clock.js'
import type { Door } from '../session/door.js'
import type { Line, SessionLog } from '../session/session.js'
import { FrameLimit, Seldom, SoundLimit } from './limits.js'
import type { Transport } from './transport.js'

const FLOOD_PATIENCE_MS = 5_000
const SOUND_BURST_MS = 10_000
const COMPLAINT_EVERY_MS = 1_000
const CLOSE_WITHIN_MS = 5_000
/** So much unsent for so long, and the peer is taken to have stopped reading. */
const STUCK_BYTES = 256 * 1024
const STUCK_AFTER_MS = 5_000

/** Plain numbers, raised many times a second; they are only added up when somebody asks. */
export interface Traffic {
  framesIn: number
  framesOut: number
  bytesIn: number
  bytesOut: number
}

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
  let stuckSince: number | undefined
  let isAlive = true
  let cancelPing = () => {}
  let cancelClose = () => {}

  const write = (text: string) => {
    if (socket.readyState !== socket.OPEN) return
    traffic.framesOut += 1
    traffic.bytesOut += text.length
    socket.send(text)
    if (socket.bufferedAmount <= STUCK_BYTES) {
      stuckSince = undefined
      return
    }
    stuckSince ??= clock.now()
    if (clock.now() - stuckSince < STUCK_AFTER_MS) return
    log('warn', 'The client has stopped reading: its connection is dropped.', { unsentBytes: socket.bufferedAmount })
    socket.terminate()
  }

  const line: Line = {
    send: (event) => write(transport.encode(event, clock.unixMs())),
    sendFrame: (reply, bytes, start, end) => write(transport.encodeFrame(reply, bytes, start, end, clock.unixMs())),
    close(code, reason) {
      if (socket.readyState !== socket.OPEN) return
      socket.close(code, reason)
      cancelClose = clock.wake(clock.now() + CLOSE_WITHIN_MS, () => socket.terminate())
    },
  }
  const door = ports.open(line)

  const complain = (problem: Problem) => line.send({ type: 'session.error', ...problem } satisfies ServerEvent)

  const hear = (bytes: Uint8Array, now: number) => {
    const length = durationMs(door.inputEncoding ?? ports.defaultEncoding, bytes.length)
    if (sound.take(length, now)) return door.hear(bytes)
    if (complaints.allows(now))
      complain({
        code: 'audio_rate_violation',
        message: 'Sound comes in faster than it plays; what is too much is dropped. Send it in real time.',
      })
  }

  const receive = (message: Buffer, isBinary: boolean) => {
    // what a peer still sends after the end is nobody's any more
    if (socket.readyState !== socket.OPEN) return
    const now = clock.now()
    traffic.framesIn += 1
    traffic.bytesIn += message.length
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

  const ping = () => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
    cancelPing = clock.wake(clock.now() + pingEveryMs, ping)
  }
  cancelPing = clock.wake(clock.now() + pingEveryMs, ping)

  socket.on('message', (data: RawData, isBinary: boolean) => {
    isAlive = true
    receive(wholeOf(data), isBinary)
  })
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('error', (error) => log('info', 'The connection failed.', { error: error.message }))
  socket.on('close', (code) => {
    cancelPing()
    cancelClose()
    log('debug', 'The connection is closed.', { code })
    door.lost()
  })
}

/** With its default settings ws gives one Buffer per message; the other forms belong to settings that are not used. */
const wholeOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

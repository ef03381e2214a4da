// One open WebSocket as messages in and out: pinged, closed in good order, dropped when its peer stops reading.
import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../session/clock.js'
import type { SessionLog } from '../session/session.js'

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

export interface WirePorts {
  readonly clock: Clock
  readonly log: SessionLog
  readonly traffic: Traffic
  /** How often the peer has to show that it is there. */
  readonly pingEveryMs: number
  /** A message of the peer, as long as the socket is open: what it still sends after the end is nobody's any more. */
  received(message: Buffer, isBinary: boolean): void
  /** Once, when the connection is gone. */
  closed(): void
}

export interface Wire {
  /** Does nothing once the socket is closing. */
  write(text: string): void
  close(code: number, reason: string): void
}

export function wireOf(socket: WebSocket, ports: WirePorts): Wire {
  const { clock, log, traffic, pingEveryMs } = ports
  let stuckSince: number | undefined
  let isAlive = true
  let cancelClose = () => {}

  const ping = () => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
    cancelPing = clock.wake(clock.now() + pingEveryMs, ping)
  }
  let cancelPing = clock.wake(clock.now() + pingEveryMs, ping)

  socket.on('message', (data: RawData, isBinary: boolean) => {
    isAlive = true
    if (socket.readyState !== socket.OPEN) return
    const message = wholeOf(data)
    traffic.framesIn += 1
    traffic.bytesIn += message.length
    ports.received(message, isBinary)
  })
  socket.on('pong', () => {
    isAlive = true
  })
  socket.on('error', (error) => log('info', 'The connection failed.', { error: error.message }))
  socket.on('close', (code) => {
    cancelPing()
    cancelClose()
    log('debug', 'The connection is closed.', { code })
    ports.closed()
  })

  return {
    write(text) {
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
    },
    close(code, reason) {
      if (socket.readyState !== socket.OPEN) return
      socket.close(code, reason)
      cancelClose = clock.wake(clock.now() + CLOSE_WITHIN_MS, () => socket.terminate())
    },
  }
}

/** With its default settings ws gives one Buffer per message; the other forms belong to settings that are not used. */
const wholeOf = (data: RawData): Buffer => {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

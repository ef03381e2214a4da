// The WebSocket under all transports: upgrade, authentication, limits of a frame.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits, type ServerEvent } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../session/clock.js'
import { native } from './native.js'

const REFUSAL_WITHIN_MS = 5_000
const GOODBYE_WITHIN_MS = 1_000

type Refusal = Pick<Extract<ServerEvent, { type: 'session.error' }>, 'code' | 'message'>

export interface SocketPorts<Peer extends object> {
  readonly clock: Clock
  /** Paths at which sessions are served. */
  readonly paths: ReadonlySet<string>
  /** Who it is, by the header or by `token` of the query; a string says why the credentials do not hold. */
  authenticate(request: IncomingMessage, token: string | undefined): Promise<Peer | string>
  accept(socket: WebSocket, peer: Peer): void
  /** Somebody was turned away. */
  refused(code: string): void
  log(level: 'info' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Serves WebSocket upgrades on an HTTP server. Returns what stops it: connections still open get a moment to close. */
export function serveSockets<Peer extends object>(server: Server, ports: SocketPorts<Peer>): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false })
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // a peer that vanishes before it is answered is nobody's error
    stream.on('error', () => stream.destroy())
    const address = `http://parley${request.url}`
    const url = URL.canParse(address) ? new URL(address) : undefined
    if (!url || !ports.paths.has(url.pathname)) return refuseUpgrade(stream)
    ports.authenticate(request, url.searchParams.get('token') ?? undefined).then(
      (peer) => sockets.handleUpgrade(request, stream, head, (socket) => welcome(socket, peer, ports)),
      (error) => {
        ports.log('error', 'Credentials could not be checked.', { error: String(error) })
        sockets.handleUpgrade(request, stream, head, (socket) =>
          refuse(socket, ports.clock, 1011, {
            code: 'internal_error',
            message: 'Credentials could not be checked. Try again.',
          }),
        )
      },
    )
  }
  server.on('upgrade', upgrade)
  return async () => {
    server.off('upgrade', upgrade)
    await Promise.all([...sockets.clients].map((socket) => goodbye(socket, ports.clock)))
    sockets.close()
  }
}

function goodbye(socket: WebSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.wake(clock.now() + GOODBYE_WITHIN_MS, () => socket.terminate())
    socket.once('close', () => {
      cancel()
      resolve()
    })
    socket.close(1001, 'The server is stopping')
  })
}

/** The upgrade succeeds even for a stranger: a browser sees no reason when it does not (checklist 9-11). */
function welcome<Peer extends object>(socket: WebSocket, peer: Peer | string, ports: SocketPorts<Peer>): void {
  if (typeof peer !== 'string') return ports.accept(socket, peer)
  ports.refused('unauthorized')
  refuse(socket, ports.clock, 1008, { code: 'unauthorized', message: peer })
}

function refuse(socket: WebSocket, clock: Clock, code: 1008 | 1011, error: Refusal): void {
  socket.on('error', () => socket.terminate())
  socket.send(native().encode({ type: 'session.error', ...error, session_id: null, param: null }, clock.unixMs()))
  socket.close(code, error.code)
  const cancel = clock.wake(clock.now() + REFUSAL_WITHIN_MS, () => socket.terminate())
  socket.on('close', cancel)
}

function refuseUpgrade(stream: Duplex): void {
  // its other half would stay open for as long as the peer likes
  stream.once('finish', () => stream.destroy())
  stream.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
}

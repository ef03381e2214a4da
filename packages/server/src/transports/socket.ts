// The WebSocket under all transports: upgrade, authentication, limits of a frame.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { limits, type ServerEvent } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../session/clock.js'
import { native } from './native.js'

const REFUSAL_WITHIN_MS = 5_000

export interface Credentials {
  readonly authorization: string | undefined
  readonly token: string | undefined
}

export interface SocketPorts<Peer> {
  readonly clock: Clock
  /** Paths at which sessions are served. */
  readonly paths: ReadonlySet<string>
  /** Who it is, or undefined when the credentials do not hold. */
  authenticate(credentials: Credentials): Promise<Peer | undefined>
  /** An error that refuses every new session, such as `at_capacity`; undefined while there is room. */
  refusal(): { readonly code: 'at_capacity'; readonly message: string } | undefined
  accept(socket: WebSocket, peer: Peer): void
  log(level: 'info' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Serves WebSocket upgrades on an HTTP server. Returns what stops it. */
export function serveSockets<Peer>(server: Server, ports: SocketPorts<Peer>): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false })
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // a peer that vanishes before it is answered is nobody's error
    stream.on('error', () => stream.destroy())
    const url = new URL(request.url ?? '/', 'http://parley')
    if (!ports.paths.has(url.pathname)) return refuseUpgrade(stream)
    const credentials = {
      authorization: request.headers.authorization,
      token: url.searchParams.get('token') ?? undefined,
    }
    ports.authenticate(credentials).then(
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
  return () => {
    server.off('upgrade', upgrade)
    sockets.close()
  }
}

/** The upgrade succeeds even for a stranger: a browser sees no reason when it does not (checklist 9-11). */
function welcome<Peer>(socket: WebSocket, peer: Peer | undefined, ports: SocketPorts<Peer>): void {
  if (peer === undefined)
    return refuse(socket, ports.clock, 1008, { code: 'unauthorized', message: 'Authentication failed' })
  const refusal = ports.refusal()
  if (refusal) return refuse(socket, ports.clock, 1008, refusal)
  ports.accept(socket, peer)
}

function refuse(
  socket: WebSocket,
  clock: Clock,
  code: 1008 | 1011,
  error: Pick<Extract<ServerEvent, { type: 'session.error' }>, 'code' | 'message'>,
): void {
  socket.on('error', () => socket.terminate())
  socket.send(native().encode({ type: 'session.error', ...error, session_id: null, param: null }, clock.unixMs()))
  socket.close(code, error.code)
  const cancel = clock.wake(clock.now() + REFUSAL_WITHIN_MS, () => socket.terminate())
  socket.on('close', cancel)
}

function refuseUpgrade(stream: Duplex): void {
  stream.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
}

// The WebSocket under all transports of the protocol: authentication, and a word to those who are turned away.
import type { IncomingMessage } from 'node:http'
import { limits, type ServerEvent } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../session/clock.js'
import { native } from './native.js'
import { goodbye, type SocketDoor } from './upgrades.js'

const REFUSAL_WITHIN_MS = 5_000

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

export function sessionDoor<Peer extends object>(ports: SocketPorts<Peer>): SocketDoor {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false })
  return {
    paths: ports.paths,
    upgrade(request, stream, head, url) {
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
    },
    async close() {
      await goodbye(sockets.clients, ports.clock)
      sockets.close()
    },
  }
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

// WebSocket upgrades on one HTTP server: each path has a door of its own.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../session/clock.js'

const GOODBYE_WITHIN_MS = 1_000

/** What answers the upgrades of some paths. */
export interface SocketDoor {
  readonly paths: ReadonlySet<string>
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, url: URL): void
  /** Connections still open get a moment to close. */
  close(): Promise<void>
}

/** Serves upgrades; what no door has a path for is answered with 404. Returns what stops it. */
export function serveUpgrades(server: Server, doors: readonly SocketDoor[]): () => Promise<void> {
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // a peer that vanishes before it is answered is nobody's error
    stream.on('error', () => stream.destroy())
    const address = `http://parley${request.url}`
    const url = URL.canParse(address) ? new URL(address) : undefined
    const door = url && doors.find(({ paths }) => paths.has(url.pathname))
    if (!door) return refuseUpgrade(stream, '404 Not Found')
    door.upgrade(request, stream, head, url)
  }
  server.on('upgrade', upgrade)
  return async () => {
    server.off('upgrade', upgrade)
    await Promise.all(doors.map((door) => door.close()))
  }
}

/** Answers an upgrade as a request that came to nothing. `why`: what whoever looks into it is told. */
export function refuseUpgrade(stream: Duplex, status: '403 Forbidden' | '404 Not Found', why = ''): void {
  const type = why === '' ? '' : 'Content-Type: text/plain; charset=utf-8\r\n'
  // its other half would stay open for as long as the peer likes
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status}\r\n${type}Content-Length: ${Buffer.byteLength(why)}\r\nConnection: close\r\n\r\n${why}`,
  )
}

/** Closes what is still open, in good order while there is time for it. */
export async function goodbye(sockets: Iterable<WebSocket>, clock: Clock): Promise<void> {
  await Promise.all([...sockets].map((socket) => goodbyeTo(socket, clock)))
}

function goodbyeTo(socket: WebSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.wake(clock.now() + GOODBYE_WITHIN_MS, () => socket.terminate())
    socket.once('close', () => {
      cancel()
      resolve()
    })
    socket.close(1001, 'The server is stopping')
  })
}

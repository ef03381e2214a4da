// The WebSocket under a session: where it goes, and how the caller's credential travels with it.
import { SessionError } from './errors.js'
import { rest } from './rest.js'

/** What a session uses of a WebSocket; the browser's, Node's and that of the `ws` package all fit. */
export interface Socket {
  readonly readyState: number
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void
}
export type SocketConstructor = new (url: string, ...rest: never[]) => Socket
type HeaderSocketConstructor = new (url: string, options: { headers: Record<string, string> }) => Socket

/** How the server knows the caller. None is needed only where the server asks for none. */
export type Credential =
  | { readonly key: string; readonly token?: undefined; readonly getToken?: undefined }
  | { readonly key?: undefined; readonly token: string; readonly getToken?: undefined }
  | { readonly key?: undefined; readonly token?: undefined; readonly getToken: () => Promise<string> }
  | { readonly key?: undefined; readonly token?: undefined; readonly getToken?: undefined }

export type SocketOptions = Credential & {
  /** The server (`https://host`) or its socket (`wss://host/v1/ws`). */
  readonly url: string
  /** The class to open the connection with; the global one by default. Node before 22 has none: give that of `ws`. */
  readonly WebSocket?: SocketConstructor
}

export const OPEN = 1
export const CLOSING = 2

/** Gets what a connection needs and returns what opens it. Throws `SessionError` when there is nothing to try. */
export async function prepareSocket(options: SocketOptions): Promise<() => Socket> {
  const Socket = options.WebSocket ?? globalThis.WebSocket
  if (!Socket)
    throw new SessionError(
      'connection_failed',
      'This host has no WebSocket. Pass one as the option WebSocket: import { WebSocket } from "ws".',
    )
  const url = socketUrl(options.url)
  if (acceptsHeaders()) {
    const secret = options.key ?? options.token ?? (await options.getToken?.())
    const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
    // Outside browsers every implementation takes headers in its second argument, though not in its types.
    return () => new (Socket as HeaderSocketConstructor)(url.href, { headers })
  }
  const token = await browserToken(options)
  if (token !== undefined) url.searchParams.set('token', token)
  return () => new Socket(url.href)
}

/** `https://host` and `wss://host/v1/ws` both name the same socket; a path before `/v1/ws` is kept. */
export function socketUrl(server: string): URL {
  const url = parseUrl(server)
  url.protocol = url.protocol.replace('http', 'ws')
  if (!url.pathname.endsWith('/v1/ws')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/ws`
  return url
}

/** The server that a socket belongs to, as an address for REST. */
export function serverUrl(socket: string): string {
  const url = socketUrl(socket)
  url.protocol = url.protocol.replace('ws', 'http')
  url.pathname = url.pathname.slice(0, -'/v1/ws'.length)
  return url.href.replace(/\/$/, '')
}

function parseUrl(server: string): URL {
  const base = (globalThis as { location?: { href: string } }).location?.href
  const url = URL.parse ? URL.parse(server, base) : URL.canParse(server, base) ? new URL(server, base) : null
  if (url && /^(http|ws)s?:$/.test(url.protocol)) return url
  throw new SessionError(
    'connection_failed',
    `"${server}" is not the address of a server. Give it as http://host or wss://host/v1/ws.`,
  )
}

/** Browsers let nobody set a header on a WebSocket, so a token travels in the address; a key never does. */
async function browserToken(options: SocketOptions): Promise<string | undefined> {
  if (options.key === undefined) return options.token ?? (await options.getToken?.())
  return (await rest({ url: serverUrl(options.url), key: options.key }).tokens.create()).token
}

function acceptsHeaders(): boolean {
  const host = globalThis as { process?: { versions?: { node?: string } } }
  return host.process?.versions?.node !== undefined
}

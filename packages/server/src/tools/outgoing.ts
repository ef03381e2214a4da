// A request that the server makes for an agent, with its values in the query or in the body (protocol section 7.5).
import type { HttpRequestRecord } from '@parley/protocol'
import type { GuardedRequest } from '../net/guard.js'
import { userAgent } from '../version.js'
import { pythonText } from './python-text.js'

export interface OutgoingRequest {
  readonly url: string
  readonly method: HttpRequestRecord['http_method']
  /** With their values. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/**
 * The address and the request with these values (checklist 135, 136). `about`: headers that say who asks; those of the
 * agent go over them.
 */
export function outgoing(
  { url, method, headers, timeoutMs }: OutgoingRequest,
  values: Readonly<Record<string, unknown>>,
  about: Readonly<Record<string, string>>,
): { readonly url: string; readonly request: Omit<GuardedRequest, 'maxBytes'> } {
  const inQuery = method === 'GET' || method === 'DELETE'
  const all = new Map([
    ['content-type', 'application/json'],
    ['user-agent', userAgent],
    ...Object.entries(about),
    ...Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
  ])
  for (const name of aboutTheConnection) all.delete(name)
  return {
    url: inQuery ? withQuery(url, values) : url,
    request: { method, headers: Object.fromEntries(all), timeoutMs, ...(!inQuery && { body: JSON.stringify(values) }) },
  }
}

/** An address as it may be logged: its query may hold secrets. */
export function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

/** Headers that say how the bytes of this one connection are to be read: theirs is not for an agent to say. */
const aboutTheConnection = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The address with the values behind the query that it has, of which nothing is replaced. */
function withQuery(address: string, values: Readonly<Record<string, unknown>>): string {
  const url = new URL(address)
  const added = new URLSearchParams(
    Object.entries(values).map(([name, value]): [string, string] => [name, pythonText(value)]),
  )
  url.search = [url.search.slice(1), added.toString()].filter(Boolean).join('&')
  return url.href
}

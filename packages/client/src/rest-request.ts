// One request to the REST API: the credential, the answer or the error, and another try where that is safe.
import { ApiError } from './errors.js'

export interface RestOptions {
  /** The server, as in `https://host`; empty for the page's own. */
  readonly url: string
  readonly key?: string
  /** Sent with every request, beside the credential. */
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** How often a request that changes nothing is tried again; 2 by default. */
  readonly retries?: number
  /** Waits, in ms; given by tests. */
  readonly wait?: (ms: number) => Promise<void>
}

export interface Caller {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
}

const RETRIES = 2
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 60_000
/** Answers by which the server says that it has done nothing yet. */
const COME_BACK = new Set([429, 503])
/** Answers after which only a request that changes nothing may be sent again. */
const PASSING = new Set([500, 502, 504])

export async function request<Answer>(options: RestOptions, caller: Caller): Promise<Answer> {
  const wait = options.wait ?? ((ms) => new Promise<void>((resolve) => setTimeout(resolve, ms)))
  const retries = options.retries ?? RETRIES
  for (let tried = 0; ; tried++) {
    const outcome = await attempt(options, caller)
    // What the answer holds is the server's promise (protocol.md section 6); nothing here depends on more than its type.
    if ('answer' in outcome) return outcome.answer as Answer
    if (tried >= retries || !mayRepeat(caller, outcome)) throw outcome.error
    await wait(outcome.retryAfterMs ?? FIRST_WAIT_MS * 2 ** tried)
  }
}

type Failed = { readonly error: ApiError; readonly retryAfterMs?: number }
type Outcome = { readonly answer: unknown } | Failed

function mayRepeat(caller: Caller, { error, retryAfterMs }: Failed): boolean {
  if (COME_BACK.has(error.status) && retryAfterMs !== undefined) return retryAfterMs <= LONGEST_WAIT_MS
  if (caller.method !== 'GET') return false
  return error.status === 0 || COME_BACK.has(error.status) || PASSING.has(error.status)
}

async function attempt(options: RestOptions, caller: Caller): Promise<Outcome> {
  const { key, headers, fetch = globalThis.fetch } = options
  let response: Response
  try {
    response = await fetch(address(options.url, caller), {
      method: caller.method,
      headers: {
        ...headers,
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(caller.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(caller.body === undefined ? {} : { body: JSON.stringify(caller.body) }),
    })
  } catch {
    return { error: new ApiError(0, 'unreachable', 'The server could not be reached. Check that it runs.') }
  }
  const text = await response.text().catch(() => '')
  if (response.ok) return { answer: parsed(text) }
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    error: apiError(response, parsed(text)),
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  }
}

function address(url: string, { path, query = {} }: Caller): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  const search = parameters.size > 0 ? `?${parameters}` : ''
  return `${url.replace(/\/$/, '')}${path}${search}`
}

function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Reads the newest envelope and the older bare `detail`. */
function apiError(response: Response, body: unknown): ApiError {
  const envelope = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  const text = (name: string) => (typeof envelope[name] === 'string' ? envelope[name] : undefined)
  return new ApiError(
    response.status,
    text('code') ?? (response.status === 401 ? 'unauthorized' : 'error'),
    text('message') ?? text('detail') ?? `The server answered ${response.status} ${response.statusText}`.trim(),
    text('param'),
    text('request_id') ?? response.headers.get('x-request-id') ?? undefined,
  )
}

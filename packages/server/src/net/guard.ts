// The guard: every request to an address that an agent or a client named goes through it, and none into the network of the server.
import { Response, fetch as undiciFetch } from 'undici'
import { type Clock, systemClock } from '../session/clock.js'
import { cappedStream, readText } from './capped-body.js'
import { type ConnectorSettings, guardedAgent, judged } from './connector.js'
import { doesNotResolve, failedRequest, GuardError, guardErrorIn } from './guard-error.js'
import { dnsResolver, isUnknownName, type Resolver, systemResolver } from './names.js'
import { isAddress, wrongWith } from './url-check.js'

export { GuardError, guardErrorIn } from './guard-error.js'

const CHECK_WITHIN_MS = 3000

export interface GuardSettings {
  /** Whether private addresses and plain http are allowed. Addresses that hand out credentials of the machine never are. */
  readonly allowPrivate: boolean
  /** How names become addresses: by default the DNS, and with `allowPrivate` the system with its file of hosts. */
  readonly resolver?: Resolver
  readonly clock?: Pick<Clock, 'now' | 'wake'>
}

export interface GuardedRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** For everything together: looking the name up, connecting, waiting, reading. */
  readonly timeoutMs: number
  /** What is read of the body, counted after decompression. */
  readonly maxBytes: number
}

export interface GuardedResponse {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Whether the body was longer than `maxBytes`. */
  readonly truncated: boolean
}

export interface Guard {
  /** One request. Redirects are not followed: they are responses like others. Rejects with a `GuardError`. */
  fetch(url: string, request: GuardedRequest): Promise<GuardedResponse>
  /**
   * What is wrong with an address that somebody wants to store, as a sentence; undefined when nothing is. A name server
   * that does not answer is no reason to refuse it: each connection is judged anew.
   */
  checkUrl(url: string): Promise<string | undefined>
  /** A `fetch` for clients that take one. Redirects are not followed; a body beyond `maxBytes` fails. */
  fetchFor(limits: { readonly maxBytes: number }): typeof fetch
  /** Cuts what is still open. */
  close(): Promise<void>
}

export function createGuard({ allowPrivate, resolver, clock = systemClock() }: GuardSettings): Guard {
  const settings: ConnectorSettings = {
    allowPrivate,
    resolver: resolver ?? (allowPrivate ? systemResolver : dnsResolver()),
  }
  const agent = guardedAgent(settings)
  const send = (url: string, init: Parameters<typeof undiciFetch>[1]) => {
    const wrong = wrongWith(url, allowPrivate)
    if (wrong !== undefined) throw new GuardError('refused', wrong)
    return undiciFetch(url, { ...init, redirect: 'manual', dispatcher: agent })
  }

  return {
    async fetch(url, { method, headers, body, signal, timeoutMs, maxBytes }) {
      const { host } = URL.canParse(url) ? new URL(url) : { host: 'the address' }
      const stop = stopper(clock, signal, timeoutMs, host)
      try {
        const response = await send(url, { method, headers, body: body ?? null, signal: stop.signal })
        const { text, truncated } = await readText(response, maxBytes)
        return { status: response.status, headers: Object.fromEntries(response.headers), body: text, truncated }
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : failedRequest(error, host)
      } finally {
        stop.release()
      }
    },

    async checkUrl(url) {
      const wrong = wrongWith(url, allowPrivate)
      // Where private names are allowed, one may well become known only later.
      if (wrong !== undefined || allowPrivate) return wrong
      const { hostname } = new URL(url)
      if (isAddress(hostname)) return undefined
      const asked = judged(hostname, settings).then(
        () => undefined,
        (error) => (isUnknownName(error) ? doesNotResolve(hostname) : guardErrorIn(error)?.message),
      )
      return within(clock, CHECK_WITHIN_MS, asked)
    },

    fetchFor:
      ({ maxBytes }) =>
      async (input, init) => {
        if (input instanceof Request) throw new TypeError('The address and what is sent to it are given apart.')
        const url = new URL(input)
        // True: both libraries implement the same standard, whose types each of them declares for itself.
        const response = await send(url.href, init as Parameters<typeof undiciFetch>[1])
        const { status, statusText, headers, body } = response
        const capped =
          body && new Response(body.pipeThrough(cappedStream(maxBytes, url.host)), { status, statusText, headers })
        return (capped ?? response) as unknown as globalThis.Response // True: see above.
      },

    close: () => agent.destroy(),
  }
}

/** Fires when the caller gives up or when the time is over; its reason is the `GuardError` that says so. */
function stopper(clock: Pick<Clock, 'now' | 'wake'>, signal: AbortSignal | undefined, timeoutMs: number, host: string) {
  const stop = new AbortController()
  const abort = () => stop.abort(new GuardError('aborted', `The request to ${host} was given up`))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const cancel = clock.wake(clock.now() + timeoutMs, () =>
    stop.abort(new GuardError('timeout', `${host} did not answer within ${timeoutMs / 1000} s`)),
  )
  return {
    signal: stop.signal,
    release() {
      cancel()
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** What `work` gives, if it does so in time. */
function within<Value>(
  clock: Pick<Clock, 'now' | 'wake'>,
  ms: number,
  work: Promise<Value>,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.wake(clock.now() + ms, () => resolve(undefined))
    work.then(resolve, () => resolve(undefined)).finally(cancel)
  })
}

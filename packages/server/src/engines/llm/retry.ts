// How long to wait before a failed request is repeated.
import type { Millis } from '@parley/conversation'
import { APIError } from 'openai'
import type { Clock } from '../../session/clock.js'

/** Somebody is waiting on the line: a server that asks for more patience than this is not asked again. */
export const LONGEST_PAUSE_MS = 5_000
const FIRST_PAUSE_MS = 250

/**
 * What the server asks for; otherwise a pause that doubles with each attempt that has failed before this one,
 * with a quarter of chance in it, so that many sessions do not return at once.
 */
export function pauseBefore(failed: number, error: unknown, clock: Clock): Millis {
  const asked = error instanceof APIError ? retryAfter(error.headers, clock) : undefined
  if (asked !== undefined) return asked
  return Math.min(FIRST_PAUSE_MS * 2 ** failed, LONGEST_PAUSE_MS) * (1 - Math.random() / 4)
}

/** Passes after `ms`, or as soon as the signal fires. */
export function waitOut(ms: Millis, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.wake(clock.now() + ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** `Retry-After` in seconds or as a date, or the finer `retry-after-ms` of some servers. */
function retryAfter(headers: Headers | undefined, clock: Clock): Millis | undefined {
  const ms = headers?.get('retry-after-ms')
  if (ms && Number.isFinite(Number(ms))) return Math.max(0, Number(ms))
  const value = headers?.get('retry-after')
  if (!value) return undefined
  const until = Number.isFinite(Number(value)) ? Number(value) * 1000 : Date.parse(value) - clock.unixMs()
  return Number.isFinite(until) ? Math.max(0, until) : undefined
}

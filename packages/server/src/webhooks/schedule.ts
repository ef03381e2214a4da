// When a delivery that failed is tried again, and when no more.

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** The wait after each failed attempt; after the last there is none: eight attempts within a day (Q24). */
export const WAITS_MS = [
  10 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  15 * HOUR_MS,
] as const

/** A wait is up to this much longer, so that what failed together does not come back together. */
const JITTER = 0.1
/** The longest wait that a receiver can ask for. */
const LONGEST_ASKED_MS = 6 * HOUR_MS

/**
 * How long to wait after failed attempt number `attempt` (from 1), in ms; undefined: that was the last one.
 * `askedMs`: the `Retry-After` of the receiver, which can make the wait longer, to at most six hours, and never shorter.
 * `random`: from 0 to 1.
 */
export function waitAfter(attempt: number, askedMs: number | undefined, random: number): number | undefined {
  const wait = WAITS_MS[attempt - 1]
  if (wait === undefined) return undefined
  return Math.round(Math.max(wait * (1 + JITTER * random), Math.min(askedMs ?? 0, LONGEST_ASKED_MS)))
}

/** The wait that a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3); undefined when it says nothing. */
export function retryAfterMs(header: string | undefined, nowUnixMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * SECOND_MS
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowUnixMs)
}

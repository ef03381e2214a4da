// Whether, when and how often a lost session is gone on with (protocol.md 2.6).
import type { SessionError } from './errors.js'

const ATTEMPTS = 5
const FIRST_DELAY_MS = 250
/** The server keeps a session for 30 s; what comes later comes too late. */
const WITHIN_MS = 25_000
const TRANSIENT: ReadonlySet<number> = new Set([1001, 1005, 1006, 1012, 1013, 1014, 3005])
const SERVER_FAILED = 1011
const FINAL: ReadonlySet<string> = new Set([
  'session_not_found',
  'session_forbidden',
  'session_expired',
  'unauthorized',
])

/** Whether the connection broke, rather than being closed for a reason. `told`: the last `session.error`. */
export const isBroken = (code: number, told: SessionError | undefined): boolean =>
  TRANSIENT.has(code) || (code === SERVER_FAILED && told?.code !== 'internal_error')

/** Whether a refusal of `session.resume` is the last word. */
export const isFinal = ({ code }: SessionError): boolean => FINAL.has(code)

/** The attempts after one loss. */
export class Retries {
  #made = 0
  readonly #until: number
  readonly #now: () => number

  /** `now`: milliseconds since some fixed moment. */
  constructor(now: () => number) {
    this.#now = now
    this.#until = now() + WITHIN_MS
  }

  get made(): number {
    return this.#made
  }

  /** How long to wait before the next attempt, in ms; undefined when there is none left. */
  next(): number | undefined {
    const delay = FIRST_DELAY_MS * 2 ** this.#made
    if (this.#made === ATTEMPTS || delay >= this.leftMs) return undefined
    this.#made += 1
    return delay
  }

  /** How much time there still is, in ms. */
  get leftMs(): number {
    return this.#until - this.#now()
  }
}

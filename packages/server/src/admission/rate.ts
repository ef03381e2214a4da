// How often something may happen, for each of many at once: so often on end, and then evenly (GCRA, ITU-T I.371).
import type { Millis } from '@parley/conversation'

export interface RateLimit {
  /** How often it may happen on end. */
  readonly most: number
  /** In how much time that many become possible again. */
  readonly per: Millis
  /** Of how many an account is kept at most; who was seen longest ago is forgotten first. */
  readonly remembered: number
}

/**
 * Keeps one number for each: the time at which it would be as if nothing had happened. Memory is bounded; who has been
 * forgotten begins anew.
 */
export class Rate {
  readonly #limit: RateLimit
  readonly #interval: Millis
  readonly #clearAt = new Map<string, Millis>()

  constructor(limit: RateLimit) {
    this.#limit = limit
    this.#interval = limit.per / limit.most
  }

  /** How many are remembered. */
  get size(): number {
    return this.#clearAt.size
  }

  /** How long `who` has to wait, and 0 when not at all: then it counts as done. */
  take(who: string, now: Millis): Millis {
    const clearAt = Math.max(this.#clearAt.get(who) ?? now, now)
    const wait = clearAt + this.#interval - now - this.#limit.per
    this.#remember(who, wait > 0 ? clearAt : clearAt + this.#interval)
    return Math.max(0, wait)
  }

  /** Takes back one `take`. */
  giveBack(who: string): void {
    const clearAt = this.#clearAt.get(who)
    if (clearAt !== undefined) this.#clearAt.set(who, clearAt - this.#interval)
  }

  #remember(who: string, clearAt: Millis): void {
    this.#clearAt.delete(who)
    this.#clearAt.set(who, clearAt)
    if (this.#clearAt.size <= this.#limit.remembered) return
    const [oldest] = this.#clearAt.keys()
    if (oldest !== undefined) this.#clearAt.delete(oldest)
  }
}

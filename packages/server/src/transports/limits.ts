// How much a peer may send: frames per second, and sound per second.
import type { Millis } from '@parley/conversation'

const SECOND_MS = 1000

export type Verdict = 'allowed' | 'dropped' | 'flooded'

/** Counts frames by the second. Above the limit they are dropped; above it for `patienceMs` on end, the peer is flooding (Q14). */
export class FrameLimit {
  readonly #perSecond: number
  readonly #patienceMs: Millis
  #second = 0
  #count = 0
  #floodingSince: Millis | undefined

  constructor(perSecond: number, patienceMs: Millis) {
    this.#perSecond = perSecond
    this.#patienceMs = patienceMs
  }

  take(now: Millis): Verdict {
    const second = Math.floor(now / SECOND_MS)
    if (second !== this.#second) {
      if (this.#count <= this.#perSecond || second > this.#second + 1) this.#floodingSince = undefined
      this.#second = second
      this.#count = 0
    }
    this.#count += 1
    if (this.#count <= this.#perSecond) return 'allowed'
    this.#floodingSince ??= now
    return now - this.#floodingSince >= this.#patienceMs ? 'flooded' : 'dropped'
  }
}

/** A bucket of sound: it fills in real time and holds `burstMs` (protocol.md 4, "Rate"; checklist 109, 110). */
export class SoundLimit {
  readonly #burstMs: Millis
  #left: Millis
  #filledAt: Millis

  constructor(burstMs: Millis, now: Millis) {
    this.#burstMs = burstMs
    this.#left = burstMs
    this.#filledAt = now
  }

  /** Whether sound that plays for `length` may still come in at `now`. */
  take(length: Millis, now: Millis): boolean {
    this.#left = Math.min(this.#burstMs, this.#left + (now - this.#filledAt))
    this.#filledAt = now
    if (length > this.#left) return false
    this.#left -= length
    return true
  }
}

/** At most one in `everyMs`, so that a complaint does not become a flood itself. */
export class Seldom {
  readonly #everyMs: Millis
  #last = Number.NEGATIVE_INFINITY

  constructor(everyMs: Millis) {
    this.#everyMs = everyMs
  }

  allows(now: Millis): boolean {
    if (now - this.#last < this.#everyMs) return false
    this.#last = now
    return true
  }
}

// Where the user's sound lies in time: told from when its pieces arrive, which the network delays and bunches.

/** How long a piece waits for those behind it: one that was held up is told from one before which nothing was sent. */
export const SETTLE_MS = 1_000
/** Less than this between two pieces is no gap, but the unevenness of a line. */
const UNEVEN_MS = 60
/** How far sound that is sent faster than it is spoken may run ahead. */
export const MOST_AHEAD_MS = 10_000
/** A piece that is longer than this may be put a little late. */
const LONGEST_PIECE_MS = 5_000
/** The loudest sample of what counts as a pause, in which sound that runs ahead is caught up with. */
const QUIET = 250

export interface Placed {
  readonly startMs: number
  readonly samples: Int16Array
}

interface Arrival {
  readonly at: number
  readonly samples: Int16Array
}

/**
 * A piece cannot have been spoken after it arrived, nor after those behind it leave room for: of all that arrives within
 * a second, the piece that was delayed least tells where the others lie. So a burst after a stall fills the stall, and
 * sound after a pause lies behind the pause.
 */
export class Placement {
  readonly #samplesPerMs: number
  #waiting: Arrival[] = []
  #end = 0
  #longestMs = 0

  constructor(sampleRateHz: number) {
    this.#samplesPerMs = sampleRateHz / 1000
  }

  /** `at`: when it arrived, in ms. The samples are kept. */
  arrived(samples: Int16Array, at: number): void {
    if (samples.length === 0) return
    this.#waiting.push({ at, samples })
    this.#longestMs = Math.max(this.#longestMs, this.#lengthOf(samples))
  }

  /** Where sound that is not settled at `now`, or has yet to arrive, may lie. */
  openFrom(now: number): number {
    const unknown = now - SETTLE_MS - Math.min(this.#longestMs, LONGEST_PIECE_MS)
    const first = this.#waiting[0]
    return first ? Math.min(unknown, this.#latestEnds()[0]! - this.#lengthOf(first.samples)) : unknown
  }

  /**
   * The pieces whose place is settled at `now`, in order; with `Infinity` all that are left. None lies before `from`,
   * which only sound that was held up for more than a second runs into. `dropped`: too far ahead.
   */
  settled(now: number, from: number): { readonly placed: readonly Placed[]; readonly dropped: number } {
    const ready = this.#waiting.findIndex(({ at }) => at > now - SETTLE_MS)
    const count = ready < 0 ? this.#waiting.length : ready
    const latest = this.#latestEnds()
    const placed: Placed[] = []
    let dropped = 0
    // silence was written already: what comes now does not go on from before it
    let isApart = this.#end < from
    this.#end = Math.max(this.#end, from)
    for (const [index, { at, samples }] of this.#waiting.slice(0, count).entries()) {
      const due = latest[index]! - this.#lengthOf(samples)
      if (this.#end - at > MOST_AHEAD_MS) {
        dropped += 1
        continue
      }
      const rest = this.#end - due > UNEVEN_MS ? this.#withoutPause(samples, this.#end - due) : samples
      const startMs = due - this.#end > (isApart ? 0 : UNEVEN_MS) ? due : this.#end
      isApart = false
      placed.push({ startMs, samples: rest })
      this.#end = startMs + this.#lengthOf(rest)
    }
    this.#waiting = this.#waiting.slice(count)
    return { placed, dropped }
  }

  /** For each waiting piece the latest moment at which it can have ended, by all that follow it within a second. */
  #latestEnds(): readonly number[] {
    const ends: number[] = []
    let follows = Number.POSITIVE_INFINITY
    for (const { at, samples } of [...this.#waiting].reverse()) {
      const end = Math.min(at, follows)
      ends.push(end)
      follows = end - this.#lengthOf(samples)
    }
    return ends.reverse()
  }

  #lengthOf(samples: Int16Array): number {
    return samples.length / this.#samplesPerMs
  }

  /** The piece less `ms` of it, if it is quiet. */
  #withoutPause(samples: Int16Array, ms: number): Int16Array {
    if (samples.some((sample) => Math.abs(sample) > QUIET)) return samples
    return samples.subarray(Math.min(samples.length, Math.round(ms * this.#samplesPerMs)))
  }
}

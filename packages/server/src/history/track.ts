// One channel of a recording: pieces of sound at their places, read from the beginning on, with silence between them.

interface Piece {
  /** Where its first sample lies. */
  readonly start: number
  readonly samples: Int16Array
}

/** Places are counted in samples from the beginning of the recording. */
export class Track {
  #pieces: Piece[] = []
  #end = 0

  /** Behind the last sample that was placed. */
  get end(): number {
    return this.#end
  }

  /** Puts sound at `start`, which does not lie before `end`. The samples are kept, not copied. */
  place(start: number, samples: Int16Array): void {
    if (samples.length === 0) return
    this.#pieces.push({ start, samples })
    this.#end = start + samples.length
  }

  /** Takes away everything from `at` on. */
  cut(at: number): void {
    if (at >= this.#end) return
    this.#pieces = this.#pieces
      .filter(({ start }) => start < at)
      .map(({ start, samples }) => ({ start, samples: samples.subarray(0, at - start) }))
    this.#end = at
  }

  /** Writes what lies from `start` on into every second of `pairs`, from `channel` (0 or 1) on; what lies before is forgotten. */
  read(start: number, pairs: Int16Array, channel: 0 | 1): void {
    const end = start + pairs.length / 2
    for (const piece of this.#pieces) {
      if (piece.start >= end) break
      const from = Math.max(start, piece.start)
      const to = Math.min(end, piece.start + piece.samples.length)
      for (let at = from; at < to; at++) pairs[(at - start) * 2 + channel] = piece.samples[at - piece.start]!
    }
    const kept = this.#pieces.findIndex((piece) => piece.start + piece.samples.length > end)
    this.#pieces = kept < 0 ? [] : this.#pieces.slice(kept)
  }
}

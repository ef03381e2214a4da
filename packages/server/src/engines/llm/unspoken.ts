// The part of a repeated reply that has not been spoken yet.

/** The repeated reply says something else than what was spoken already. */
export class Deviation extends Error {
  override readonly name = 'Deviation'
}

/** Takes a reply asked for a second time, piece by piece, and gives only what goes beyond the words already spoken. */
export class Unspoken {
  readonly #spoken: string
  #matched = 0

  constructor(spoken: string) {
    this.#spoken = spoken
  }

  /** Throws a `Deviation` when the piece does not repeat what was spoken. */
  take(text: string): string {
    const known = this.#spoken.slice(this.#matched, this.#matched + text.length)
    if (!text.startsWith(known)) throw new Deviation()
    this.#matched += known.length
    return text.slice(known.length)
  }

  /** Throws a `Deviation` when the repeated reply ended before all that was spoken. */
  finish(): void {
    if (this.#matched < this.#spoken.length) throw new Deviation()
  }
}

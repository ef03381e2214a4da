// A bounded memory of what was met lately.

/** Remembers up to `most`; what was met longest ago is forgotten first. */
export class Known {
  readonly #most: number
  readonly #met = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  has(what: string): boolean {
    return this.#met.has(what)
  }

  meet(what: string): void {
    this.#met.delete(what)
    this.#met.add(what)
    if (this.#met.size <= this.#most) return
    const [oldest] = this.#met
    if (oldest !== undefined) this.#met.delete(oldest)
  }

  forget(what: string): void {
    this.#met.delete(what)
  }
}

// Where connections wait until they have a session.

/** Counts them: one costs little, but not nothing. */
export class Lobby {
  readonly #most: number
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#count >= this.#most
  }

  /** Returns what leaves it again. */
  enter(): () => void {
    this.#count += 1
    return () => {
      this.#count -= 1
    }
  }
}

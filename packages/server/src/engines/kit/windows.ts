// Sound in pieces of any length, cut anew into windows of one length.
import type { Samples } from '../engine.js'

export class Windows {
  #rest: Samples
  #filled = 0

  constructor(readonly size: number) {
    this.#rest = new Int16Array(size)
  }

  /** Samples that came in after the last whole window. */
  get pending(): number {
    return this.#filled
  }

  /** The windows that are complete with this piece. Each is valid only until the next is taken. */
  *cut(piece: Samples): Generator<Samples> {
    let at = 0
    while (this.#filled + piece.length - at >= this.size) {
      const taken = this.size - this.#filled
      if (this.#filled === 0) yield piece.subarray(at, at + taken)
      else {
        this.#rest.set(piece.subarray(at, at + taken), this.#filled)
        this.#filled = 0
        yield this.#rest
      }
      at += taken
    }
    this.#rest.set(piece.subarray(at), this.#filled)
    this.#filled += piece.length - at
  }
}

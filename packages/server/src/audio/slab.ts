// Arrays of samples cut from larger ones: one allocation outside the heap serves many frames (performance.md 1.2).
const SLAB_SAMPLES = 32 * 1024

/** The arrays belong to the caller for good; a slab lives as long as any of them. */
export class SampleSlab {
  #slab = new Int16Array(0)
  #used = 0

  take(length: number): Int16Array {
    if (length > SLAB_SAMPLES / 4) return new Int16Array(length)
    if (this.#used + length > this.#slab.length) {
      this.#slab = new Int16Array(SLAB_SAMPLES)
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    return this.#slab.subarray(start, this.#used)
  }
}

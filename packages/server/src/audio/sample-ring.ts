// Arrays of samples cut from a larger one that is used again and again: frames then cost nothing to the collector.

/** Used again after so many samples: at least a second of sound at 24 kHz. */
const RING_SAMPLES = 32 * 1024

/** What it gives holds its content until `RING_SAMPLES` more samples were taken: whoever keeps sound longer copies it. */
export class SampleRing {
  readonly #ring = new Int16Array(RING_SAMPLES)
  #used = 0

  take(length: number): Int16Array {
    if (length > RING_SAMPLES / 4) return new Int16Array(length)
    if (this.#used + length > RING_SAMPLES) this.#used = 0
    const start = this.#used
    this.#used += length
    return this.#ring.subarray(start, this.#used)
  }
}

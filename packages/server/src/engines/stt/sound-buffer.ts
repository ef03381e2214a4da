// A stretch of sound that grows at its end and can be cut at its beginning.
import type { Samples } from '../engine.js'

export class SoundBuffer {
  #samples: Samples = new Int16Array(16_000)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(samples: Samples): void {
    const needed = this.#length + samples.length
    if (needed > this.#samples.length) {
      const larger = new Int16Array(Math.max(needed, 2 * this.#samples.length))
      larger.set(this.#samples.subarray(0, this.#length))
      this.#samples = larger
    }
    this.#samples.set(samples, this.#length)
    this.#length = needed
  }

  /** A copy of the samples from `start` to `end`. */
  slice(start = 0, end = this.#length): Samples {
    return this.#samples.slice(start, Math.min(end, this.#length))
  }

  /** Forgets the first `count` samples. */
  drop(count: number): void {
    this.#samples.copyWithin(0, count, this.#length)
    this.#length -= Math.min(count, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  /** Where, at or after `from`, the quietest stretch of `width` samples has its middle. */
  quietest(from: number, width: number): number {
    let energy = 0
    let least = Number.POSITIVE_INFINITY
    let place = from
    for (let i = from; i < this.#length; i++) {
      energy += this.#samples[i]! ** 2
      if (i < from + width) continue
      energy -= this.#samples[i - width]! ** 2
      if (energy >= least) continue
      least = energy
      place = i - Math.floor(width / 2)
    }
    return place
  }
}

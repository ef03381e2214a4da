// Notices loud input in which no speech is found: the usual sign of a wrong format (protocol.md 11, checklist 179).
import type { Millis } from '@parley/conversation'
import type { Samples } from '../engines/engine.js'

/** So much loud sound without speech is worth a warning. */
export const DEAF_AFTER_MS = 10_000
const LOUD_RMS = 500
/** Every so many samples one is looked at: enough to tell loud from quiet. */
const STRIDE = 16

export class Deafness {
  readonly #warn: () => void
  #loudMs: Millis = 0

  /** `warn` is called at most once. */
  constructor(warn: () => void) {
    this.#warn = warn
  }

  hear(samples: Samples, length: Millis): void {
    if (this.#loudMs >= DEAF_AFTER_MS || !isLoud(samples)) return
    this.#loudMs += length
    if (this.#loudMs >= DEAF_AFTER_MS) this.#warn()
  }

  /** Speech was found: what was loud so far was that. */
  speech(): void {
    if (this.#loudMs < DEAF_AFTER_MS) this.#loudMs = 0
  }
}

function isLoud(samples: Samples): boolean {
  let sum = 0
  let count = 0
  for (let index = 0; index < samples.length; index += STRIDE) {
    const sample = samples[index]!
    sum += sample * sample
    count += 1
  }
  return count > 0 && sum / count > LOUD_RMS * LOUD_RMS
}

// A loudspeaker without sound: when each sample would be heard, and a recording of what was.
import type { Clock } from '../../session/clock.js'

/** Quieter sound, about 50 dB below full scale, is not heard as the beginning of a reply. */
const AUDIBLE = 104

interface Piece {
  /** Place of the first sample in the recording. */
  readonly at: number
  readonly reply: string
  readonly samples: Int16Array
}

export class Speaker {
  readonly #openedAt: number
  #pieces: Piece[] = []
  /** Place after the last sample that was given. */
  #end = 0

  constructor(
    private readonly clock: Clock,
    readonly sampleRateHz: number,
  ) {
    this.#openedAt = clock.now()
  }

  /** Plays `samples` of a reply after what is still playing, or now. */
  play(samples: Int16Array, reply: string): void {
    const at = Math.max(this.#end, this.#placeAt(this.clock.now()))
    this.#pieces.push({ at, reply, samples })
    this.#end = at + samples.length
  }

  /** Drops what has not been heard yet. */
  hush(): void {
    const now = this.#placeAt(this.clock.now())
    this.#pieces = this.#pieces
      .filter(({ at }) => at < now)
      .map(({ at, reply, samples }) => ({ at, reply, samples: samples.subarray(0, now - at) }))
    this.#end = Math.min(this.#end, now)
  }

  /** When all that was given has been heard. */
  get silentAt(): number {
    return this.#openedAt + (this.#end / this.sampleRateHz) * 1000
  }

  /** When the first of these replies was or will be heard; undefined while there is no sound of them. */
  firstHeardAt(replies: readonly string[]): number | undefined {
    for (const { at, reply, samples } of this.#pieces) {
      if (!replies.includes(reply)) continue
      const index = samples.findIndex((sample) => Math.abs(sample) >= AUDIBLE)
      if (index >= 0) return this.#openedAt + ((at + index) / this.sampleRateHz) * 1000
    }
    return undefined
  }

  /** All that was given and not dropped, with the silences between, from the opening of the speaker on. */
  recording(): Int16Array {
    const recording = new Int16Array(this.#end)
    for (const { at, samples } of this.#pieces) recording.set(samples, at)
    return recording
  }

  #placeAt(time: number): number {
    return Math.max(0, Math.round(((time - this.#openedAt) * this.sampleRateHz) / 1000))
  }
}

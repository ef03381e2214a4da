// What waits to be played: put in as it arrives, taken out in time, emptied at once when the user cuts in.
import { Resampler } from './resampler.js'

export interface PlaybackOptions {
  readonly sourceRateHz: number
  readonly outputRateHz: number
}

/** How far the playing of a reply has come. */
export type PlaybackReport =
  /** The first sample that can be heard lies `index` samples into the block that was taken. */
  | { readonly type: 'audible'; readonly reply: string; readonly index: number }
  /** All of the reply has been played. */
  | { readonly type: 'finished'; readonly reply: string }

/** What does not fit is left out; a server that paces its sound keeps well below this. */
const CAPACITY_MS = 60_000
/** Long enough to hear no click, short enough to hear no delay. */
const FADE_MS = 8
/** After running dry within a reply, so much is gathered before playing goes on: one gap is better than many. */
const REGATHER_MS = 60
/** Below -50 dB of full scale nobody hears anything. */
const AUDIBLE = 0.003
/** What is left of the last sample from one sample to the next when the sound breaks off: gone within 2 ms. */
const DECAY = 0.92

/** A stretch of one reply: where in the reply it begins, how much of it there is, and how much was played. */
interface Stretch {
  readonly reply: string
  readonly startMs: number
  length: number
  played: number
  audible: boolean
  complete: boolean
}

export class PlaybackBuffer {
  readonly #resampler: Resampler
  readonly #ring: Float32Array
  readonly #samplesPerMs: number
  readonly #sourceSamplesPerMs: number
  #readAt = 0
  #filled = 0
  readonly #stretches: Stretch[] = []
  /** Milliseconds that came in of the newest reply, flushed or not: where its next stretch begins. */
  #arrived = { reply: '', ms: 0 }
  /** The last milliseconds of a sound that was cut, already fading. */
  #tail = new Float32Array(0)
  #last = 0
  #dry = false

  constructor({ sourceRateHz, outputRateHz }: PlaybackOptions) {
    this.#resampler = new Resampler(sourceRateHz, outputRateHz)
    this.#samplesPerMs = outputRateHz / 1000
    this.#sourceSamplesPerMs = sourceRateHz / 1000
    this.#ring = new Float32Array(Math.ceil(CAPACITY_MS * this.#samplesPerMs))
  }

  /** The reply being played and how much of it was, in ms of its own sound. */
  get position(): { readonly reply: string; readonly ms: number } | undefined {
    const stretch = this.#stretches[0]
    return stretch && { reply: stretch.reply, ms: stretch.startMs + stretch.played / this.#samplesPerMs }
  }

  /** Adds sound at the end. Replies follow each other: sound of another reply completes the one before. */
  push(reply: string, samples: Int16Array): void {
    if (samples.length === 0) return
    if (this.#arrived.reply !== reply) {
      if (this.#arrived.reply) this.finish(this.#arrived.reply)
      this.#arrived = { reply, ms: 0 }
    }
    const floats = Float32Array.from(samples, (sample) => sample / 0x8000)
    this.#append(this.#openStretch(reply), this.#resampler.process(floats))
    this.#arrived = { reply, ms: this.#arrived.ms + samples.length / this.#sourceSamplesPerMs }
  }

  /** No more will come of `reply`. */
  finish(reply: string): void {
    const stretch = this.#stretches.find((each) => each.reply === reply && !each.complete)
    if (!stretch) return
    this.#append(stretch, this.#resampler.finish())
    stretch.complete = true
  }

  /** Falls silent within `FADE_MS`, whatever waits. */
  flush(): void {
    const count = Math.min(this.#filled, Math.round(FADE_MS * this.#samplesPerMs))
    const tail = new Float32Array(this.#dry ? 0 : count)
    for (let index = 0; index < tail.length; index++) tail[index] = this.#next() * (1 - (index + 1) / count)
    this.#tail = tail
    this.#last = 0
    this.#filled = 0
    this.#stretches.length = 0
    this.#resampler.reset()
    this.#dry = false
  }

  /** Fills `block` with what comes next, or silence. */
  pull(block: Float32Array, report: (report: PlaybackReport) => void): void {
    const faded = Math.min(this.#tail.length, block.length)
    block.set(this.#tail.subarray(0, faded))
    this.#tail = this.#tail.subarray(faded)
    for (let index = faded; index < block.length; index++) block[index] = this.#play(index, report)
  }

  #play(index: number, report: (report: PlaybackReport) => void): number {
    const stretch = this.#playable(report)
    if (!stretch) {
      this.#last *= DECAY
      return Math.abs(this.#last) < 1e-4 ? 0 : this.#last
    }
    const sample = this.#next()
    stretch.played++
    if (!stretch.audible && Math.abs(sample) >= AUDIBLE) {
      stretch.audible = true
      report({ type: 'audible', reply: stretch.reply, index })
    }
    return sample
  }

  /** The stretch that the next sample belongs to; none while there is nothing, or too little, to play. */
  #playable(report: (report: PlaybackReport) => void): Stretch | undefined {
    let stretch = this.#stretches[0]
    while (stretch && stretch.played === stretch.length) {
      if (!stretch.complete) {
        this.#dry = true
        return undefined
      }
      report({ type: 'finished', reply: stretch.reply })
      this.#stretches.shift()
      stretch = this.#stretches[0]
    }
    if (!stretch) return undefined
    if (this.#dry && !stretch.complete && this.#filled < REGATHER_MS * this.#samplesPerMs) return undefined
    this.#dry = false
    return stretch
  }

  #openStretch(reply: string): Stretch {
    const newest = this.#stretches.at(-1)
    if (newest && newest.reply === reply && !newest.complete) return newest
    const startMs = this.#arrived.ms
    const opened = { reply, startMs, length: 0, played: 0, audible: startMs > 0, complete: false }
    this.#stretches.push(opened)
    return opened
  }

  #append(stretch: Stretch, samples: Float32Array): void {
    const size = this.#ring.length
    const taken = Math.min(samples.length, size - this.#filled)
    const start = (this.#readAt + this.#filled) % size
    const first = Math.min(taken, size - start)
    this.#ring.set(samples.subarray(0, first), start)
    this.#ring.set(samples.subarray(first, taken), 0)
    this.#filled += taken
    stretch.length += taken
  }

  #next(): number {
    this.#last = this.#ring[this.#readAt]!
    this.#readAt = (this.#readAt + 1) % this.#ring.length
    this.#filled--
    return this.#last
  }
}

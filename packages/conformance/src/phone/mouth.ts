// What a caller sends: a frame every 20 ms, with what is said or with silence, over a line that may be late, unsteady or full
// of holes.
import { SAMPLES_PER_MS, SILENCE } from './playback.js'

export const FRAME_MS = 20
const FRAME_BYTES = FRAME_MS * SAMPLES_PER_MS

/** What the way from the caller to the server does to frames. All times in ms; they are counted from 0 and never reordered. */
export interface LineQuality {
  /** How much later than it was recorded each frame leaves. */
  readonly latenessMs?: number
  /** How much later still at most, by chance. */
  readonly jitterMs?: number
  /** Frames that never arrive. Their time passes all the same, which the timestamps of the others show. */
  readonly loses?: (frame: number) => boolean
  /** Nothing leaves for so long from so many ms after the stream began; then everything at once. */
  readonly stalls?: readonly { readonly at: number; readonly ms: number }[]
  /** From 0 to below 1; chance is the machine's own when it is left out. */
  readonly random?: () => number
}

export interface Frame {
  readonly number: number
  /** Where its first sample belongs, in ms since the stream began. */
  readonly timestamp: number
  readonly sound: Uint8Array
  /** When it leaves, in ms since the stream began. */
  readonly leaves: number
}

export class Mouth {
  readonly #quality: LineQuality
  #next = 0
  #lastLeft = 0
  #said: Uint8Array = new Uint8Array(0)

  constructor(quality: LineQuality = {}) {
    this.#quality = quality
  }

  /** Says this (mu-law, 8 kHz) after what is still being said. Returns when it begins and ends, in ms since the stream began. */
  say(sound: Uint8Array): { readonly begins: number; readonly ends: number } {
    const begins = this.#next * FRAME_MS + this.#said.length / SAMPLES_PER_MS
    this.#said = Buffer.concat([this.#said, sound])
    return { begins, ends: begins + sound.length / SAMPLES_PER_MS }
  }

  /** Says nothing more of what was still to be said. */
  hush(): void {
    this.#said = new Uint8Array(0)
  }

  /** When the next frame is complete, in ms since the stream began. */
  get due(): number {
    return (this.#next + 1) * FRAME_MS
  }

  /** Records the next frame; undefined when the line loses it. */
  record(): Frame | undefined {
    const number = this.#next
    const recorded = this.due
    const sound = new Uint8Array(FRAME_BYTES).fill(SILENCE)
    sound.set(this.#said.subarray(0, FRAME_BYTES))
    this.#said = this.#said.subarray(FRAME_BYTES)
    this.#next += 1
    this.#lastLeft = Math.max(this.#lastLeft, this.#departure(recorded))
    if (this.#quality.loses?.(number)) return undefined
    return { number, timestamp: number * FRAME_MS, sound, leaves: this.#lastLeft }
  }

  #departure(recorded: number): number {
    const { latenessMs = 0, jitterMs = 0, stalls = [], random = Math.random } = this.#quality
    const ready = recorded + latenessMs + jitterMs * random()
    return stalls.reduce((at, stall) => (at >= stall.at && at < stall.at + stall.ms ? stall.at + stall.ms : at), ready)
  }
}

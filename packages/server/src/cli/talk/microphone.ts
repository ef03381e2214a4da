// A microphone that plays what it is given: sound in real time, and silence between and after.
import type { Clock } from '../../session/clock.js'

const FRAME_MS = 20

export interface Said {
  /** When the first sample was picked up, on the clock; a frame leaves once its last sample was. */
  readonly startedAt: number
}

interface Utterance {
  readonly samples: Int16Array
  offset: number
  startedAt: number
  readonly done: (said: Said) => void
}

export class Microphone {
  readonly #frameLength: number
  readonly #queue: Utterance[] = []
  #cancel: (() => void) | undefined
  #isClosed = false

  constructor(
    private readonly clock: Clock,
    readonly sampleRateHz: number,
    private readonly send: (samples: Int16Array) => void,
  ) {
    this.#frameLength = (sampleRateHz * FRAME_MS) / 1000
  }

  /** Sends a frame every 20 ms from now on. A late frame does not delay those after it. */
  open(): void {
    const opened = this.clock.now()
    const tick = (count: number) => {
      this.send(this.#nextFrame(opened + (count - 1) * FRAME_MS))
      this.#cancel = this.clock.wake(opened + (count + 1) * FRAME_MS, () => tick(count + 1))
    }
    this.#cancel = this.clock.wake(opened + FRAME_MS, () => tick(1))
  }

  /** Whatever is still to be said stays unsaid; whoever waits for it waits no longer. */
  close(): void {
    this.#cancel?.()
    this.#isClosed = true
    for (const { startedAt, done } of this.#queue.splice(0)) done({ startedAt })
  }

  /** Says `samples` after what is already being said. Resolves when the last of them has been sent. */
  say(samples: Int16Array): Promise<Said> {
    return new Promise((done) => {
      if (samples.length === 0 || this.#isClosed) return done({ startedAt: this.clock.now() })
      this.#queue.push({ samples, offset: 0, startedAt: 0, done })
    })
  }

  #nextFrame(frameStart: number): Int16Array {
    const frame = new Int16Array(this.#frameLength)
    let filled = 0
    while (filled < frame.length && this.#queue.length > 0) {
      const utterance = this.#queue[0]!
      const { samples, offset } = utterance
      if (offset === 0) utterance.startedAt = frameStart + (filled / this.sampleRateHz) * 1000
      const piece = samples.subarray(offset, offset + frame.length - filled)
      frame.set(piece, filled)
      filled += piece.length
      utterance.offset += piece.length
      if (utterance.offset < samples.length) break
      this.#queue.shift()
      utterance.done({ startedAt: utterance.startedAt })
    }
    return frame
  }
}

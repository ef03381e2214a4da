// When the user last made a sound, by loudness: from there the wait for an answer is counted.

/** Speech is looked for in pieces of this length, so that its end is known about as well. */
const PIECE_MS = 10
/** Quieter than this is never speech: -46 dB of full scale. */
const LEAST_LOUDNESS = 0.005
/** Speech is at least so many times as loud as the room. */
const ABOVE_ROOM = 4
/** How fast a room that grew louder is believed, per piece: by a factor of ten in about five seconds. */
const ROOM_RISE = 1.005

export class SpeechEnd {
  #room = LEAST_LOUDNESS
  #lastSeconds: number | undefined
  #level = 0

  constructor(readonly sampleRateHz: number) {}

  /** When the last speech ended, in seconds of the clock that the frames carry. */
  get lastSeconds(): number | undefined {
    return this.#lastSeconds
  }

  /** Loudness of the last frame, 0 to 1. */
  get level(): number {
    return this.#level
  }

  /** Takes a frame that ended at `at` seconds. */
  hear(samples: Int16Array, at: number): void {
    const pieceLength = Math.round((this.sampleRateHz * PIECE_MS) / 1000)
    this.#level = loudness(samples)
    for (let start = 0; start < samples.length; start += pieceLength) {
      const piece = samples.subarray(start, start + pieceLength)
      const loud = loudness(piece)
      if (loud > Math.max(LEAST_LOUDNESS, this.#room * ABOVE_ROOM))
        this.#lastSeconds = at - (samples.length - start - piece.length) / this.sampleRateHz
      this.#room = Math.min(loud, this.#room * ROOM_RISE) || LEAST_LOUDNESS / ABOVE_ROOM
    }
  }
}

/** Root mean square, 0 to 1. */
function loudness(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length) / 0x8000
}

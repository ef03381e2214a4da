// Sound of any length in, 16-bit frames of one length out.

export class FrameCutter {
  #frame: Int16Array<ArrayBuffer>
  #filled = 0

  constructor(readonly frameLength: number) {
    this.#frame = new Int16Array(frameLength)
  }

  /** Takes samples from -1 to 1 and hands over each frame as it is full. The frame is the receiver's to keep. */
  push(samples: Float32Array, hand: (frame: Int16Array<ArrayBuffer>) => void): void {
    for (const sample of samples) {
      this.#frame[this.#filled++] = toInt16(sample)
      if (this.#filled < this.frameLength) continue
      hand(this.#frame)
      this.#frame = new Int16Array(this.frameLength)
      this.#filled = 0
    }
  }
}

function toInt16(sample: number): number {
  const clamped = Math.max(-1, Math.min(1, sample))
  return Math.round(clamped < 0 ? clamped * 0x8000 : clamped * 0x7fff)
}

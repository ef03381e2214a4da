// Where speech begins and ends, from a detector's yes or no on each window of sound.
import type { Millis } from '@parley/conversation'
import type { VadOutput } from '../engine.js'

/** How far a detector lags behind the sound, measured from the end of the window that shows it. */
export interface DetectorLag {
  /** From the onset of speech to the end of the first window called speech. */
  readonly onset: Millis
  /** From the end of speech to the end of the first window no longer called speech. */
  readonly offset: Millis
}

export class SpeechEdges {
  #speaking = false
  #heard: Millis = 0
  /** Where in the sound the last edge was. */
  #edge: Millis = 0

  constructor(readonly lag: DetectorLag) {}

  /**
   * `isSpeech` of the next window, `length` long; `ahead`: how much sound beyond this window has already come in.
   * Gives what this window shows, if anything.
   */
  window(isSpeech: boolean, length: Millis, ahead: Millis): VadOutput | undefined {
    this.#heard += length
    if (isSpeech === this.#speaking) return undefined
    this.#speaking = isSpeech
    // Edges follow each other, even where the lag of one is longer than what lies between them.
    this.#edge = Math.max(this.#edge, this.#heard - (isSpeech ? this.lag.onset : this.lag.offset))
    return { type: isSpeech ? 'started' : 'stopped', ago: this.#heard - this.#edge + ahead }
  }
}

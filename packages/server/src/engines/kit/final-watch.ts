// Notices a recogniser that owes the words of a pause for too long.
import type { Millis, TurnNumber } from '@parley/conversation'
import type { Clock } from '../../session/clock.js'
import { EngineError, type SttInput, type SttOutput } from '../engine.js'

export class FinalWatch {
  readonly #clock: Clock
  readonly #within: Millis
  readonly #ring: () => void
  #turn: TurnNumber = 1
  #isDue = false
  #cancel = () => {}

  /** `ring` is called each time that a final has not come within `within` of the end of the speech that it is of. */
  constructor(clock: Clock, within: Millis, ring: () => void) {
    this.#clock = clock
    this.#within = within
    this.#ring = ring
  }

  /** A final follows each end of speech, unless speech or another turn begins before it is ready. */
  hears(input: SttInput): void {
    if (input.type === 'audio') return
    this.stop()
    if (input.type === 'turn') this.#turn = input.turn
    if (input.type === 'speech.stopped') this.#begin()
  }

  says({ type, turn }: SttOutput): void {
    if (type === 'final' && turn === this.#turn) this.stop()
  }

  /** The speech is heard once more: what is due has its time again. */
  again(): void {
    this.#cancel()
    if (this.#isDue) this.#begin()
  }

  /** Nothing is due any more. */
  stop(): void {
    this.#isDue = false
    this.#cancel()
  }

  #begin(): void {
    this.#isDue = true
    this.#cancel = this.#clock.wake(this.#clock.now() + this.#within, this.#ring)
  }
}

export const finalOverdue = (within: Millis): EngineError =>
  new EngineError({
    code: 'stt_timeout',
    message: `The recogniser gave no words within ${within / 1000} s of the end of speech. Check that it is not overloaded.`,
    retryable: true,
  })

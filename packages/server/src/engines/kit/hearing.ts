// What a recogniser hears of a turn, kept so that another, or the same one opened anew, can hear it from its beginning.
import type { Millis } from '@parley/conversation'
import { Queue } from '../../session/queue.js'
import type { SttInput } from '../engine.js'

/** How much of a turn is remembered; of a longer one the end. */
const REMEMBERED: Millis = 30_000
/** The same as long as nothing was said in it. */
const REMEMBERED_QUIET: Millis = 2_000

/** What is heard: handed on as it comes, and kept since the turn began for whoever has to take over. */
export class Hearing {
  isOver = false
  #turn: SttInput | undefined
  #kept: SttInput[] = []
  #keptSamples = 0
  /** Whether the sound at the beginning of what is kept is speech. */
  #beginsInSpeech = false
  /** Whether there is speech in what is kept. */
  #hasSpeech = false
  #listener = new Queue<SttInput>()
  readonly #sampleRateHz: number

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz
  }

  hear(input: SttInput): void {
    // the memory of the sound will be used again before anybody may need it
    const piece: SttInput = input.type === 'audio' ? { type: 'audio', samples: input.samples.slice() } : input
    if (piece.type === 'turn') this.#begin(piece)
    else this.#keep(piece)
    this.#listener.push(piece)
  }

  end(): void {
    this.isOver = true
    this.#listener.close()
  }

  /** The turn so far, then whatever follows. Who listened before gets nothing more. */
  replayed(): Queue<SttInput> {
    this.#listener.close()
    this.#listener = new Queue<SttInput>()
    if (this.#turn) this.#listener.push(this.#turn)
    if (this.#beginsInSpeech) this.#listener.push({ type: 'speech.started' })
    for (const piece of this.#kept) this.#listener.push(piece)
    if (this.isOver) this.#listener.close()
    return this.#listener
  }

  /** The sound of the turn so far will not be heard again. */
  forget(): void {
    for (const piece of this.#kept) this.#drop(piece)
    this.#kept = []
    this.#keptSamples = 0
    this.#hasSpeech = this.#beginsInSpeech
  }

  /** Speech may have begun before the turn did. */
  #begin(turn: SttInput): void {
    this.forget()
    this.#turn = turn
  }

  #keep(piece: SttInput): void {
    this.#kept.push(piece)
    if (piece.type === 'audio') this.#keptSamples += piece.samples.length
    if (piece.type === 'speech.started') this.#hasSpeech = true
    const most = (this.#sampleRateHz * (this.#hasSpeech ? REMEMBERED : REMEMBERED_QUIET)) / 1000
    let count = 0
    while (this.#keptSamples > most) this.#drop(this.#kept[count++]!) // there is sound in it as long as it is too much
    if (count > 0) this.#kept = this.#kept.slice(count)
  }

  #drop(piece: SttInput): void {
    if (piece.type === 'audio') this.#keptSamples -= piece.samples.length
    else if (piece.type !== 'turn') this.#beginsInSpeech = piece.type === 'speech.started'
  }
}

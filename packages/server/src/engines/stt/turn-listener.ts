// Turns sound with marks into text, with a recogniser that only knows whole stretches of sound.
// Decodes as soon as speech stops; when the same turn goes on, decodes the joined sound anew, because a recogniser hears
// a sentence better than its halves. What has grown long is settled: its text stays, and what follows is added to it.
import type { Millis, TurnNumber } from '@parley/conversation'
import type { Samples, SttInput, SttOutput } from '../engine.js'
import type { Urgency } from '../host/decode-queue.js'
import { SoundBuffer } from './sound-buffer.js'

/** The text of a stretch of sound; undefined when it was given up for other work or because the signal fired. */
export type Transcribe = (samples: Samples, urgency: Urgency, signal: AbortSignal) => Promise<string | undefined>

export interface ListenerOptions {
  readonly sampleRateHz: number
  /** How much new speech there must be for the next partial. */
  readonly partialEvery: Millis
  readonly transcribe: Transcribe
  readonly tell: (output: SttOutput) => void
  readonly fail: (error: unknown) => void
}

/** Speech is noticed about 100 ms after its onset, at times 200; a word needs 100 ms of room before it. */
const PRE_ROLL: Millis = 300
/** A turn that goes on after a pause is heard as one while it is shorter than this. */
const LONGEST_JOINED: Millis = 10_000
/** Speech without any pause is cut, where it is quietest within its last seconds, when it has become this long. */
const LONGEST_STRETCH: Millis = 25_000
const CUT_WITHIN: Millis = 5000
const CUT_WIDTH: Millis = 100

export class TurnListener {
  readonly #options: ListenerOptions
  #turn: TurnNumber = 1
  #speaking = false
  /** The last moments of what was heard outside of speech. */
  readonly #before = new SoundBuffer()
  /** The stretch that is still open to change. */
  readonly #stretch = new SoundBuffer()
  /** Where in the stretch the latest speech begins. */
  #latest = 0
  /** Texts of the turn's earlier stretches. */
  #settled: Promise<string>[] = []
  #heardSincePartial = 0
  /** What the turn's latest words were shown as; empty while nothing of the latest speech was shown. */
  #shown = ''
  #partial: Promise<void> | undefined
  #final: { readonly text: Promise<string>; readonly done: Promise<void>; readonly stop: AbortController } | undefined
  #turnOver = new AbortController()

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  hear(input: SttInput): void {
    if (input.type === 'speech.started') this.#started()
    else if (input.type === 'speech.stopped') this.#stopped()
    else if (input.type === 'turn') this.#begin(input.turn)
    else if (this.#speaking) this.#speech(input.samples)
    else this.#quiet(input.samples)
  }

  /** Resolves when the final that is due, if any, was told. */
  async finish(): Promise<void> {
    await this.#final?.done
  }

  /** Tells nothing more. */
  stop(): void {
    this.#turnOver.abort()
    this.#final?.stop.abort()
    this.#final = undefined
  }

  #quiet(samples: Samples): void {
    this.#before.append(samples)
    const surplus = this.#before.length - this.#samples(PRE_ROLL)
    if (surplus > 0) this.#before.drop(surplus)
  }

  #speech(samples: Samples): void {
    this.#stretch.append(samples)
    this.#heardSincePartial += samples.length
    if (this.#stretch.length > this.#samples(LONGEST_STRETCH)) this.#cut()
    if (this.#heardSincePartial >= this.#samples(this.#options.partialEvery)) this.#showPartial()
  }

  #started(): void {
    if (this.#speaking) return
    this.#speaking = true
    const before = this.#final
    this.#final = undefined
    if (this.#stretch.length > this.#samples(LONGEST_JOINED)) this.#settle(before?.text)
    else before?.stop.abort()
    this.#latest = this.#stretch.length
    this.#stretch.append(this.#before.slice())
    this.#before.clear()
    this.#heardSincePartial = 0
    this.#shown = ''
  }

  #stopped(): void {
    this.#speaking = false
    this.#final?.stop.abort()
    const stop = new AbortController()
    const text = this.#transcribe(this.#stretch.slice(), stop.signal)
    const turn = this.#turn
    const done = this.#whole(text).then((whole) => {
      if (this.#final?.stop !== stop || stop.signal.aborted) return
      this.#options.tell({ type: 'final', turn, text: whole })
    }, this.#options.fail)
    this.#final = { text, done, stop }
  }

  #begin(turn: TurnNumber): void {
    // Speech that has begun but of which no word was shown cannot have been part of the turn before: it opens this one.
    const carried = this.#speaking && this.#shown === '' ? this.#stretch.slice(this.#latest) : undefined
    this.stop()
    this.#turnOver = new AbortController()
    this.#turn = turn
    this.#settled = []
    this.#stretch.clear()
    if (carried) this.#stretch.append(carried)
    this.#latest = 0
    this.#shown = ''
  }

  /** The stretch is closed: `text` is what it was heard as, if it was. */
  #settle(text: Promise<string> = this.#transcribe(this.#stretch.slice(), this.#turnOver.signal)): void {
    this.#settled.push(text)
    // Looked at only when the turn's next text is told; until then a failure is nobody's yet.
    text.catch(() => {})
    this.#stretch.clear()
  }

  #cut(): void {
    const place = this.#stretch.quietest(this.#stretch.length - this.#samples(CUT_WITHIN), this.#samples(CUT_WIDTH))
    const rest = this.#stretch.slice(place)
    const settled = this.#stretch.slice(0, place)
    this.#settle(this.#transcribe(settled, this.#turnOver.signal))
    this.#stretch.append(rest)
    this.#latest = 0
  }

  #showPartial(): void {
    this.#heardSincePartial = 0
    if (this.#partial) return
    const { transcribe, tell, fail } = this.#options
    const turn = this.#turn
    const speech = this.#turnOver.signal
    const stretches = this.#settled.length
    const told = async () => {
      const text = await transcribe(this.#stretch.slice(), 'partial', speech)
      if (text === undefined || text === '') return
      const whole = await this.#whole(Promise.resolve(text))
      const isCurrent = this.#speaking && !speech.aborted && stretches === this.#settled.length
      if (!isCurrent || whole === this.#shown) return
      this.#shown = whole
      tell({ type: 'partial', turn, text: whole })
    }
    this.#partial = told()
      .catch(fail)
      .finally(() => {
        this.#partial = undefined
      })
  }

  async #transcribe(samples: Samples, signal: AbortSignal): Promise<string> {
    if (samples.length === 0) return ''
    return (await this.#options.transcribe(samples, 'final', signal)) ?? ''
  }

  /** All of the turn's text, the open stretch being heard as `text`. */
  async #whole(text: Promise<string>): Promise<string> {
    const texts = await Promise.all([...this.#settled, text])
    return texts.filter((part) => part !== '').join(' ')
  }

  #samples(length: Millis): number {
    return Math.round((length * this.#options.sampleRateHz) / 1000)
  }
}

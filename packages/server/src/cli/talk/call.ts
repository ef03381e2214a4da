// A call from recordings: says each in its turn, waits for the answer, and tells what happens.
import { type Session, SessionError } from '@parley/client'
import { sampleRateHz, type TimedServerEvent } from '@parley/protocol'
import type { Clock } from '../../session/clock.js'
import { CliError } from '../exit.js'
import { Floor } from './floor.js'
import { Microphone } from './microphone.js'
import { Speaker } from './speaker.js'
import { speechSpan } from './speech-span.js'

/** What the user says, made of samples at the rate of the session's input. */
export type Turn =
  | { readonly is: 'recording'; readonly name: string; sound(sampleRateHz: number): Int16Array }
  | { readonly is: 'stream'; readonly name: string; sound(sampleRateHz: number): AsyncIterable<Int16Array> }

/** How a turn went. `latency_ms`: from the end of the speech in the file to the first audible sound of the answer. */
export interface TurnReport {
  readonly type: 'talk.turn'
  readonly file: string
  readonly answered: boolean
  /** Where in the file the speech ends; null where that is not known. */
  readonly speech_end_ms: number | null
  readonly latency_ms: number | null
}

export interface CallOptions {
  /** Whether to speak while the agent still speaks. */
  readonly bargeIn: boolean
  /** How long to wait for the first sound of an answer. */
  readonly patienceMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  tell(event: TimedServerEvent | TurnReport): void
}

export interface CallResult {
  readonly reports: readonly TurnReport[]
  /** What the agent said, as it was heard, from the beginning of the session on. */
  readonly heard: { readonly sampleRateHz: number; readonly samples: Int16Array }
  /** Why the call broke off before its end. */
  readonly failure: Error | undefined
}

const BARGE_IN_AFTER_MS = 1000
const GREETING_PATIENCE_MS = 5000
/** An answer is over when nothing more begins for this long. */
const SETTLED_MS = 500
/** A stream has no marked turns; when it has ended, a longer quiet tells that all is said. */
const STREAM_SETTLED_MS = 3000
const LONGEST_REPLY_MS = 600_000

/** Rejects when the session does not begin. Afterwards it resolves, also when it broke off. */
export async function call(session: Session, turns: readonly Turn[], options: CallOptions): Promise<CallResult> {
  const running = new Call(session, options)
  const { config } = await session.ready
  return running.run(turns, config.greeting !== null && config.greeting !== '')
}

class Call {
  readonly #floor: Floor
  #speaker: Speaker | undefined
  #microphone: Microphone | undefined
  #failure: Error | undefined
  #isOver = false

  constructor(
    private readonly session: Session,
    private readonly options: CallOptions,
  ) {
    this.#floor = new Floor(options.clock)
    session.on('session.ready', ({ config }) => {
      const { input, output } = config
      this.#speaker = new Speaker(options.clock, sampleRateHz[output.format.encoding])
      this.#microphone = new Microphone(options.clock, sampleRateHz[input.format.encoding], (sound) =>
        session.sendAudio(sound),
      )
      this.#microphone.open()
    })
    session.on('event', (event) => this.#hear(event))
    session.on('audio', ({ samples, replyId }) => this.#speaker?.play(samples, replyId))
    session.on('close', ({ error }) => this.#stop(error))
    options.signal.addEventListener('abort', () => this.#stop(undefined), { once: true })
  }

  async run(turns: readonly Turn[], isGreeted: boolean): Promise<CallResult> {
    const speaker = this.#speaker!
    const microphone = this.#microphone!
    const reports: TurnReport[] = []
    if (isGreeted && turns.length > 0) await this.#awaitGreeting(speaker)
    for (const [index, turn] of turns.entries()) {
      if (this.#isOver) break
      const report = await this.#take(turn, microphone, speaker, index === turns.length - 1)
      if (this.#isOver) break
      reports.push(report)
      this.options.tell(report)
    }
    await this.#hangUp()
    return {
      reports,
      heard: { sampleRateHz: speaker.sampleRateHz, samples: speaker.recording() },
      failure: this.#failure,
    }
  }

  #awaitGreeting(speaker: Speaker): Promise<boolean> {
    const { clock, bargeIn } = this.options
    const begun = () => this.#floor.repliesSince(0).length > 0
    const heardAt = () => speaker.firstHeardAt(this.#floor.repliesSince(0)) ?? Number.POSITIVE_INFINITY
    const heardEnough = () => clock.now() >= heardAt() + BARGE_IN_AFTER_MS
    return this.#floor
      .until(begun, clock.now() + GREETING_PATIENCE_MS)
      .then((isBegun) => isBegun && this.#soon(() => this.#isQuiet(speaker) || (bargeIn && heardEnough())))
  }

  async #take(turn: Turn, microphone: Microphone, speaker: Speaker, isLast: boolean): Promise<TurnReport> {
    const began = this.options.clock.now()
    const speechEnd = await this.#say(turn, microphone)
    const { clock, patienceMs, bargeIn } = this.options
    const heardAt = () => speaker.firstHeardAt(this.#floor.repliesSince(speechEnd.at))
    const isDone = () => this.#floor.lastDoneAt >= speechEnd.at
    const answered = await this.#floor.until(() => heardAt() !== undefined || isDone(), clock.now() + patienceMs)
    if (answered && bargeIn && !isLast)
      await this.#soon(() => isDone() || clock.now() >= (heardAt() ?? 0) + BARGE_IN_AFTER_MS)
    else if (answered && turn.is === 'recording') await this.#soon(() => isDone() && this.#isQuiet(speaker), SETTLED_MS)
    else if (turn.is === 'stream') await this.#soon(() => this.#isQuiet(speaker), STREAM_SETTLED_MS)
    const heard = heardAt()
    return {
      type: 'talk.turn',
      file: turn.name,
      answered: answered || this.#floor.repliesSince(began).length > 0,
      speech_end_ms: speechEnd.inFileMs,
      latency_ms: heard === undefined || speechEnd.inFileMs === null ? null : Math.round(heard - speechEnd.at),
    }
  }

  async #say(turn: Turn, microphone: Microphone): Promise<{ readonly at: number; readonly inFileMs: number | null }> {
    const rate = microphone.sampleRateHz
    if (turn.is === 'recording') {
      const samples = turn.sound(rate)
      const span = speechSpan(samples, rate)
      const { startedAt } = await microphone.say(samples)
      return { at: startedAt + (span?.endMs ?? 0), inFileMs: span?.endMs ?? null }
    }
    // one piece is always waiting behind the one that is being said, so that no silence comes between them
    let saying: Promise<unknown> = Promise.resolve()
    for await (const piece of turn.sound(rate)) {
      const said = microphone.say(piece)
      await saying
      saying = said
      if (this.#isOver) break
    }
    await saying
    return { at: this.options.clock.now(), inFileMs: null }
  }

  #hear(event: TimedServerEvent): void {
    this.options.tell(event)
    const isCut = event.type === 'reply.done' && event.status === 'interrupted'
    if (isCut || event.type === 'input.speech.started') this.#speaker?.hush()
    if (event.type === 'tool.call')
      this.session.sendToolResult(event.call_id, { error: 'There is nobody here who can run this tool.' }, true)
    this.#floor.hear(event)
  }

  #isQuiet(speaker: Speaker): boolean {
    const { userSpeaks, agentSpeaks } = this.#floor
    return !userSpeaks && !agentSpeaks && speaker.silentAt <= this.options.clock.now()
  }

  #soon(isTrue: () => boolean, forMs = 0): Promise<boolean> {
    return this.#floor.until(isTrue, this.options.clock.now() + LONGEST_REPLY_MS, forMs)
  }

  async #hangUp(): Promise<void> {
    this.#microphone?.close()
    if (this.#isOver) return this.session.close()
    this.#isOver = true
    await this.session.end()
  }

  #stop(error: SessionError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    const { aborted } = this.options.signal
    const ended = () => new SessionError('closed', 'The server ended the session.')
    this.#failure = aborted ? new CliError('interrupted', 'Stopped.') : (error ?? ended())
    this.#microphone?.close()
    this.#floor.close()
  }
}

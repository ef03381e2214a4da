// What a session hears: sound in, speech activity, transcripts and turn predictions out as events.
import type { EventBody, Millis, TurnNumber } from '@parley/conversation'
import type { Engines, Samples, SttInput, SttSettings, TurnInput, VadSettings } from '../engines/engine.js'
import { failureOf } from '../engines/engine.js'
import { FinalWatch, finalOverdue } from '../engines/kit/final-watch.js'
import { Hearing } from '../engines/kit/hearing.js'
import type { Clock } from './clock.js'
import { Queue } from './queue.js'

export interface EarSettings {
  readonly vad: VadSettings
  readonly stt: SttSettings
}

export interface EarPorts {
  readonly clock: Clock
  readonly engines: Pick<Engines, 'vad' | 'stt' | 'turn'>
  /** Milliseconds on the session's clock. */
  now(): Millis
  dispatch(event: EventBody): void
}

/** How often in `FAILURE_WINDOW_MS` an engine is opened anew before the session is told that it will not come back. */
const RETRY_AFTER_MS = [50, 500, 2_000] as const
const FAILURE_WINDOW_MS = 30_000
/** How long the words of a pause may take before the recogniser is given up: with what follows, an answer or an apology comes within 8 s. */
const FINAL_WITHIN_MS = 4_000
/** A client that stops sending in the middle of speech has fallen silent (protocol.md 4, "Input chunking"). */
const STARVED_AFTER_MS = 400
/** A client that sends long pieces is silent for as long between two of them, and then some. */
const STARVED_AFTER_PIECES = 2

/** A detector costs others time to make: settings that change more often take effect together. */
const THRESHOLD_EVERY_MS = 1_000

type EarEngine = 'vad' | 'stt' | 'turn'

export class Ear {
  readonly #ports: EarPorts
  #settings: EarSettings
  #turn: TurnNumber = 1
  #vad = new Queue<Samples>()
  /** What the recogniser hears, so that it can be opened anew in the middle of a turn. */
  readonly #hearing: Hearing
  readonly #finalWatch: FinalWatch
  /** The turn that was heard once more from its beginning; once is enough, should it be the sound that the recogniser fails over. */
  #replayedTurn: TurnNumber | undefined
  #prediction = new Queue<TurnInput>()
  #stops: Record<EarEngine, AbortController> = {
    vad: new AbortController(),
    stt: new AbortController(),
    turn: new AbortController(),
  }
  #failures: Record<EarEngine, Millis[]> = { vad: [], stt: [], turn: [] }
  #cancelRetry: Record<EarEngine, () => void> = { vad: () => {}, stt: () => {}, turn: () => {} }
  #reopenSttAtNextTurn = false
  #speaking = false
  /** When sound came last; looked at only while there is speech. */
  #heardAt: Millis = 0
  /** How long the last piece of sound was. */
  #pieceMs: Millis = 0
  #cancelStarved: () => void = () => {}
  #vadOpenedAt: Millis = 0
  #cancelThreshold: () => void = () => {}
  #context = ''
  #closed = false

  constructor(ports: EarPorts, settings: EarSettings) {
    this.#ports = ports
    this.#settings = settings
    this.#hearing = new Hearing(ports.engines.stt.sampleRateHz)
    this.#finalWatch = new FinalWatch(ports.clock, FINAL_WITHIN_MS, () => {
      this.#failed('stt', this.#stops.stt.signal, finalOverdue(FINAL_WITHIN_MS), () => this.#reopenStt())
    })
    this.#openVad()
    this.#openStt()
    this.#openTurnDetector()
  }

  /** Sound at the rates that the two engines ask for; the same array when they agree. */
  hear(forVad: Samples, forStt: Samples): void {
    if (this.#speaking) this.#heardAt = this.#ports.now()
    this.#pieceMs = (forVad.length / this.#ports.engines.vad.sampleRateHz) * 1000
    this.#vad.push(forVad)
    this.#give({ type: 'audio', samples: forStt })
  }

  /** The recogniser begins turn number `turn`. */
  listen(turn: TurnNumber): void {
    this.#turn = turn
    this.#give({ type: 'turn', turn })
    if (this.#reopenSttAtNextTurn) this.#openStt()
  }

  /** What the agent said last, for the turn detector. */
  agentSaid(text: string): void {
    this.#context = text
  }

  /** The threshold counts at once, or within a second of its last change; everything else from the next turn (protocol.md 2.4). */
  reconfigure(settings: EarSettings): void {
    const before = this.#settings
    this.#settings = settings
    if (before.vad.threshold !== settings.vad.threshold) this.#applyThreshold()
    if (JSON.stringify(before.stt) !== JSON.stringify(settings.stt)) this.#reopenSttAtNextTurn = true
  }

  close(): void {
    this.#closed = true
    this.#cancelStarved()
    this.#cancelThreshold()
    this.#finalWatch.stop()
    for (const cancel of Object.values(this.#cancelRetry)) cancel()
    for (const stop of Object.values(this.#stops)) stop.abort()
    this.#vad.close()
    this.#hearing.end()
    this.#prediction.close()
  }

  #applyThreshold(): void {
    this.#cancelThreshold()
    const wait = this.#vadOpenedAt + THRESHOLD_EVERY_MS - this.#ports.now()
    if (wait <= 0) this.#openVad()
    else this.#cancelThreshold = this.#ports.clock.wake(this.#ports.clock.now() + wait, () => this.#openVad())
  }

  #openVad(): void {
    this.#cancelThreshold()
    this.#vadOpenedAt = this.#ports.now()
    this.#fallSilent()
    this.#vad.close()
    const queue = new Queue<Samples>()
    this.#vad = queue
    const signal = this.#signal('vad')
    const run = async () => {
      for await (const { type, ago } of this.#ports.engines.vad.open(queue, this.#settings.vad, signal)) {
        if (signal.aborted) return
        this.#activity(type, this.#ports.now() - ago)
      }
    }
    this.#supervise('vad', signal, run, () => this.#openVad())
  }

  #give(input: SttInput): void {
    this.#hearing.hear(input)
    this.#finalWatch.hears(input)
  }

  /** After a failure, in the middle of a turn maybe. */
  #reopenStt(): void {
    if (this.#replayedTurn === this.#turn) {
      this.#hearing.forget()
      this.#finalWatch.stop()
    }
    this.#replayedTurn = this.#turn
    this.#openStt()
  }

  /** Hears the turn so far, then whatever follows. */
  #openStt(): void {
    this.#reopenSttAtNextTurn = false
    this.#finalWatch.again()
    const input = this.#hearing.replayed()
    const signal = this.#signal('stt')
    const run = async () => {
      for await (const output of this.#ports.engines.stt.open(input, this.#settings.stt, signal)) {
        if (signal.aborted) return
        const { type, turn, text } = output
        this.#finalWatch.says(output)
        this.#ports.dispatch({ type: `stt.${type}`, turn, text })
        if (type === 'final') this.#prediction.push({ turn, text, context: this.#context })
      }
    }
    this.#supervise('stt', signal, run, () => this.#reopenStt())
  }

  #openTurnDetector(): void {
    const detector = this.#ports.engines.turn
    if (!detector) return this.#prediction.close()
    this.#prediction.close()
    const queue = new Queue<TurnInput>()
    this.#prediction = queue
    const signal = this.#signal('turn')
    const run = async () => {
      for await (const { turn, complete } of detector.open(queue, signal)) {
        if (signal.aborted) return
        this.#ports.dispatch({ type: 'turn.predicted', turn, complete })
      }
    }
    this.#supervise('turn', signal, run, () => this.#openTurnDetector())
  }

  #activity(type: 'started' | 'stopped', since: Millis): void {
    this.#speaking = type === 'started'
    this.#heardAt = this.#ports.now()
    this.#give({ type: `speech.${type}` })
    this.#ports.dispatch({ type: `vad.${type}`, since })
    this.#cancelStarved()
    if (this.#speaking) this.#watchForStarvation()
  }

  #watchForStarvation(): void {
    const patience = Math.max(STARVED_AFTER_MS, STARVED_AFTER_PIECES * this.#pieceMs)
    this.#cancelStarved = this.#ports.clock.wake(this.#ports.clock.now() + patience, () => {
      if (!this.#speaking || this.#closed) return
      const length = this.#ports.now() - this.#heardAt
      if (length >= patience) this.#feedSilence(length)
      this.#watchForStarvation()
    })
  }

  /** In the pieces that the client was used to sending, so that its patience stays as it was. */
  #feedSilence(length: Millis): void {
    const { vad, stt } = this.#ports.engines
    const piece = this.#pieceMs
    this.hear(silence(vad.sampleRateHz, length), silence(stt.sampleRateHz, length))
    this.#pieceMs = piece
  }

  /** Speech that nobody watches any more has ended: the conversation must not wait for its end. */
  #fallSilent(): void {
    if (this.#speaking) this.#activity('stopped', this.#ports.now())
  }

  #signal(engine: EarEngine): AbortSignal {
    this.#cancelRetry[engine]()
    this.#stops[engine].abort()
    this.#stops[engine] = new AbortController()
    return this.#stops[engine].signal
  }

  /** An engine that fails is opened anew, later each time; too often in a row is the end. */
  #supervise(engine: EarEngine, signal: AbortSignal, run: () => Promise<void>, reopen: () => void): void {
    run().then(
      () => this.#failed(engine, signal, new Error(`The ${engine} engine ended by itself.`), reopen),
      (error) => this.#failed(engine, signal, error, reopen),
    )
  }

  #failed(engine: EarEngine, signal: AbortSignal, error: unknown, reopen: () => void): void {
    if (signal.aborted || this.#closed) return
    const now = this.#ports.now()
    const recent = this.#failures[engine].filter((at) => now - at < FAILURE_WINDOW_MS)
    this.#failures[engine] = [...recent, now]
    const delay = RETRY_AFTER_MS[recent.length]
    this.#ports.dispatch({
      type: 'engine.failed',
      engine,
      failure: failureOf(error),
      fatal: delay === undefined && engine !== 'turn',
    })
    if (engine === 'vad') this.#fallSilent()
    if (delay === undefined) return
    this.#cancelRetry[engine]()
    this.#cancelRetry[engine] = this.#ports.clock.wake(this.#ports.clock.now() + delay, () => {
      if (!signal.aborted && !this.#closed) reopen()
    })
  }
}

/** As long as nothing came, so that the end of the speech is told where it was. */
const silence = (sampleRateHz: number, length: Millis): Samples => new Int16Array((sampleRateHz * length) / 1000)

// A recogniser made of several: when one fails, the next hears the turn from its beginning.
import { Resampler } from '../../audio/resample.js'
import { Queue } from '../../session/queue.js'
import type { Stt, SttInput, SttOutput, SttSettings } from '../engine.js'
import { firstOf } from './abort.js'
import { Candidates, type ChainPorts } from './candidates.js'
import { untilAborted } from './until-aborted.js'

/** How much of a turn is remembered, in ms; of a longer one the end. */
const REMEMBERED_MS = 30_000

/** Sound is taken at the rate of the first engine. */
export function fallbackStt(engines: readonly Stt[], ports: ChainPorts): Stt {
  const candidates = new Candidates(engines, ports)
  const { sampleRateHz } = candidates.first

  async function* listen(
    engine: Stt,
    hearing: Hearing,
    settings: SttSettings,
    caller: AbortSignal,
  ): AsyncGenerator<SttOutput> {
    const giveUp = new AbortController()
    const stop = firstOf(caller, giveUp.signal)
    try {
      yield* engine.open(atRate(hearing.replayed(), sampleRateHz, engine.sampleRateHz), settings, stop.signal)
    } finally {
      giveUp.abort()
      stop.release()
    }
  }

  return {
    info: candidates.info(),
    sampleRateHz,
    async *open(input, settings, signal) {
      const hearing = new Hearing(sampleRateHz)
      const pump = async () => {
        for await (const piece of untilAborted(input, signal)) hearing.hear(piece)
        hearing.end()
      }
      // whoever gives the input hears of its failure; here it is merely over
      pump().catch(() => hearing.end())
      for (const { engine, isLast } of candidates.inOrder()) {
        try {
          for await (const output of listen(engine, hearing, settings, signal)) {
            candidates.succeeded(engine)
            yield output
          }
          if (signal.aborted || hearing.isOver) return
          throw new Error('The recogniser ended by itself.')
        } catch (error) {
          if (signal.aborted) return
          candidates.failed(engine, error)
          if (isLast) throw error
        }
      }
    },
    close: () => candidates.close(),
  }
}

/** What is heard: handed on as it comes, and kept since the turn began for whoever has to take over. */
class Hearing {
  isOver = false
  #turn: SttInput | undefined
  #kept: SttInput[] = []
  #keptSamples = 0
  /** Whether the sound at the beginning of what is kept is speech. */
  #beginsInSpeech = false
  #listener = new Queue<SttInput>()
  readonly #mostSamples: number

  constructor(sampleRateHz: number) {
    this.#mostSamples = (sampleRateHz * REMEMBERED_MS) / 1000
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

  /** Speech may have begun before the turn did. */
  #begin(turn: SttInput): void {
    for (const piece of this.#kept) this.#forget(piece)
    this.#kept = []
    this.#keptSamples = 0
    this.#turn = turn
  }

  #keep(piece: SttInput): void {
    this.#kept.push(piece)
    if (piece.type === 'audio') this.#keptSamples += piece.samples.length
    let count = 0
    while (this.#keptSamples > this.#mostSamples) this.#forget(this.#kept[count++]!) // there is sound in it as long as it is too much
    if (count > 0) this.#kept = this.#kept.slice(count)
  }

  #forget(piece: SttInput): void {
    if (piece.type === 'audio') this.#keptSamples -= piece.samples.length
    else if (piece.type !== 'turn') this.#beginsInSpeech = piece.type === 'speech.started'
  }
}

async function* atRate(input: Queue<SttInput>, fromHz: number, toHz: number): AsyncGenerator<SttInput> {
  if (fromHz === toHz) return yield* input
  const resampler = new Resampler(fromHz, toHz)
  for await (const piece of input)
    yield piece.type === 'audio' ? { type: 'audio', samples: resampler.process(piece.samples).slice() } : piece
}

// A recogniser made of several: when one fails, the next hears the turn from its beginning.
import type { Millis } from '@parley/conversation'
import { Resampler } from '../../audio/resample.js'
import type { Queue } from '../../session/queue.js'
import type { Stt, SttInput, SttOutput, SttSettings } from '../engine.js'
import { firstOf } from './abort.js'
import { Candidates, type ChainPorts } from './candidates.js'
import { FinalWatch, finalOverdue } from './final-watch.js'
import { Hearing } from './hearing.js'
import { untilAborted } from './until-aborted.js'

/** How long a recogniser may take for the words of a pause while there is another to turn to. */
const FINAL_WITHIN: Millis = 2_000

/** Sound is taken at the rate of the first engine. */
export function fallbackStt(engines: readonly Stt[], ports: ChainPorts): Stt {
  const candidates = new Candidates(engines, ports)
  const { sampleRateHz } = candidates.first

  /** Ends by itself only when the engine does, or throws when the signal `late` gives it up. */
  async function* listen(
    engine: Stt,
    hearing: Hearing,
    settings: SttSettings,
    late: AbortController,
    caller: AbortSignal,
  ): AsyncGenerator<SttOutput> {
    const stop = firstOf(caller, late.signal)
    try {
      const input = atRate(hearing.replayed(), sampleRateHz, engine.sampleRateHz)
      yield* untilAborted(engine.open(input, settings, stop.signal), stop.signal)
      if (late.signal.aborted) throw finalOverdue(FINAL_WITHIN)
    } finally {
      late.abort()
      stop.release()
    }
  }

  return {
    info: candidates.info(),
    sampleRateHz,
    async *open(input, settings, signal) {
      const hearing = new Hearing(sampleRateHz)
      let late = new AbortController()
      let isLast = false
      const watch = new FinalWatch(ports.clock, FINAL_WITHIN, () => {
        if (!isLast) late.abort()
      })
      const pump = async () => {
        for await (const piece of untilAborted(input, signal)) {
          hearing.hear(piece)
          watch.hears(piece)
        }
        hearing.end()
      }
      // whoever gives the input hears of its failure; here it is merely over
      pump().catch(() => hearing.end())
      try {
        for (const candidate of candidates.inOrder()) {
          const { engine } = candidate
          late = new AbortController()
          isLast = candidate.isLast
          watch.again()
          try {
            for await (const output of listen(engine, hearing, settings, late, signal)) {
              candidates.succeeded(engine)
              watch.says(output)
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
      } finally {
        watch.stop()
      }
    },
    close: () => candidates.close(),
  }
}

async function* atRate(input: Queue<SttInput>, fromHz: number, toHz: number): AsyncGenerator<SttInput> {
  if (fromHz === toHz) return yield* input
  const resampler = new Resampler(fromHz, toHz)
  for await (const piece of input)
    yield piece.type === 'audio' ? { type: 'audio', samples: resampler.process(piece.samples).slice() } : piece
}

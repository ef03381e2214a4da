// Every engine in use, loaded and tried one after the other: the voice first, because the ears need something to hear.
import type { EngineKind } from '@parley/conversation'
import type { Config } from '../../config.js'
import { type EngineContext, type EngineInfo, type Engines, failureOf } from '../../engines/engine.js'
import type { Clock } from '../../session/clock.js'
import type { Services } from '../context.js'
import { type Speech, type Trial, tryLlm, tryStt, tryTts, tryTurn, tryVad } from './trials.js'

export type Finding = { readonly kind: EngineKind } & (
  | { readonly is: 'well'; readonly info: EngineInfo; readonly loadMs: number; readonly trial: Trial }
  /** It does not load, or does not work; `advice` says what to do. */
  | { readonly is: 'failed'; readonly info?: EngineInfo; readonly message: string; readonly advice: string }
  /** It loads; what it would have been tried with is missing. */
  | { readonly is: 'untried'; readonly info: EngineInfo; readonly loadMs: number; readonly reason: string }
  /** The settings ask for none. */
  | { readonly is: 'absent' }
)

export interface ExaminationPorts {
  readonly loadEngine: Services['loadEngine']
  readonly config: Config
  readonly context: EngineContext
  readonly clock: Clock
}

const LONGEST_TRIAL_MS = 60_000

const advice: Readonly<Record<EngineKind, string>> = {
  tts: 'Run `npm ci` again if files are missing, or choose another voice engine with PARLEY_TTS.',
  vad: 'Run `npm ci` again if files are missing, or choose another engine with PARLEY_VAD.',
  stt: 'Run `npm ci` again if files are missing, or choose another recogniser with PARLEY_STT.',
  turn: 'Set PARLEY_TURN=none to judge by silence and words alone.',
  llm: 'Check OPENAI_BASE_URL, OPENAI_API_KEY and PARLEY_LLM_MODEL; without them the built-in dialogue rules answer.',
}

export async function* examine(ports: ExaminationPorts): AsyncGenerator<Finding> {
  let speech: Speech | undefined
  yield await examineOne('tts', ports, async (tts, signal) => {
    const trial = await tryTts(tts, ports.clock, signal)
    speech = trial.speech
    return trial
  })
  yield await examineOne('vad', ports, async (vad, signal) => speech && tryVad(vad, speech, ports.clock, signal))
  yield await examineOne('stt', ports, async (stt, signal) => speech && tryStt(stt, speech, ports.clock, signal))
  yield await examineOne('turn', ports, (turn, signal) => tryTurn(turn, ports.clock, signal))
  yield await examineOne('llm', ports, (llm, signal) => tryLlm(llm, ports.clock, signal))
}

async function examineOne<Kind extends EngineKind>(
  kind: Kind,
  { loadEngine, config, context, clock }: ExaminationPorts,
  exercise: (engine: NonNullable<Engines[Kind]>, signal: AbortSignal) => Promise<Trial | undefined>,
): Promise<Finding> {
  const started = clock.now()
  let engine: Engines[Kind] | undefined
  try {
    engine = await loadEngine(kind, config, context)
  } catch (error) {
    return { kind, is: 'failed', message: failureOf(error).message, advice: advice[kind] }
  }
  if (engine === undefined) return { kind, is: 'absent' }
  const loadMs = clock.now() - started
  const { info } = engine
  const loaded = engine
  try {
    const trial = await within(clock, (signal) => exercise(loaded, signal))
    if (!trial)
      return {
        kind,
        is: 'untried',
        info,
        loadMs,
        reason: 'there is no speech to try it with, because the voice failed',
      }
    return { kind, is: 'well', info, loadMs, trial }
  } catch (error) {
    return { kind, is: 'failed', info, message: failureOf(error).message, advice: advice[kind] }
  } finally {
    await engine.close()
  }
}

/** Stops the work when it takes too long, and what it still has under way when it is done. */
async function within<Result>(clock: Clock, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stop = new AbortController()
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => {
    cancel = clock.wake(clock.now() + LONGEST_TRIAL_MS, () =>
      reject(new Error(`It did not answer within ${LONGEST_TRIAL_MS / 1000} s.`)),
    )
  })
  try {
    return await Promise.race([work(stop.signal), late])
  } finally {
    cancel()
    stop.abort()
  }
}

// A voice made of several: when one fails, the next says the clause again, or what is left of it.
import type { Millis } from '@parley/conversation'
import { Resampler } from '../../audio/resample.js'
import { Queue } from '../../session/queue.js'
import type { Samples, Tts, TtsOutput, TtsSettings } from '../engine.js'
import { unknownVoice } from '../tts/errors.js'
import { firstOf, Lifetime } from './abort.js'
import { Candidates, type ChainPorts, leave, nextWithin, PATIENCE } from './candidates.js'
import { untilAborted } from './until-aborted.js'

/** How long a letter sounds, as long as nothing is known of the voice. */
const USUAL_LETTER: Millis = 65

/**
 * Sound is given at the rate of the first engine, and agents choose among its voices; another engine speaks with its
 * voice of the same name, or else with its first of the same language. Once it has taken over it keeps the reply.
 * Nothing is heard twice: of a clause that has sounded in part, the next voice says the words that have not.
 */
export function fallbackTts(engines: readonly Tts[], ports: ChainPorts): Tts {
  const candidates = new Candidates(engines, ports)
  const { sampleRateHz, voices } = candidates.first
  const lifetime = new Lifetime(candidates.info().name)

  /** The clauses from `progress` on, by one engine. */
  async function* speak(
    engine: Tts,
    source: AsyncIterator<string>,
    progress: Progress,
    settings: TtsSettings,
    patience: Millis | undefined,
    caller: AbortSignal,
  ): AsyncGenerator<TtsOutput> {
    const giveUp = new AbortController()
    const stop = firstOf(caller, giveUp.signal)
    const clauses = new Queue<string>()
    const sound = new Sound(engine.sampleRateHz, sampleRateHz)
    const output = engine
      .open(clauses, { voice: voiceFor(engine, settings.voice) }, stop.signal)
      [Symbol.asyncIterator]()
    /** `rest`: what of the clause in the making has yet to sound. */
    async function* say(rest: string): AsyncGenerator<TtsOutput> {
      if (rest === '') return yield { type: 'clause' }
      const isWhole = progress.sounded === 0
      clauses.push(rest)
      for (;;) {
        const { value, done } = await nextWithin(output, patience, ports)
        if (caller.aborted) return
        if (done) throw new Error('The voice ended before the clause did.')
        yield* progress.heard(value.type === 'audio' ? sound.take(value.samples) : sound.flush(), sampleRateHz)
        // places of words in a part of a clause are none in the clause
        if (value.type === 'clause') return yield isWhole ? value : { type: 'clause' }
      }
    }
    try {
      for (;;) {
        progress.clause ??= await nextClause(source)
        if (progress.clause === undefined) break
        yield* say(unsaid(progress.clause, progress.sounded))
        if (caller.aborted) return
        progress.finished()
      }
      clauses.close()
      await output.next()
    } finally {
      giveUp.abort()
      stop.release()
      clauses.close()
      leave(output)
    }
  }

  return {
    info: candidates.info(),
    sampleRateHz,
    voices,
    async *open(clauses, settings, signal) {
      lifetime.check()
      if (!voices.some(({ id }) => id === settings.voice)) throw unknownVoice(settings.voice, voices)
      const stop = firstOf(signal, lifetime.signal)
      const source = untilAborted(clauses, stop.signal)
      try {
        yield* speakByAny(source, settings, stop.signal)
      } finally {
        stop.release()
        await source.return?.()
      }
      if (!signal.aborted) lifetime.check()
    },
    async close() {
      lifetime.end()
      await candidates.close()
    },
  }

  async function* speakByAny(
    source: AsyncIterator<string>,
    settings: TtsSettings,
    signal: AbortSignal,
  ): AsyncGenerator<TtsOutput> {
    const progress = new Progress()
    for (const { engine, isLast } of candidates.inOrder()) {
      try {
        yield* speak(engine, source, progress, settings, isLast ? undefined : PATIENCE, signal)
        if (!signal.aborted) candidates.succeeded(engine)
        return
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof SourceError) throw error.cause
        candidates.failed(engine, error)
        if (isLast) throw error
      }
    }
  }

  function voiceFor(engine: Tts, name: string): string {
    if (engine.voices.some(({ id }) => id === name)) return name
    const language = voices.find(({ id }) => id === name)?.language
    return (engine.voices.find((voice) => voice.language === language) ?? engine.voices[0])?.id ?? name
  }
}

/** How far the reply is: the clause in the making, and how long it has sounded. */
class Progress {
  clause: string | undefined
  sounded: Millis = 0

  heard(samples: Samples, sampleRateHz: number): readonly TtsOutput[] {
    if (samples.length === 0) return []
    this.sounded += (samples.length / sampleRateHz) * 1000
    return [{ type: 'audio', samples }]
  }

  finished(): void {
    this.clause = undefined
    this.sounded = 0
  }
}

/** From the rate of one engine to that of another. */
class Sound {
  readonly #resampler: Resampler | undefined

  constructor(fromHz: number, toHz: number) {
    this.#resampler = fromHz === toHz ? undefined : new Resampler(fromHz, toHz)
  }

  take(samples: Samples): Samples {
    return this.#resampler?.process(samples).slice() ?? samples
  }

  flush(): Samples {
    return this.#resampler?.flush().slice() ?? new Int16Array(0)
  }
}

/** Whoever makes the clauses has failed; that is no failure of a voice. */
class SourceError extends Error {}

async function nextClause(source: AsyncIterator<string>): Promise<string | undefined> {
  const { value, done } = await source.next().catch((cause: unknown) => {
    throw new SourceError('The clauses ended in an error.', { cause })
  })
  return done ? undefined : value
}

/** The words of a clause that have not begun to sound after `sounded` ms, by the usual pace of speech. */
export function unsaid(clause: string, sounded: Millis): string {
  if (sounded === 0) return clause
  const said = sounded / USUAL_LETTER
  const rest = [...clause.matchAll(/\S+/g)].find(({ index }) => index >= said)
  return rest ? clause.slice(rest.index) : ''
}

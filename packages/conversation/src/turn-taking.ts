// The judgement calls, apart from the mechanics: how long to wait in a pause, and when speech takes the floor.
import type { SessionConfig } from '@parley/protocol'
import { type Weight, weightOf } from './back-channels.js'
import { completenessOf } from './completeness.js'
import type { Millis } from './model.js'
import { heardBy, madeSoFar } from './playing.js'
import type { Interjection, Pace, Reply, Said } from './state.js'

// ── How long to wait in a pause ────────────────────────────────────────────────────────────

export interface Wait {
  readonly ms: Millis
  /** How finished the thought seems, 0 to 1. */
  readonly complete: number
  readonly why: string
}

/** How much silence ends a turn (protocol.md 5.2, 5.3). `question`: what the agent said last. */
export function silenceToWait(config: SessionConfig, said: Said, question: string, pace: Pace): Wait {
  const explicit = config.input.turn_detection
  const [shortest, longest] = explicit
    ? [Math.min(explicit.min_silence, explicit.max_silence), explicit.max_silence]
    : SILENCES[config.input.transcription_mode ?? 'balanced']
  if (said.known === 'not yet') return { ms: longest, complete: 0, why: 'the words of this pause are not known yet' }

  const text = completenessOf(said.text, question, explicit ? [] : config.tools)
  const complete = said.predicted === undefined ? text.complete : mix(text.complete, said.predicted, DETECTOR_WEIGHT)
  if (explicit) {
    const confidence = clamp((complete - UNSURE) / (CONFIDENT - UNSURE), 0, 1)
    return { ms: mix(longest, shortest, confidence), complete, why: text.why }
  }
  if (text.dictating) return { ms: longest * DICTATION, complete: 0, why: 'a value is being given' }
  return { ms: clamp(mix(longest, shortest, complete) * pace.patience, shortest, longest), complete, why: text.why }
}

/** Least and most silence of each `transcription_mode`. */
const SILENCES = {
  min_latency: [128, 640],
  balanced: [128, 1280],
  max_accuracy: [512, 2560],
} as const

/** A number, a spelling or an address in progress: people look it up while they speak. */
const DICTATION = 1.5
const DETECTOR_WEIGHT = 0.6
/** With explicit bounds: at or above `CONFIDENT` the shortest silence is enough, at or below `UNSURE` it takes the longest. */
const CONFIDENT = 0.7
const UNSURE = 0.1

// ── When speech takes the floor ────────────────────────────────────────────────────────────

/** Whether speech of the user may cut this reply short at all (checklist 99). */
export function mayInterrupt(config: SessionConfig, reply: Reply): boolean {
  const explicit = config.input.turn_detection
  if (!explicit) return true
  const { interrupt_response: mayCut, uninterruptible_turns: kept } = explicit
  if (reply.kind === 'greeting' && kept.includes('greeting')) return false
  if (reply.kind === 'keypad' && kept.includes('dtmf_prompt')) return false
  if (reply.afterRefusal && kept.includes('tool_refused_ask')) return false
  return mayCut
}

/** Once there is sound, somebody may be hearing it. */
export const isAudible = (reply: Reply): boolean => madeSoFar(reply.playing) > 0

export type Verdict =
  | { readonly is: 'interruption'; readonly why: string }
  | { readonly is: 'passing'; readonly why: string }
  | { readonly is: 'open'; readonly until: Millis }

/** What speech over the reply, begun at `since`, is by `at`. `answering`: it may answer a question, see `isAnswerable`. */
export function judge(
  config: SessionConfig,
  { since, speech, said, answering }: { since: Millis; speech: Interjection; said: Said; answering: boolean },
  at: Millis,
): Verdict {
  const found = weightOf(said.text)
  const weight = found === 'back-channel' && answering ? 'content' : found
  if (speech.is === 'stopped') return judgeFinished(weight, said, speech.at, at)
  const until = since + speechNeeded(config, weight)
  return at >= until ? { is: 'interruption', why: SPOKEN[weight] } : { is: 'open', until }
}

/** How long speech must go on over a reply to cut it short. */
export function interruptionDelay(config: SessionConfig): Millis {
  const preset = config.input.transcription_mode === 'min_latency' ? 0 : 500
  return config.input.turn_detection?.interruption_delay ?? preset
}

/** Whether the reply is about to end with a question, so that "yes" over its last words is an answer. */
export function isAnswerable(reply: Reply, at: Millis): boolean {
  const whole = reply.writing.is === 'finished' && reply.made.length === reply.clauses.length
  const rest = madeSoFar(reply.playing) - heardBy(reply.playing, at)
  return whole && rest <= ANSWERABLE_REST && isQuestion(reply.clauses.at(-1) ?? '')
}

export const isQuestion = (text: string): boolean => /\?["')\]”’]*\s*$/.test(text)

function speechNeeded(config: SessionConfig, weight: Weight): Millis {
  switch (weight) {
    case 'stop':
      return 0
    case 'content':
      return interruptionDelay(config)
    case 'back-channel':
      return LONG_BACK_CHANNEL
    case 'nothing':
      return config.input.turn_detection ? interruptionDelay(config) : SPEECH_WITHOUT_WORDS
  }
}

function judgeFinished(weight: Weight, said: Said, stoppedAt: Millis, at: Millis): Verdict {
  const hasWords = weight === 'stop' || weight === 'content'
  const until = stoppedAt + FINAL_WITHIN
  if (said.known !== 'final' && at < until) return { is: 'open', until }
  if (hasWords) return { is: 'interruption', why: SPOKEN[weight] }
  return { is: 'passing', why: weight === 'back-channel' ? 'only a back-channel' : 'no words' }
}

const SPOKEN: Readonly<Record<Weight, string>> = {
  stop: 'asked for the floor',
  content: 'said something',
  'back-channel': 'went on speaking',
  nothing: 'spoke long enough',
}

/** Adaptive mode: speech that the recogniser makes nothing of takes the floor all the same when it lasts. */
const SPEECH_WITHOUT_WORDS: Millis = 1200
/** "Yeah" followed by this much more speech is no longer a back-channel, whatever the recogniser has of it. */
const LONG_BACK_CHANNEL: Millis = 2000
/** How long the words of a short utterance may take. */
const FINAL_WITHIN: Millis = 800
const ANSWERABLE_REST: Millis = 1000

const mix = (from: number, to: number, share: number): number => from + (to - from) * share
const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))

// Somebody wants something done: what the prompt wants to know of them is asked for, one thing at a time.
import type { LlmMessage } from '../../engine.js'
import { type Forms, noted, type Talk, unableToAct } from './small-talk.js'
import { contentStems, words } from './words.js'

const WISH =
  /\b(?:i (?:would like|want|need|wish)|i am (?:calling|looking|trying) to|can (?:i|we)|could (?:i|we)|may i|let me|please|help me)\b/
const DEEDS = new Set(contentStems(words('book order reserve schedule reschedule cancel change buy appointment table')))

/** Asks for the next thing, where the caller wants what this assistant is there for; undefined where no deed is wanted. */
export function actOn(utterance: string, talk: Talk, history: readonly LlmMessage[]): Forms | undefined {
  const spoken = words(utterance)
  if (!WISH.test(spoken.join(' '))) return undefined
  const stems = contentStems(spoken)
  if (!stems.some((word) => DEEDS.has(word))) return undefined
  return nextAsk(talk, history) ?? unableToAct(talk)
}

/** After an answer to something that was asked for: the next thing, or the end of it. */
export function carryOn(talk: Talk, last: string, history: readonly LlmMessage[]): Forms | undefined {
  const wasAsked = talk.persona.asks.includes(last) || /^(?:May I have|Could you tell me) .+\?$/.test(last)
  return wasAsked ? (nextAsk(talk, history) ?? noted) : undefined
}

function nextAsk({ persona }: Talk, history: readonly LlmMessage[]): Forms | undefined {
  const said = new Set(history.filter(({ role }) => role === 'assistant').map(({ content }) => content))
  const next = persona.asks.find((ask) => !said.has(ask))
  return next === undefined ? undefined : [next]
}

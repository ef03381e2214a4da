// The instructions of a single reply, which come as the last system message: simple orders are carried out.
import { orderSpoken } from './orders.js'
import { inOwnVoice, plain, sentence } from './phrase.js'
import { small, type Talk, welcome } from './small-talk.js'

export type Instructed =
  | { readonly is: 'speech'; readonly text: string }
  | { readonly is: 'utterance'; readonly text: string }

interface Circumstances {
  readonly talk: Talk
  readonly last: string
  /** Whether the agent has spoken since the user did. */
  readonly isAnswered: boolean
}

const TYPED =
  /\b(?:caller|user|customer)\s+(?:has\s+)?(?:just\s+)?(?:said|typed|wrote|asked|says|asks)\s*:?\s*["“](.+?)["”](?=\s|$|\.)/is

/** What the user typed, where an order quotes it. */
export const typedIn = (text: string): string | undefined => TYPED.exec(text)?.[1]

export function instructed(text: string, { talk, last, isAnswered }: Circumstances): Instructed | undefined {
  const typed = typedIn(text)
  if (typed !== undefined) return { is: 'utterance', text: typed }
  const spoken = ordered(text.trim(), talk, last)
  if (spoken !== undefined && spoken !== '') return { is: 'speech', text: spoken }
  // told rather than ordered, and nobody waits for another answer: it is news for the caller
  const isNews =
    isAnswered &&
    /\b(?:is|are|was|were|has|have|will|can|cannot)\b/i.test(text) &&
    !/^(?:do|don't|be|keep|never|always|you)\b/i.test(text.trim())
  return isNews ? { is: 'speech', text: sentence(plain(inOwnVoice(text, talk.persona.self))) } : undefined
}

function ordered(text: string, talk: Talk, last: string): string | undefined {
  const said = orderSpoken(text, talk.persona.self)
  if (said !== undefined) return said
  if (/^(?:please\s+)?(?:\w+ly\s+)?(?:greet|welcome|introduce yourself)\b/i.test(text)) return welcome(talk)[0]
  if (/\b(?:say goodbye|end the (?:call|conversation)|wrap up|close the (?:call|conversation))\b/i.test(text))
    return small('goodbye', talk)[0]
  if (/^(?:please\s+)?repeat\b/i.test(text) && last !== '') return last
  if (/^(?:please\s+)?(?:offer|ask)\b.*\bhelp\b/i.test(text)) return 'How can I help you?'
  return undefined
}

// A few words out of what was said: those behind a word that announces them, or all but the wrapping.

import { actIn } from '../acts.js'

/** The words behind the first of `cues` that is followed by any, up to where something else begins. */
export function phraseAfter(text: string, cues: readonly string[], mostWords = 4): string | undefined {
  for (const cue of cues) {
    const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}])${escaped(cue)}\s+(?=[\p{L}\p{N}])`, 'giu')
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const phrase = upToNext(text.slice(index + found.length), mostWords)
      if (phrase !== '' && !NO_VALUE.test(phrase)) return phrase
    }
  }
  return undefined
}

/** What was said without politeness and lead-in; undefined where it is small talk, a question, or too long for the purpose. */
export function wholePhrase(text: string, mostWords: number): string | undefined {
  const act = actIn(text)
  if (act !== undefined && act !== 'givesName') return undefined
  let phrase = text.split(/;/).find((part) => /[\p{L}\p{N}]/u.test(part)) ?? ''
  for (let before = ''; before !== phrase; ) {
    before = phrase
    phrase = phrase
      .trim()
      .replace(LEAD_IN, '')
      .replace(LEAD_OUT, '')
      .replace(/^[\s,.;:-]+|[\s,.;:!-]+$/g, '')
  }
  const isFit = phrase !== '' && !/\?/.test(phrase) && !QUESTION.test(phrase) && !NO_VALUE.test(phrase)
  return isFit && phrase.split(/\s+/).length <= mostWords ? phrase : undefined
}

const escaped = (text: string): string => text.replace(/[^\p{L}\p{N} ]/gu, '\\$&').replace(/ /g, '\\s+')

function upToNext(text: string, mostWords: number): string {
  const clause = text.split(/[.,;:!?](?=\s|$|;)|;/, 1)[0]!.trim()
  const taken: string[] = []
  for (const word of clause.split(/\s+/)) {
    const isEnd = mostWords <= SHORT ? ENDS.test(word) : /^(?:please|thanks)$/i.test(word)
    if (isEnd || taken.length === mostWords) break
    taken.push(word)
  }
  return taken.join(' ').replace(/^the (?=city of )|^(?:city|town) of /i, '')
}

/** Short values end where another thing is said; long ones run on. */
const SHORT = 8
const ENDS =
  /^(?:in|at|to|from|for|on|by|with|near|around|please|and|or|but|thanks|thank|right|now|is|are|was|i|my|when|because|today|like|if|it|then|instead|about|not)$/i
const NO_VALUE =
  /^(?:(?:the |a |an )?(?:morning|afternoon|evening|night|minute|moment|second|general|stock|advance|order|same|way|it|that|this|them|me|us|you|my|your|here|there|know|see|speak|talk|book|make|do|be|get|a|an|the|someone|somebody)|\d+)(?:\s+(?:of|time))?$|^(?:my|a|an|the|be|know|do|speak|talk|see|book|make|check|have|get|change|cancel|order|track|send|transfer|pay)\b(?! \p{Lu})/iu
const QUESTION =
  /^(?:what|when|where|who|why|how|which|do|does|did|is|are|can|could|would|will|may|should|have you|tell me|say that|repeat|pardon|sorry)\b/i
const LEAD_IN =
  /^(?:(?:um|uh|er|erm|oh|ah|well|so|okay|ok|yes|yeah|sure|please|hi|hello|and|or|no|actually|i mean|sorry)\b[\s,]*|(?:it's|it is|that's|that is|that would be|it would be|make it|let's say|i think|i guess|i would say|i'd say|this is|my name is|the name is|i am|i'm|in|for|to|at|from|of|about|what about|how about|i want|i would like|i'd like|i need)\s+)/i
const LEAD_OUT = /[\s,]+(?:please|thanks|thank you|i think|i guess|then)[.!]?$/i

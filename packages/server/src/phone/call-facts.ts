// What is known of a call before anything is said, by the names that agents have for it (protocol section 7.6).
import { type CallFact, phoneNumberPattern } from '@parley/protocol'
import type { PhoneCall } from './call.js'

export type CallFacts = Pick<PhoneCall, 'id' | 'agentId' | 'direction' | 'from' | 'to'>

/**
 * What is not known is not in it. There is no `session_id`: a call has no session before it is answered, and may have
 * several before it is over.
 */
export function factsOf({ agentId, direction, from, to }: CallFacts): Readonly<Partial<Record<CallFact, string>>> {
  return {
    ...(isNumber(from) && { caller_number: from }),
    ...(isNumber(to) && { dialed_number: to }),
    direction,
    agent_id: agentId,
  }
}

/** Callers who hide their number have a word in its place, some of them spelled on the keypad. */
const isNumber = (text: string): boolean => phoneNumberPattern.test(text) && !WORDS.has(text)

const WORDS: ReadonlySet<string> = new Set(
  ['anonymous', 'blocked', 'restricted', 'unavailable', 'unknown'].map((word) => `+${onKeypad(word)}`),
)

function onKeypad(word: string): string {
  const keys = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz']
  return [...word].map((letter) => keys.findIndex((key) => key.includes(letter)) + 2).join('')
}

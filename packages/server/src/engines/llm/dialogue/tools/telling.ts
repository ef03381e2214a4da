// What came of tools, as it is told: the result, an apology, or the words that the agent's author has set for it.
import { orderSpoken } from '../orders.js'
import { inOwnVoice, plain, sentence } from '../phrase.js'
import type { Persona } from '../prompt.js'
import { type MadeCall, MOST_ATTEMPTS } from './pursuit.js'
import { failureSpoken, namesMembers, resultSpoken } from './result-speech.js'

/** `all`: every call of the conversation. `instructions`: what was ordered for this reply; may be empty. */
export function toldResults(
  results: readonly MadeCall[],
  all: readonly MadeCall[],
  instructions: string,
  { self }: Pick<Persona, 'self'>,
): string {
  const ordered = instructions.split('\n').flatMap((line) => orderedWords(line.trim(), results, self) ?? [])
  const statement = ordered.find((words) => !words.endsWith('?'))
  const question = ordered.find((words) => words.endsWith('?'))
  const told = statement ?? [...new Set(results.map((call) => outcomeTold(call, all, instructions)))].join(' ')
  return question === undefined ? told : `${told} ${question}`
}

function outcomeTold({ name, outcome }: MadeCall, all: readonly MadeCall[], wanted: string): string {
  if (outcome.is === 'succeeded') return resultSpoken(outcome.text, wanted)
  const why = outcome.is === 'failed' ? failureSpoken(outcome.text) : ''
  const apology = why === '' ? 'I am sorry, that did not work.' : `I am sorry, that did not work. ${why}`
  const calls = all.filter((call) => call.name === name)
  const failures = calls.length - 1 - calls.findLastIndex((call) => call.outcome.is === 'succeeded')
  return failures >= MOST_ATTEMPTS ? `${apology} I have tried several times, so I will leave it at that.` : apology
}

/** An order that is carried out by speaking, or a sentence that is news; orders that only say how to tell are none. */
function orderedWords(line: string, results: readonly MadeCall[], self: Persona['self']): string | undefined {
  if (line === '') return undefined
  const isStatement = /\b(?:is|are|was|were|has|have|will|can|cannot|could not)\b/i.test(line)
  const named = results.some(({ outcome }) => outcome.is === 'succeeded' && namesMembers(outcome.text, line))
  // "Tell the user the temperature" orders what to tell, not the words
  if (named && !isStatement && !/["“]/.test(line)) return undefined
  const spoken = orderSpoken(line, self)
  if (spoken !== undefined && !/^May I have/.test(spoken)) return spoken
  const isNews =
    isStatement && !/^(?:do|don't|be|keep|never|always|you|if|when|tell|say|give|read|make|only)\b/i.test(line)
  return isNews && spoken === undefined ? sentence(plain(inOwnVoice(line, self))) : undefined
}

// An answer from the facts: the one that speaks of what was asked, said as a reply; or none.
import { aspectOfStem, toldBy } from './aspects.js'
import { nameOfDay } from './days.js'
import type { Facts, Found } from './facts.js'
import { countWords, enumerated, shortened } from './phrase.js'
import type { Question } from './question.js'
import { contentStems, stem, words } from './words.js'

/** The part of a question that a fact must speak of to count as its answer. */
const ENOUGH = 0.5
/** The part of a rule's condition that must have been said for it to apply. */
const MET = 0.66
const LONGEST_PAIR_WORDS = 36
const LONGEST_ANSWER_WORDS = 45

const REFUSING =
  /\b(?:not|never|closed|unavailable|cannot|can't|don't|doesn't|isn't|aren't|won't|unable|sold out|out of order)\b/i
/** Such a sentence neither grants nor refuses all that was asked. */
const LIMITED = /\b(?:only|except|unless|but|if|depends?|without|no|none|until)\b/i

export interface Answer {
  readonly text: string
  readonly coverage: number
}

/** What the rule says whose condition was spoken of; a fact that says all that was asked goes before a rule that it only touches. */
export function ruleFor(question: Question, facts: Facts): string | undefined {
  const found = facts.find(question)
  const rules = found.filter(({ fact, condition }) => fact.kind !== 'fact' && condition >= MET)
  const rule = rules.reduce<Found | undefined>(
    (best, next) => (best && best.condition >= next.condition ? best : next),
    undefined,
  )
  const isTold = found.some(({ fact, coverage }) => fact.kind === 'fact' && coverage >= 0.99)
  return rule && (rule.condition === 1 || !isTold) ? rule.fact.text : undefined
}

export function answerTo(question: Question, facts: Facts): Answer | undefined {
  const told = facts.find(question).filter(({ fact, coverage }) => fact.kind === 'fact' && coverage >= ENOUGH)
  const [first] = told
  if (first === undefined) return undefined
  const equal = told.filter(({ coverage }) => coverage >= first.coverage - 0.01)
  const best = meantAbove(question, equal) ?? first
  const onDays = question.days.size > 0 ? answerForDays(question, told) : undefined
  const text = onDays ?? `${agreement(question, best)}${together(question, best, equal)}`
  return { text: shortened(text, LONGEST_ANSWER_WORDS), coverage: best.coverage }
}

const DEFINITION = /^(?:\S+ ){1,4}(?:is|are) (?:an?|the|our|my)\b/
/** The best first. */
const OWN_PLACE = [/\baddress is\b|\blocated\b/i, /^(?:We|I) (?:are|am) in\b/]

/** "What is Parley?" is after the sentence that begins with it; "where are you?" after one's own place. */
function meantAbove({ defines, stems, aspects }: Question, equal: readonly Found[]): Found | undefined {
  if (defines) {
    const subject = (text: string): string => contentStems(words(text))[0] ?? ''
    return equal.find(({ fact }) => DEFINITION.test(fact.text) && stems.includes(subject(fact.text)))
  }
  if (stems.length > 0 || !aspects.includes('place')) return undefined
  return OWN_PLACE.map((pattern) => equal.find(({ fact }) => pattern.test(fact.text))).find(
    (found) => found !== undefined,
  )
}

/** "Yes" and "no" only where the fact speaks of everything that was asked, and plainly. */
function agreement({ isClosed, asksClosed, days, stems }: Question, { fact, coverage }: Found): string {
  if (!isClosed || asksClosed || coverage < 0.85 || days.size > 0 || /^(?:yes|no)\b/i.test(fact.text)) return ''
  if (!saysAll(fact.text, stems)) return ''
  // "there is no pool" refuses the pool; "no appointment is needed for flu shots" does not refuse the shots
  const without = /\bno ([\w-]+)(?: ([\w-]+))?/i.exec(fact.text)
  if (without?.slice(1).some((word) => word !== undefined && stems.includes(stem(word.toLowerCase())))) return 'No. '
  if (LIMITED.test(fact.text)) return ''
  return REFUSING.test(fact.text) ? 'No. ' : 'Yes. '
}

/** Whether the words of the sentence itself, not only its heading or its question, hold everything that was asked. */
function saysAll(text: string, stems: readonly string[]): boolean {
  const told = contentStems(words(text))
  const aspects = toldBy(text)
  return stems.every((word) => {
    const aspect = aspectOfStem(word)
    return told.includes(word) || (aspect !== undefined && aspects.includes(aspect))
  })
}

/** To a general question, "when are you open?", two facts that answer equally well are both told. */
function together(question: Question, best: Found, equal: readonly Found[]): string {
  const isGeneral =
    question.stems.every((word) => aspectOfStem(word) !== undefined) && !question.aspects.includes('place')
  const next = equal.find(({ fact, score }) => fact.text !== best.fact.text && score >= best.score * 0.6)
  if (next === undefined || question.isClosed || !isGeneral) return best.fact.text
  const pair = `${best.fact.text} ${next.fact.text}`
  return countWords(pair) <= LONGEST_PAIR_WORDS ? pair : best.fact.text
}

/** Opening on certain days: from the days that the facts name, or undefined where they name none. */
function answerForDays(question: Question, told: readonly Found[]): string | undefined {
  const about = told.filter(({ days }) => days.open.size + days.closed.size > 0)
  if (about.length === 0) return undefined
  const asked = [...question.days]
  const asksOpening =
    about.some(({ fact }) => /\b(?:open|clos|hours)/i.test(fact.text)) &&
    (question.asksClosed ||
      question.stems.includes('open') ||
      question.aspects.includes('hours') ||
      question.stems.includes('clos') ||
      question.stems.includes('hour'))
  const shut = about.find(({ days }) => asked.some((day) => days.closed.has(day)))
  if (shut) return `${question.isClosed ? (question.asksClosed ? 'Yes. ' : 'No. ') : ''}${shut.fact.text}`
  const fitting = about.filter(({ days }) => asked.some((day) => days.open.has(day)))
  const best = fitting.sort((a, b) => a.days.open.size - b.days.open.size || b.coverage - a.coverage)[0]
  if (best)
    return `${question.isClosed && asksOpening ? (question.asksClosed ? 'No. ' : 'Yes. ') : ''}${best.fact.text}`
  if (!asksOpening) return undefined
  const named = enumerated(asked.map(nameOfDay), 'or')
  return `${question.isClosed && !question.asksClosed ? 'No, we' : 'We'} are not open on ${named}. ${about[0]!.fact.text}`
}

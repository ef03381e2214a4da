// What an utterance asks, with what it leaves unsaid taken from what was asked before.
import { type Aspect, askedFor, aspectOfStem } from './aspects.js'
import { daysIn } from './days.js'
import type { Facts } from './facts.js'
import { contentStems, stem, words } from './words.js'

export interface Question {
  readonly stems: readonly string[]
  readonly aspects: readonly Aspect[]
  /** The stems that were asked for earlier, not now. */
  readonly recalled: ReadonlySet<string>
  readonly days: ReadonlySet<number>
  /** A question that yes or no would answer. */
  readonly isClosed: boolean
  /** "are you closed …?" */
  readonly asksClosed: boolean
  /** "what is …?", of a thing */
  readonly defines: boolean
  /** Leaves something unsaid: "and on Sunday?", "how much is it?". */
  readonly isFollowUp: boolean
}

const CLOSED =
  /^(?:(?:and|but|so|also|then|ok|oh|um|uh) )*(?:do|does|did|is|are|am|was|were|can|could|will|would|should|has|have|may|might)\b/
const ASKS = /\b(?:what|which|who|when|where|why|how)\b|^(?:is|are|do|does|can|could|will|would)\b/
const FOLLOW_UP = /^(?:(?:ok|okay|oh|um|uh|well|so) )*(?:and|or|but|what about|how about|what if|also)\b/
const POINTS_BACK = /\b(it|its|that|this|they|them|those|these|there|one|ones|same|then)\b/

export function questionIn(utterance: string, facts: Facts): Question {
  const spoken = withoutPreamble(words(utterance))
  const text = spoken.join(' ')
  const aspects = askedFor(spoken)
  const days = daysIn(spoken)
  const stems = contentStems(joined(spoken, facts)).filter((word) => !isDayStem(word))
  return {
    stems: stems.filter((word) => !standsForAspect(word, aspects, facts)),
    aspects: aspects.filter((aspect) => !stems.some((word) => facts.knows(word) && aspectOfStem(word) === aspect)),
    recalled: new Set(),
    days,
    isClosed: CLOSED.test(text) && !/\bor\b/.test(text) && !/\b(not|tell me|you know|you tell)\b/.test(text),
    asksClosed: /\b(closed|close|shut)\b/.test(text),
    defines: /^(?:what|who) (?:is|are) (?:the |a |an )?\w+(?: \w+)?$/.test(text) && aspects.length === 0,
    isFollowUp:
      FOLLOW_UP.test(text) || (POINTS_BACK.test(text) && ASKS.test(text)) || (stems.length === 0 && days.size > 0),
  }
}

/** The follow-up with what the earlier question was about; what it asks for itself takes the place of what was asked for before. */
export function resumed(question: Question, earlier: Question): Question {
  const asksAnew = question.aspects.length > 0 || question.stems.some((word) => aspectOfStem(word) !== undefined)
  const isOtherThing = question.stems.some((word) => aspectOfStem(word) === undefined)
  const kept = earlier.stems.filter((word) => (aspectOfStem(word) === undefined ? !isOtherThing : !asksAnew))
  return {
    ...question,
    stems: [...new Set([...question.stems, ...kept])],
    aspects: [...new Set([...question.aspects, ...(asksAnew ? [] : earlier.aspects)])],
    recalled: new Set(kept.filter((word) => !question.stems.includes(word))),
    days: question.days.size > 0 ? question.days : asksAnew ? new Set() : earlier.days,
    isClosed: question.isClosed || (!asksAnew && !isOtherThing && earlier.isClosed),
    asksClosed: question.asksClosed || (!asksAnew && earlier.asksClosed),
  }
}

/** "how much does it cost": the cost is what "how much" asks for, it need not be named in the answer. */
function standsForAspect(word: string, aspects: readonly Aspect[], facts: Facts): boolean {
  const aspect = aspectOfStem(word)
  return aspect !== undefined && aspects.includes(aspect) && !facts.knows(word)
}

const PREAMBLE =
  /^(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)|um|uh|er|erm|hmm|so|well|okay|ok|oh|ah|yes|yeah|right|great|thanks|thank you|please|sorry|excuse me|actually|just|quick question|there) )*(?:(?:can|could|would|will) you (?:please )?(?:tell me|let me know|explain|say) |(?:i would|i) (?:like to|want to|wanted to|need to) (?:know|ask|find out) (?:if |whether |about )?|i was wondering (?:if |whether )?|i wonder (?:if |whether )?|do you know |(?:please )?tell me (?:about )?|i have a question about )?/

function withoutPreamble(spoken: readonly string[]): string[] {
  const text = `${spoken.join(' ')} `
  const rest = text.replace(PREAMBLE, '').trim()
  return rest === '' ? [...spoken] : rest.split(' ')
}

/** A recogniser may write "sour dough" for what the prompt calls "sourdough". */
function joined(spoken: readonly string[], facts: Facts): string[] {
  const whole: string[] = []
  for (let at = 0; at < spoken.length; at += 1) {
    const pair = `${spoken[at]}${spoken[at + 1] ?? ''}`
    const isOne = at + 1 < spoken.length && facts.knows(stem(pair)) && !facts.knows(stem(spoken[at]!))
    whole.push(isOne ? pair : spoken[at]!)
    if (isOne) at += 1
  }
  return whole
}

const isDayStem = (word: string): boolean =>
  /^(?:mon|tues|wednes|thurs|fri|satur|sun)day?s?$/.test(word) || /^week(?:day|end)/.test(word)

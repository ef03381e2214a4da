// How a missing value is asked for, in words made from what the tool says of it.
import { inverted, theirsToYours } from '../orders.js'
import { enumerated, plain, sentencesOf } from '../phrase.js'
import { inWords, type Slot } from './slots.js'

/** `misses`: how often it was asked for in vain. */
export function questionFor(slot: Slot, misses: number): string {
  const question = misses % 2 === 0 ? usual(slot) : other(slot)
  if (misses === 0) return question
  const hint = HINTS[slot.kind]
  return ['I am sorry, I did not get that.', question, hint].filter((part) => part !== undefined).join(' ')
}

/** "the order number": to be read within a sentence. */
export function thingOf({ label, description }: Pick<Slot, 'label' | 'description'>): string {
  const first = sentencesOf(description.replace(ASIDES, ' '))[0] ?? ''
  const thing = agreeing(theirsToYours(first.replace(/[.!?;:,\s]+$/, '').trim()))
  const isFit = thing !== '' && thing.split(' ').length <= MOST_WORDS && !/[{}[\]<>_]/.test(thing)
  const named = isFit ? lowered(thing) : label
  return /^(?:the|your|an?|any|how|which|what|when|where|whether|why|if|who)\b/i.test(named) ? named : `the ${named}`
}

function usual(slot: Slot): string {
  const thing = thingOf(slot)
  if (slot.kind === 'truth') return truth(thing)
  if (isClause(thing) || slot.choices.length > 0) return `Could you tell me ${thing}${choicesOf(slot)}?`
  return `May I have ${thing}, please?`
}

function other(slot: Slot): string {
  const thing = thingOf(slot)
  if (slot.kind === 'truth') return truth(thing)
  return isClause(thing) ? `Can you tell me ${thing}${choicesOf(slot)}?` : `What is ${thing}${choicesOf(slot)}?`
}

/** "whether the caller wants breakfast" → "Do you want breakfast?" */
function truth(thing: string): string {
  const about = thing.replace(/^(?:whether|if)\s+(?:or not\s+)?/i, '')
  if (about === thing) return `Yes or no: ${thing.replace(/^the /, '')}?`
  const wish = /^you (.+)$/.exec(about)
  return wish ? `${inverted(wish[1]!)}?` : `Yes or no: ${about}?`
}

/** "you wants" → "you want" */
const agreeing = (text: string): string =>
  text
    .replace(/\byou (want|need|prefer|like|live|pay|travel|arrive|leave|stay)s\b/g, 'you $1')
    .replace(/\byou has\b/g, 'you have')

const isClause = (thing: string): boolean => /^(?:how|which|what|when|where|who|why)\b/.test(thing)

function choicesOf({ choices, kind }: Slot): string {
  if (choices.length < 2 || choices.length > MOST_CHOICES) return ''
  const named = choices.map((choice) => (typeof choice === 'string' ? inWords(choice) || choice : String(choice)))
  return `: ${enumerated(named, kind === 'choices' ? 'and' : 'or')}`
}

/** The first letter small, unless it begins an abbreviation. */
const lowered = (text: string): string =>
  /^\p{Lu}{2}/u.test(text) ? text : plain(text.charAt(0).toLowerCase() + text.slice(1))

/** What a description says to programmers: examples, forms, and what stands in brackets. */
const ASIDES =
  /\([^)]*\)|,?\s*\b(?:e\.\s?g\.|for example|for instance|such as|like ["'“]|i\.\s?e\.)[^.;]*|,?\s*\b(?:in|as) (?:an? )?(?:the )?(?:ISO|YYYY|HH|E\.164|24)[^.;,]*|,?\s*\b(?:in )?[A-Z]{2,4}-[A-Z]{2}-[A-Z]{2}\b[^.;,]*/gi

const MOST_WORDS = 10
const MOST_CHOICES = 5

const HINTS: Partial<Record<Slot['kind'], string>> = {
  email: 'An e-mail address has an "at" in it.',
  date: 'Please say the day, the month and the year.',
  time: 'Please say whether it is am or pm.',
  moment: 'Please say the day, the month, the year and the time, with am or pm.',
}

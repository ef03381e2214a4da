// What a prompt tells, line by line, as facts that can be spoken: sentences, answers, entries like "Rye: $4", lists.
import { toldBy } from './aspects.js'
import type { MeantLine } from './classify.js'
import { labelFor, labelOfQuestion } from './labels.js'
import type { Line } from './lines.js'
import { enumerated, inOwnVoice, plain, sentence } from './phrase.js'

export interface Fact {
  /** As it is spoken. */
  readonly text: string
  /** What else it may be asked by: its heading, its question, the condition of its rule. */
  readonly keys: string
  readonly kind: 'fact' | 'rule' | 'refusal'
  /** What a caller would call it, if it is worth offering. */
  readonly label: string | undefined
}

const ENTRY = /^(?!(?:you|we|i|it|they|there|this|if|please)\b)([A-Z\d][^:.!?]{0,40}?)\s*(?::|\s[-–—]|\s=)\s+(.+)$/i
const GENERAL_HEADING = /\b(?:contact|about|info|information|facts|details|general)\b/i
const WHOLE_SENTENCE =
  /^(?:we|i|yes|no|you|the|it|they|our|all|every)\b.*\s(?:is|are|do|does|can|have|has|offer|accept|deliver)\b/i
const INLINE_LIST = /^([A-Z][a-z]+(?: [a-z]+){0,2}):\s+(.+,.+)$/
/** Headings under which the items are no things to choose from. */
const NO_LIST = /\b(?:hours|contact|about|facts|info|information|policy|policies|faq|details|address)\b/i
const MOST_LISTED = 8

const itemsOf = (text: string): string[] => text.split(/[,;]\s+(?:and\s+)?/)

const LABELS: Readonly<Record<string, string>> = {
  phone: 'phone number',
  tel: 'phone number',
  telephone: 'phone number',
  hours: 'opening hours',
  mail: 'email address',
  email: 'email address',
  payment: 'payment methods',
}

/** `question`: the one that it answers; empty when it stands by itself. */
export function factsOf(text: string, { heading }: Line, question: string, self: 'I' | 'we'): Fact[] {
  const keys = [heading, question].filter(Boolean).join(' ')
  if (question !== '') return [{ ...fact(sentence(plain(text)), keys, self), label: labelOfQuestion(question, self) }]
  const entry = ENTRY.exec(text)
  if (!entry || entry[1]!.split(' ').length > 4) {
    return [fact(sentence(plain(addressesCaller(text) ? text : inOwnVoice(whole(text, self), self))), keys, self)]
  }
  const [, label = '', value = ''] = entry
  const parts = itemsOf(value)
  // "Menu: Margherita $10, Pepperoni $12" is a list with a figure for each
  if (parts.length > 1 && parts.every((part) => /^\D.*\d/.test(part)) && !toldBy(label).includes('hours')) {
    return parts.map((part) => fact(itemSpoken(part.replace(/\.$/, '')), `${keys} ${label}`, self))
  }
  const isPartOfList = heading !== '' && !GENERAL_HEADING.test(heading)
  return [fact(entrySpoken(label, value, isPartOfList, self), keys, self)]
}

function entrySpoken(label: string, value: string, isPartOfList: boolean, self: 'I' | 'we'): string {
  const known = LABELS[label.toLowerCase()]
  const name = plain(known ?? label)
  const told = plain(inOwnVoice(value, self))
  if (WHOLE_SENTENCE.test(told)) return sentence(told)
  if (/^\d/.test(label)) return sentence(`${name}: ${told}`)
  const be = /s$/.test(name) && !/ss$/.test(name) ? 'are' : 'is'
  const isOwn = known !== undefined || (!isPartOfList && /^[A-Z]?[a-z]+(?: [a-z]+){0,2}$/.test(label))
  return sentence(isOwn ? `Our ${name.toLowerCase()} ${be} ${told}` : `${name} ${be} ${told}`)
}

/** "Margherita $10" → "Margherita is 10 dollars." */
function itemSpoken(item: string): string {
  const spoken = plain(item)
  const [, name, figure] = /^(\D+?)\s*(?:is|for|at|-|:)?\s*(\d.*)$/.exec(spoken) ?? []
  return name && figure ? sentence(`${name} is ${figure}`) : sentence(spoken)
}

function fact(text: string, keys: string, self: 'I' | 'we'): Fact {
  return { text, keys, kind: 'fact', label: labelFor(text, keys, self) }
}

/** "Closed on Sundays." lacks who. */
const whole = (text: string, self: 'I' | 'we'): string =>
  /^(?:open|closed|located)\b/i.test(text)
    ? `${self} ${self === 'we' ? 'are' : 'am'} ${text.charAt(0).toLowerCase()}${text.slice(1)}`
    : text

/** "You can park behind the house": that is no longer the assistant. */
const addressesCaller = (text: string): boolean =>
  /^(?:if|when|once|to|before|after) |\byou (?:can|may|could|will|get|need|must|should|pay|receive|want|qualify)\b/i.test(
    text,
  ) && /\byou\b/i.test(text)

/** The items under one heading are also one answer: what there is. */
export function listsOf(lines: readonly MeantLine[], self: 'I' | 'we'): Fact[] {
  const lists = new Map<string, string[]>()
  for (const { text, heading, isItem, meaning } of lines) {
    if (meaning.is !== 'fact') continue
    const inline = isItem || heading !== '' ? undefined : INLINE_LIST.exec(text)
    const title = inline ? inline[1]! : heading
    if ((!inline && !isItem && !ENTRY.test(text)) || title === '') continue
    const names = (inline ? itemsOf(inline[2]!) : [text]).map(nameOfItem).filter(isName)
    lists.set(title, [...(lists.get(title) ?? []), ...names])
  }
  return [...lists]
    .filter(([title, names]) => names.length > 1 && isChoice(title))
    .map(([title, names]) => {
      const more = names.length > MOST_LISTED ? ', among others' : ''
      return {
        text: sentence(`${self === 'we' ? 'We' : 'I'} have ${enumerated(names.slice(0, MOST_LISTED))}${more}`),
        keys: `${title} list`,
        kind: 'fact',
        label: title.toLowerCase(),
      }
    })
}

/** "Rye: $4" → "Rye". */
const nameOfItem = (item: string): string => plain(item.replace(/\.$/, '').split(/:| [-–—] | \(|\s?[$£€]?\d/)[0]!)

const isName = (text: string): boolean =>
  text !== '' &&
  text.split(' ').length <= 4 &&
  !/^(?:within|in|on|at|from|to|with|by|for)\b|\b(?:costs?|is|are|takes?|has|have|can)\b/.test(text)

const isChoice = (title: string): boolean =>
  !NO_LIST.test(title) &&
  toldBy(title).every((aspect) => aspect === 'list' || aspect === 'price' || aspect === 'person')

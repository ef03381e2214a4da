// What a tool gave, told in a short sentence: a text as it is, the telling members of an object, the first of a list.
import { enumerated, plain, sentence, shortened } from '../phrase.js'
import { contentStems, words } from '../words.js'
import { parsed } from './outcomes.js'
import { inWords, schemaOf } from './slots.js'
import { spokenMoment } from './spoken-dates.js'

/** `wanted`: words of an instruction that may name the only members to be told. */
export function resultSpoken(text: string, wanted: string): string {
  const json = parsed(text)
  const spoken = json === undefined ? plain(text) : valueSpoken(unwrapped(json), contentStems(words(wanted)))
  return shortened(sentence(spoken), LONGEST_WORDS)
}

/** Whether the instruction speaks of members of the result. */
export function namesMembers(text: string, wanted: string): boolean {
  const stems = contentStems(words(wanted))
  return membersOf(schemaOf(unwrapped(parsed(text)))).some(([name]) => isWanted(name, stems))
}

/** What went wrong, where the tool says it in a sentence for people. */
export function failureSpoken(text: string): string {
  const { error, message, reason } = schemaOf(parsed(text))
  const told = [message, reason, schemaOf(error).message, error].find(
    (part) => typeof part === 'string' && isForPeople(part),
  )
  return told === undefined ? '' : sentence(plain(String(told)))
}

const LONGEST_WORDS = 45
const MOST_MEMBERS = 4
const MOST_ITEMS = 3

/** `{"data": {…}}` tells what its only member tells. */
function unwrapped(json: unknown): unknown {
  const entries = Object.entries(schemaOf(json))
  const [name, value] = entries.length === 1 ? entries[0]! : []
  return name !== undefined && /^(?:data|results?|response|output|payload|value|answer|items)$/i.test(name)
    ? unwrapped(value)
    : json
}

function valueSpoken(json: unknown, wanted: readonly string[]): string {
  if (Array.isArray(json)) return listSpoken(json)
  if (typeof json !== 'object' || json === null) {
    const scalar = scalarSpoken('', json)
    return typeof json === 'string' ? (scalar ?? '') : `The answer is ${scalar ?? 'empty'}`
  }
  const object = schemaOf(json)
  const members = membersOf(object)
  const chosen = members.filter(([name]) => isWanted(name, wanted))
  const speech = Object.entries(object).find(
    ([name, value]) => SPEECH.test(name) && typeof value === 'string' && isForPeople(value),
  )
  if (speech && chosen.length === 0) return plain(String(speech[1]))
  const told = (chosen.length > 0 ? chosen : members)
    .slice(0, MOST_MEMBERS)
    .map(([name, spoken]) => memberSpoken(name, spoken))
  if (told.length > 0) return enumerated(told)
  const [name, list] = Object.entries(object).find(([, value]) => Array.isArray(value)) ?? []
  if (Array.isArray(list)) return listSpoken(list, inWords(name!))
  const inner = Object.values(object).find((value) => membersOf(schemaOf(value)).length > 0)
  return inner === undefined ? 'It is done' : valueSpoken(inner, wanted)
}

const isWanted = (name: string, wanted: readonly string[]): boolean =>
  contentStems(words(inWords(name))).some((word) => wanted.includes(word))

/** The members that can be told, each with its words. */
const membersOf = (object: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] =>
  Object.entries(object).flatMap(([name, value]) => {
    const spoken = UNTOLD.test(name) ? undefined : scalarSpoken(name, value)
    return spoken === undefined ? [] : [[name, spoken] as const]
  })

function memberSpoken(name: string, spoken: string): string {
  const label = inWords(name)
  if (spoken === 'yes' || spoken === 'no') {
    const state = label.replace(/^(?:is|was) /, '')
    return /(?:ed|able|open|valid|active|ready|free)$/.test(state)
      ? `it is ${spoken === 'no' ? 'not ' : ''}${state}`
      : `${state}: ${spoken}`
  }
  const unit = UNITS.find(([ending]) => label.endsWith(` ${ending}`))
  const named = unit === undefined ? label : label.slice(0, -unit[0].length - 1)
  return `the ${named} is ${spoken}${unit === undefined ? '' : ` ${unit[1]}`}`
}

function scalarSpoken(name: string, value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return String(rounded(name, value))
  if (typeof value !== 'string' || value.trim() === '' || /^https?:|^data:/.test(value)) return undefined
  const text = spokenMoment(value) ?? (/^[a-z]+(?:_[a-z]+)+$/i.test(value) ? inWords(value) : plain(value))
  return text.replace(/[.\s]+$/, '')
}

/** Money to the cent, large figures whole, others to one decimal; whole numbers as they are. */
function rounded(name: string, value: number): number {
  if (Number.isInteger(value)) return value
  if (/price|amount|total|cost|balance|fee|sum/i.test(name)) return Math.round(value * 100) / 100
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 10) / 10
}

/** "I found 5 slots: A, B, C and 2 more." */
function listSpoken(list: readonly unknown[], label = ''): string {
  if (list.length === 0) return label === '' ? 'I found nothing' : `I found no ${label}`
  const items = list
    .slice(0, MOST_ITEMS)
    .map(itemSpoken)
    .filter((item) => item !== undefined)
  const more = list.length - items.length
  const counted = label === '' || list.length === 1 ? '' : ` ${list.length} ${label}`
  const told = more > 0 && items.length > 0 ? [...items, `${more} more`] : items
  return told.length === 0
    ? `I found ${list.length}`
    : `I found${counted}${counted === '' ? '' : ':'} ${enumerated(told)}`
}

function itemSpoken(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return scalarSpoken('', item)
  const members = membersOf(schemaOf(item))
  const [name, spoken] =
    members.find(([name]) => /^(?:name|title|label|time|start|date|summary)/i.test(name)) ?? members[0] ?? []
  const price = members.find(([other]) => other !== name && /price|cost|amount/i.test(other))
  return spoken === undefined || price === undefined ? spoken : `${spoken} for ${price[1]}`
}

/** Words, not a code such as `tool_failed`. */
const isForPeople = (text: string): boolean => /^\S+(?: [^\s{}]+){2,}$/s.test(text.trim())

const SPEECH = /^(?:message|summary|text|speech|spoken|answer|description|result)$/i
const UNTOLD =
  /(?:^|_)(?:uuid|url|uri|link|lat|lon|lng|latitude|longitude|timestamp|hash|token|success|ok|created_at|updated_at)$|^_|^(?:id|object|type|success|ok)$/i
const UNITS: readonly (readonly [ending: string, spoken: string])[] = [
  ['c', 'degrees Celsius'],
  ['celsius', 'degrees Celsius'],
  ['f', 'degrees Fahrenheit'],
  ['fahrenheit', 'degrees Fahrenheit'],
  ['percent', 'percent'],
  ['pct', 'percent'],
  ['usd', 'dollars'],
  ['eur', 'euros'],
  ['gbp', 'pounds'],
  ['km', 'kilometres'],
  ['kmh', 'kilometres an hour'],
  ['kph', 'kilometres an hour'],
  ['mph', 'miles an hour'],
  ['minutes', 'minutes'],
  ['hours', 'hours'],
  ['days', 'days'],
]

// What a tool answered, as a short sentence that can be spoken; and whether it answered at all.
import { enumerated, plain, sentence, shortened } from './phrase.js'
import { isObject, wordsOfName } from './slots.js'
import { daySpoken, timeSpoken } from './spoken-days.js'

export type Outcome =
  | { readonly is: 'answered'; readonly text: string }
  /** The tool was not run: an argument was wrong or made up. `about`: what was said of it. */
  | { readonly is: 'refused'; readonly about: string }
  | { readonly is: 'failed' }

export function outcomeOf(content: string): Outcome {
  const value = parsed(content)
  if (value === undefined) {
    if (REFUSED.test(content)) return { is: 'refused', about: content }
    return FAILED.test(content) ? { is: 'failed' } : { is: 'answered', text: textSpoken(content) }
  }
  if (isObject(value) && hasFailed(value)) {
    const about = JSON.stringify(value)
    return REFUSED.test(about) ? { is: 'refused', about } : { is: 'failed' }
  }
  return { is: 'answered', text: spoken(value, 0) }
}

const REFUSED =
  /\bnever invent\b|\bnot established a value\b|\bis required and was left out\b|\bmust (?:match the pattern|be one of|be an? |have at |be at |be (?:text|true))/i
const FAILED =
  /^(?:error|failed|failure|fault|exception|time ?out|timed out)\b|\b(?:timed out|time-out|could not be reached|failed (?:with|because|to)|the tool failed|not there any more|no answer came|did not answer)\b/i

const hasFailed = (value: Readonly<Record<string, unknown>>): boolean =>
  (value.error !== undefined && value.error !== null && value.error !== false) ||
  value.success === false ||
  value.ok === false ||
  value.status === 'error' ||
  value.status === 'failed'

const textSpoken = (text: string): string =>
  text.trim() === '' ? DONE : shortened(sentence(plain(text.trim())), LONGEST_WORDS)

const DONE = 'That is done.'
const NOTHING_FOUND = 'I found nothing.'
const LONGEST_WORDS = 50
const MOST_FIELDS = 4
const MOST_ENTRIES = 3
const DEEPEST = 3
/** Fields that are sentences already. */
const TELLING = ['message', 'summary', 'answer', 'text', 'speech', 'reply', 'description']
/** Fields that nobody wants to hear. */
const UNSPOKEN =
  /^(?:.*_?id|uuid|guid|url|uri|link|href|token|hash|ok|success|code|timestamp|created_?at|updated_?at|lat|lon|lng|latitude|longitude|.*key)$/i

function spoken(value: unknown, depth: number): string {
  if (Array.isArray(value)) return listSpoken('', value)
  if (!isObject(value)) return value === null ? NOTHING_FOUND : value === true ? DONE : sentence(scalarSpoken(value))
  const told = TELLING.map((name) => value[name]).find((field) => typeof field === 'string' && field.includes(' '))
  if (typeof told === 'string') return textSpoken(told)
  const fields = Object.entries(value).filter(([name, field]) => field !== null && field !== '' && !UNSPOKEN.test(name))
  const [only] = fields
  // {"result": {...}} is only wrapped
  if (fields.length === 1 && isObject(only![1]) && depth < DEEPEST) return spoken(only![1], depth + 1)
  const scalars = fields
    .filter(([, field]) => typeof field !== 'object' && typeof field !== 'boolean')
    .slice(0, MOST_FIELDS)
  const lists = fields.flatMap(([name, field]) => (Array.isArray(field) ? [listSpoken(wordsOfName(name), field)] : []))
  const parts = scalars.map(([name, field]) => `the ${wordsOfName(name)} is ${scalarSpoken(field)}`)
  const sentences = [...(parts.length > 0 ? [sentence(enumerated(parts))] : []), ...lists.slice(0, 1)]
  if (sentences.length > 0) return shortened(sentences.join(' '), LONGEST_WORDS)
  const inner = fields.find(([, field]) => isObject(field))
  return inner && depth < DEEPEST ? spoken(inner[1], depth + 1) : DONE
}

/** "There are 5 flights: …", with three of them by name. */
function listSpoken(name: string, list: readonly unknown[]): string {
  if (list.length === 0) return name === '' ? NOTHING_FOUND : `There are no ${name}.`
  const named = list
    .slice(0, MOST_ENTRIES)
    .map(entrySpoken)
    .filter((entry) => entry !== '')
  if (list.length === 1) return sentence(name === '' ? (named[0] ?? DONE) : `there is one: ${named[0] ?? name}`)
  const some = list.length > MOST_ENTRIES ? ', among others' : ''
  return sentence(`There are ${list.length}${name === '' ? '' : ` ${name}`}: ${enumerated(named)}${some}`)
}

function entrySpoken(entry: unknown): string {
  if (!isObject(entry)) return Array.isArray(entry) || entry === null ? '' : scalarSpoken(entry)
  const name = ['name', 'title', 'label', 'time', 'date', 'slot']
    .map((key) => entry[key])
    .find((field) => typeof field === 'string')
  const field = name ?? Object.entries(entry).find(([key, one]) => typeof one !== 'object' && !UNSPOKEN.test(key))?.[1]
  return field === undefined ? '' : scalarSpoken(field)
}

function scalarSpoken(value: unknown): string {
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Math.round(value * 10) / 10)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = String(value).trim()
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return daySpoken(text)
  const [, time] = /^\d{4}-\d{2}-\d{2}T(\d{2}:\d{2})/.exec(text) ?? []
  if (time !== undefined) return `${daySpoken(text)} at ${timeSpoken(time)}`
  if (/^\d{1,2}:\d{2}$/.test(text)) return timeSpoken(text)
  return plain(text.replace(/_/g, ' ')).replace(/[.!]+$/, '')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

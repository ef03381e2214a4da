// What a tool needs to know, argument by argument: its kind, and how to ask for it.
import type { LlmTool } from '../../engine.js'
import { enumerated } from './phrase.js'
import type { Forms } from './small-talk.js'
import { stem, words } from './words.js'

export type SlotKind =
  | 'choice'
  | 'boolean'
  | 'number'
  | 'email'
  | 'phone'
  | 'day'
  | 'time'
  | 'moment'
  | 'code'
  | 'person'
  | 'place'
  | 'text'
  | 'other'

export interface Slot {
  readonly name: string
  readonly kind: SlotKind
  readonly isRequired: boolean
  /** The name in words: "order number" of `orderNumber`. */
  readonly label: string
  readonly description: string
  readonly stems: ReadonlySet<string>
  readonly choices: readonly string[]
  readonly pattern: string | undefined
  readonly least: number
  readonly most: number
  /** Whether a day or a time is wanted in figures. */
  readonly wantsFigures: boolean
}

/** The arguments of the tool in their order; what is malformed in its schema is passed over. */
export function slotsOf({ parameters }: LlmTool): readonly Slot[] {
  const { properties, required } = parameters
  if (!isObject(properties)) return []
  const needed: readonly unknown[] = Array.isArray(required) ? required : []
  return Object.entries(properties).flatMap(([name, schema]) =>
    isObject(schema) ? [slotOf(name, schema, needed.includes(name))] : [],
  )
}

function slotOf(name: string, schema: Schema, isRequired: boolean): Slot {
  const label = wordsOfName(name)
  const description = typeof schema.description === 'string' ? schema.description : ''
  const choices = (Array.isArray(schema.enum) ? schema.enum : []).filter((choice) => typeof choice === 'string')
  return {
    name,
    kind: kindOf(`${label} | ${description}`.toLowerCase(), label, schema, choices.length > 0),
    isRequired,
    label,
    description,
    stems: new Set(words(`${label} ${description}`).map(stem)),
    choices,
    pattern: typeof schema.pattern === 'string' ? schema.pattern : undefined,
    least: typeof schema.minimum === 'number' ? schema.minimum : Number.NEGATIVE_INFINITY,
    most: typeof schema.maximum === 'number' ? schema.maximum : Number.POSITIVE_INFINITY,
    wantsFigures:
      schema.format !== undefined ||
      schema.pattern !== undefined ||
      /\biso\b|yyyy|hh:mm|\d{4}-\d\d|\d\d:\d\d/i.test(description),
  }
}

function kindOf(about: string, label: string, { type, format }: Schema, hasChoices: boolean): SlotKind {
  if (hasChoices) return 'choice'
  if (type === 'boolean') return 'boolean'
  if (type === 'integer' || type === 'number') return 'number'
  if (format === 'email' || /\bemail\b/.test(label)) return 'email'
  if (format === 'date-time' || /\b(?:datetime|date time|date and time|when)\b/.test(label)) return 'moment'
  if (format === 'date' || /\b(?:date|day)\b/.test(label)) return 'day'
  if (format === 'time' || /\btime\b/.test(label)) return 'time'
  if (/\b(?:phone|telephone|mobile)\b/.test(label)) return 'phone'
  if (/\b(?:city|town|location|place|destination|origin|country|region|from|to)\b/.test(label)) return 'place'
  if (/\b(?:id|number|code|reference|ref|zip|postcode|pin)\b/.test(label)) return 'code'
  if (/\bname\b/.test(label) && !/\b(?:product|item|company|file|dish|song|service) name\b/.test(label)) return 'person'
  if (
    /\b(?:query|question|search|reason|message|summary|notes?|description|details|text|topic|issue|subject|comments?)\b/.test(
      label,
    )
  )
    return 'text'
  return /\b(?:city|town)\b/.test(about) ? 'place' : 'other'
}

/** In words made from the description; the second form for when the first was not understood. */
export function questionFor(slot: Slot): Forms {
  const thing = thingOf(slot)
  switch (slot.kind) {
    case 'choice': {
      const offered = enumerated(slot.choices.slice(0, MOST_OFFERED).map(plainChoice), 'or')
      return [
        `Which ${slot.label} would you like: ${offered}?`,
        `For the ${slot.label} I can take ${offered}. Which one is it?`,
      ]
    }
    case 'boolean':
      return [`${capital(slot.label)}: yes or no?`, `Please say yes or no: ${slot.label}?`]
    case 'number':
      return [`Could you tell me ${thing}, please?`, `I need ${thing} as a number. What is it?`]
    default:
      return [`Could you tell me ${thing}, please?`, `I still need ${thing}. What is it?`]
  }
}

const MOST_OFFERED = 6
const LONGEST_THING_WORDS = 9

/** "The customer's 8-digit order number, e.g. 12345678." is "your 8-digit order number". */
function thingOf({ label, description }: Slot): string {
  const first = description
    .split(/[.;:(]|,? (?:e\.g\.|eg|i\.e\.|such as|for example|in (?:iso|yyyy|the format)|as (?:yyyy|hh)|like)\b|,/i)[0]!
    .trim()
    .replace(/^(?:the |a |an )?(?:user|customer|caller|client|patient|guest)(?:'s|’s)? (?=\S)/i, 'your ')
    .replace(/\b(?:the|a) (?:user|customer|caller|client|patient|guest)(?:'s|’s) /gi, 'your ')
    .replace(/ of the (?:user|customer|caller|client)$/i, '')
  const isThing =
    first !== '' &&
    first.split(/\s+/).length <= LONGEST_THING_WORDS &&
    !/^(?:whether|if|what|which|where|when|how|use|must|should|in|to|for|optional)\b|\b(?:user|customer|caller) (?:wants|is|has|says)\b/i.test(
      first,
    )
  const thing = isThing ? first : label
  if (/^(?:the|a|an|your)\b/i.test(thing)) return `${thing.charAt(0).toLowerCase()}${thing.slice(1)}`
  return `the ${/^[A-Z][a-z]/.test(thing) ? thing.charAt(0).toLowerCase() + thing.slice(1) : thing}`
}

export const plainChoice = (choice: string): string => choice.replace(/[_-]+/g, ' ')

/** "getOrderStatus" and "get_order_status" are "get order status". */
export const wordsOfName = (name: string): string =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_\W]+/g, ' ')
    .trim()
    .toLowerCase()

type Schema = Readonly<Record<string, unknown>>
export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

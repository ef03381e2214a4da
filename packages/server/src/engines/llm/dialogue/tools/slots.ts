// What a tool wants to be told, read from its JSON Schema: one slot for each value, with what kind of value it is.
import type { LlmTool } from '../../../engine.js'
import { words } from '../words.js'

export type SlotKind =
  | 'choice'
  | 'choices'
  | 'truth'
  | 'number'
  | 'email'
  | 'phone'
  | 'date'
  | 'time'
  | 'moment'
  | 'code'
  | 'name'
  | 'place'
  | 'subject'
  | 'text'
  | 'texts'

export interface Slot {
  /** The dotted path of the argument. */
  readonly path: string
  readonly kind: SlotKind
  readonly isRequired: boolean
  /** The name of the argument in words: "order id". */
  readonly label: string
  readonly description: string
  readonly schema: Schema
  /** What is allowed, where only certain values are. */
  readonly choices: readonly (string | number)[]
}

export interface ToolForm {
  readonly name: string
  readonly description: string
  readonly slots: readonly Slot[]
}

export type Schema = Readonly<Record<string, unknown>>

export const formOf = ({ name, description, parameters }: LlmTool): ToolForm => ({
  name,
  description,
  slots: slotsIn(parameters, [], true).slice(0, MOST_SLOTS),
})

/** "getOrder_status" → "get order status". */
export const inWords = (name: string): string =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()

/** Anybody may have written the schema: what is no object counts as empty. */
export const schemaOf = (value: unknown): Schema =>
  // true: an object that is no list has only string keys
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}

/** The values as the tool wants them: "address.city" within "address". */
export function argumentsOf(values: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  const within = new Map<string, Map<string, unknown>>()
  const entries: [string, unknown][] = []
  for (const [path, value] of values) {
    const [first, rest] = [path.split(SEPARATOR, 1)[0]!, path.split(SEPARATOR).slice(1).join(SEPARATOR)]
    if (rest === '') {
      entries.push([first, value])
      continue
    }
    const inner = within.get(first) ?? new Map<string, unknown>()
    within.set(first, inner.set(rest, value))
  }
  return Object.fromEntries([...entries, ...[...within].map(([name, inner]) => [name, argumentsOf(inner)] as const)])
}

/** The values of a call, each under the path of its slot. */
export function valuesOf(args: unknown, { slots }: ToolForm): ReadonlyMap<string, unknown> {
  const valueAt = (path: string): unknown =>
    path.split(SEPARATOR).reduce<unknown>((value, name) => schemaOf(value)[name], args)
  return new Map(slots.map(({ path }) => [path, valueAt(path)] as const).filter(([, value]) => value !== undefined))
}

const SEPARATOR = '.'
const MOST_SLOTS = 30
const DEEPEST = 3

function slotsIn(schema: Schema, path: readonly string[], isNeeded: boolean): readonly Slot[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schemaOf(schema.properties)).flatMap(([name, value]) => {
    // a name with a dot could not be told from a path
    if (name.includes(SEPARATOR)) return []
    const property = schemaOf(value)
    const isRequired = isNeeded && required.includes(name)
    if (property.properties === undefined) return [slotOf([...path, name], property, isRequired)]
    return path.length < DEEPEST ? slotsIn(property, [...path, name], isRequired) : []
  })
}

function slotOf(path: readonly string[], schema: Schema, isRequired: boolean): Slot {
  const label = inWords(path.at(-1)!)
  const description = typeof schema.description === 'string' ? schema.description.trim().slice(0, 500) : ''
  const items = schemaOf(schema.items)
  const allowed = [schema.enum, items.enum].find(Array.isArray) ?? []
  const choices = allowed.filter((choice) => typeof choice === 'string' || typeof choice === 'number')
  const kind = kindOf(schema, choices, label, description)
  return { path: path.join(SEPARATOR), kind, isRequired, label, description, schema, choices }
}

function kindOf(schema: Schema, choices: readonly unknown[], label: string, description: string): SlotKind {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type
  if (choices.length > 0) return type === 'array' ? 'choices' : 'choice'
  if (type === 'boolean') return 'truth'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return 'texts'
  const byFormat = FORMATS.get(schema.format)
  if (byFormat !== undefined) return byFormat
  const named = words(label).join(' ')
  const told = `${named} ${words(description).join(' ')}`
  const known = KINDS.find(([, inLabel]) => inLabel.test(named)) ?? KINDS.find(([, , inAll]) => inAll?.test(told))
  if (known !== undefined) return known[0]
  return typeof schema.pattern === 'string' && /\\d|0-9/.test(schema.pattern) ? 'code' : 'text'
}

const FORMATS: ReadonlyMap<unknown, SlotKind> = new Map([
  ['email', 'email'],
  ['date', 'date'],
  ['time', 'time'],
  ['date-time', 'moment'],
])

/** By the name of the argument or, failing that, by its description. The first that fits counts. */
const KINDS: readonly (readonly [kind: SlotKind, inLabel: RegExp, inAll?: RegExp])[] = [
  ['email', /\bemail\b/, /\bemail address\b/],
  ['phone', /\b(?:phone|mobile|telephone|cell)\b/, /\bphone number\b/],
  ['moment', /\b(?:datetime|date time|when|timestamp|slot)\b/, /\bdate and time\b/],
  ['date', /\b(?:date|day|dob|birthday)\b/],
  ['time', /\btime\b/],
  ['code', /\b(?:id|ids|number|code|reference|ref|zip|zipcode|postcode|pin|iban|sku)\b/, /\b(?:id|number|code)\b/],
  [
    'name',
    /^(?:(?:full|first|last|family|customer|caller|patient|guest|user|contact|client|your|own) )*name$|\b(?:recipient|payee|beneficiary|contact|person)\b/,
  ],
  ['place', /\b(?:city|town|location|place|destination|origin|country|region|address|area|departure|arrival)\b/],
  ['subject', /\b(?:query|question|search|topic|keywords?|subject)\b/],
]

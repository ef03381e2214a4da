// The value that the user is asked for, where a tool needs one: which argument it is, and what form it has.
import { type PatternLength, patternLength } from './pattern-length.js'
import { stemOf } from './spoken-sources.js'

export type ValueForm =
  /** A number or a code, given by digits and letters. */
  ({ readonly is: 'characters' } & PatternLength) | { readonly is: 'email' | 'address' }

/** What is read of a tool that the agent may call. */
export interface OfferedTool {
  /** A JSON Schema; what is malformed in it is passed over. */
  readonly parameters: Readonly<Record<string, unknown>>
}

/**
 * The form of the argument that `question`, what the agent said last, asks for, or that the user's own `words` name
 * ("my order number is"); undefined where none is meant, or its form is not known (protocol.md 5.2).
 */
export function awaitedForm(
  tools: readonly OfferedTool[],
  question: string,
  words: readonly string[],
): ValueForm | undefined {
  if (tools.length === 0) return undefined
  const named = stemsOf(words.join(' '))
  const asked = stemsOf(lastSentences(question))
  const parameters = tools.flatMap(knownParametersOf)
  return best(parameters, named) ?? best(parameters, asked)
}

interface Parameter {
  /** Stems of the name that tell it from others, and those that say that it is a number or a code. */
  readonly specific: readonly string[]
  readonly isNumbered: boolean
  readonly description: ReadonlySet<string>
  readonly form: ValueForm
}

function best(parameters: readonly Parameter[], context: ReadonlySet<string>): ValueForm | undefined {
  let found: { form: ValueForm; score: number } | undefined
  for (const parameter of parameters) {
    const score = scoreOf(parameter, context)
    if (score > (found?.score ?? 0)) found = { form: parameter.form, score }
  }
  return found?.form
}

/** 0: it is not what is spoken of. "What would you like to order?" does not ask for an order number. */
function scoreOf({ specific, isNumbered, description }: Parameter, context: ReadonlySet<string>): number {
  if (isNumbered && !intersects(NUMBERED, context)) return 0
  const named = specific.filter((stem) => context.has(stem)).length
  const told = [...description].filter((stem) => context.has(stem)).length
  const isNamed = specific.length > 0 ? named === specific.length : isNumbered
  return isNamed || told >= TOLD_ENOUGH ? 1 + 2 * named + told : 0
}

/** So many words of a description in the question tell which argument is meant, whatever its name. */
const TOLD_ENOUGH = 2

const intersects = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  [...one].some((item) => other.has(item))

/** A tool is asked about at every pause; what its schema says does not change. */
function knownParametersOf(tool: OfferedTool): readonly Parameter[] {
  const known = parametersBySchema.get(tool.parameters) ?? parametersOf(tool)
  parametersBySchema.set(tool.parameters, known)
  return known
}

const parametersBySchema = new WeakMap<object, readonly Parameter[]>()

function parametersOf({ parameters }: OfferedTool): readonly Parameter[] {
  const { properties } = parameters
  if (!isObject(properties)) return []
  return Object.entries(properties)
    .slice(0, MOST_PARAMETERS)
    .flatMap(([name, schema]) => {
      if (!isObject(schema)) return []
      const description = typeof schema.description === 'string' ? schema.description.slice(0, LONGEST_DESCRIPTION) : ''
      const words = name
        .replace(/([a-z\d])([A-Z])/g, '$1 $2')
        .replace(/[_\W]+/g, ' ')
        .toLowerCase()
      const form = formOf(words, description.toLowerCase(), schema)
      if (form === undefined) return []
      const stems = [...stemsOf(words)]
      const specific = stems.filter((stem) => !NUMBERED.has(stem))
      return [{ specific, isNumbered: specific.length < stems.length, description: stemsOf(description), form }]
    })
}

function formOf(name: string, description: string, schema: Schema): ValueForm | undefined {
  if (schema.format === 'email' || /\be ?mail\b/.test(name)) return { is: 'email' }
  if (/\b(?:address|street)\b/.test(name)) return { is: 'address' }
  const length =
    typeof schema.pattern === 'string'
      ? patternLength(schema.pattern)
      : (toldLength(description) ?? boundsOf(name, schema))
  return length && isGivenPiecewise(length) ? { is: 'characters', ...length } : undefined
}

/** Short numbers are said in one breath; texts of any length are no codes. */
const isGivenPiecewise = ({ least, most }: PatternLength): boolean => least >= 3 && most <= 40

/** "The eight digit number", "6 characters". */
function toldLength(description: string): PatternLength | undefined {
  const [, count = '', unit = ''] =
    /\b(\d{1,2}|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)[ -](digit|letter|character)/.exec(
      description,
    ) ?? []
  const length = SMALL_NUMBERS.get(count) ?? Number(count)
  return length > 0 ? { least: length, most: length, letters: unit !== 'digit' } : undefined
}

function boundsOf(name: string, { type, minLength, maxLength, minimum, maximum }: Schema): PatternLength | undefined {
  if (type === 'integer' && typeof minimum === 'number' && typeof maximum === 'number' && minimum > 0)
    return { least: String(minimum).length, most: String(maximum).length, letters: false }
  const isCode = [...stemsOf(name)].some((stem) => NUMBERED.has(stem)) || /\b(?:phone|zip|pin|card)\b/.test(name)
  if (!isCode || typeof minLength !== 'number' || typeof maxLength !== 'number') return undefined
  return { least: minLength, most: maxLength, letters: !/\b(?:phone|zip|pin|card)\b/.test(name) }
}

type Schema = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const stemsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/\p{L}+/gu) ?? []).filter((word) => !EMPTY.has(word)).map(stemOf))

const lastSentences = (text: string): string =>
  text
    .split(/(?<=[.!?])\s+/)
    .slice(-2)
    .join(' ')
    .slice(-LONGEST_DESCRIPTION)

const list = (words: string): readonly string[] => words.split(' ')
const NUMBERED: ReadonlySet<string> = new Set(list('number no num id code reference ref digit').map(stemOf))
const EMPTY: ReadonlySet<string> = new Set(
  list(
    'a an the of for to in on at by with from and or is are was be it its this that your my our their his her you i me we he she they what which ' +
      'who how when where why can could would will may please have has had do does did tell give say s m re ll d t as so if not no yes ' +
      'user customer caller client value enter provide exactly all just need like get know want am called',
  ),
)
const SMALL_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['three', 3],
  ['four', 4],
  ['five', 5],
  ['six', 6],
  ['seven', 7],
  ['eight', 8],
  ['nine', 9],
  ['ten', 10],
  ['twelve', 12],
  ['sixteen', 16],
])
const MOST_PARAMETERS = 64
const LONGEST_DESCRIPTION = 400

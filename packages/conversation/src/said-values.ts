// Which arguments of a tool call nobody has said: a model must not make values up (protocol.md 7.1).
import type { Arguments } from './model.js'
import { plainWords } from './words.js'

/**
 * The dotted paths of the arguments whose value nobody said. `schema`: the JSON Schema of the arguments. `sources`: what
 * the user said and what tools gave. Values that the schema itself names count as said, and so do those that are worked
 * out rather than repeated: truths, dates and times.
 */
export function unsaidValues(
  args: Arguments,
  schema: Readonly<Record<string, unknown>>,
  sources: readonly string[],
): readonly string[] {
  const said = heard(sources)
  const properties = objectOf(schema.properties)
  return Object.entries(args).flatMap(([name, value]) => unsaidWithin(value, objectOf(properties[name]), name, said))
}

interface Heard {
  readonly words: ReadonlySet<string>
  /** All digits in a row, whatever stands between them. */
  readonly digits: string
}

function unsaidWithin(value: unknown, schema: Schema, path: string, said: Heard): readonly string[] {
  if (isNamed(value, schema)) return []
  if (Array.isArray(value))
    return value.flatMap((part, index) => unsaidWithin(part, objectOf(schema.items), `${path}.${index}`, said))
  if (typeof value === 'object' && value !== null) {
    const properties = objectOf(schema.properties)
    return Object.entries(value).flatMap(([name, part]) =>
      unsaidWithin(part, objectOf(properties[name]), `${path}.${name}`, said),
    )
  }
  if (typeof value === 'number') return isNumberSaid(value, said) ? [] : [path]
  if (typeof value === 'string') return isTextSaid(value, schema, said) ? [] : [path]
  return []
}

type Schema = Readonly<Record<string, unknown>>

const isNamed = (value: unknown, schema: Schema): boolean =>
  value === schema.const || value === schema.default || (Array.isArray(schema.enum) && schema.enum.includes(value))

const isNumberSaid = (value: number, { digits, words }: Heard): boolean =>
  digits.includes(String(Math.abs(value)).replace(/\D/g, '')) || [...words].some((word) => NUMBER_WORDS.has(word))

function isTextSaid(text: string, schema: Schema, { words, digits }: Heard): boolean {
  if (typeof schema.format === 'string' && WORKED_OUT.has(schema.format)) return true
  const figures = text.replace(/\D/g, '')
  if (figures.length >= 2 && digits.includes(figures)) return true
  return wordsOf(text).some((word) => words.has(word))
}

const heard = (sources: readonly string[]): Heard => {
  const words = sources.flatMap(wordsOf)
  return { words: new Set(words), digits: words.map((word) => DIGITS[word] ?? word.replace(/\D/g, '')).join('') }
}

const wordsOf = (text: string): readonly string[] => plainWords(text.replace(/[^\p{L}\p{N}']+/gu, ' '))

const objectOf = (value: unknown): Schema =>
  // True: an object that is no list has only string keys.
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}

const WORKED_OUT: ReadonlySet<string> = new Set(['date', 'date-time', 'time'])

const DIGITS: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
}

const NUMBER_WORDS: ReadonlySet<string> = new Set(
  (
    'a an both couple half dozen one two three four five six seven eight nine ten eleven twelve thirteen fourteen ' +
    'fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand'
  ).split(' '),
)

// Numbers as people say them: "twenty five", "double five", "five five one", "two hundred and six", "the third".

/** Words and figures of a text, small: "7pm" is a figure and a word, "10:30" and "1,000" are one figure each. */
export const tokensOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .replaceAll('’', "'")
    .match(/\d+(?:[.,:]\d+)*|[\p{L}\p{M}]+(?:'\p{L}+)?/gu) ?? []

/** Numbers that follow upon one another. */
export interface NumberRun {
  /** The place of its first token, and of the one after its last. */
  readonly start: number
  readonly end: number
  /** As they are written down one after the other: "five five twenty" is 5520. */
  readonly digits: string
  /** Each by itself: 5, 5, 20. */
  readonly values: readonly number[]
}

/** All runs of numbers. "Double", "dash" and the like belong to the run that they stand in. */
export function numberRuns(tokens: readonly string[]): readonly NumberRun[] {
  const runs: NumberRun[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const run = runFrom(tokens, at)
    if (run === undefined) continue
    runs.push(run)
    at = run.end - 1
  }
  return runs
}

function runFrom(tokens: readonly string[], start: number): NumberRun | undefined {
  let digits = ''
  const values: number[] = []
  let end = start
  for (let at = start; at < tokens.length; ) {
    const times = REPEATING.get(tokens[at]!) ?? 1
    const number = numberAt(tokens, times === 1 ? at : at + 1)
    if (number === undefined) {
      if (values.length === 0 || !BETWEEN.has(tokens[at]!)) break
      at += 1
      continue
    }
    for (let time = 0; time < times; time += 1) digits += number.digits
    values.push(...number.values)
    at = number.next
    end = at
  }
  return values.length === 0 ? undefined : { start, end, digits, values }
}

interface NumberAt {
  readonly values: readonly number[]
  readonly digits: string
  readonly next: number
}

function numberAt(tokens: readonly string[], at: number): NumberAt | undefined {
  const token = tokens[at] ?? ''
  return /^\d/.test(token) ? figureAt(token, at) : wordsAt(tokens, at)
}

/** "1,000" is a thousand, "10:30" is ten and thirty, "4.5" is four and a half. */
function figureAt(token: string, at: number): NumberAt {
  const parts = token.split(':')
  const plain = parts.map((part) => part.replace(/,(?=\d{3}(?:\D|$))/g, ''))
  return { values: plain.map(Number).filter(Number.isFinite), digits: token.replace(/\D/g, ''), next: at + 1 }
}

/** "Two thousand and twenty six": the largest number that the words make. */
function wordsAt(tokens: readonly string[], start: number): NumberAt | undefined {
  const first = belowHundred(tokens, start)
  if (first === undefined) return undefined
  let { value, next } = first
  let whole = 0
  for (;;) {
    const scale = SCALES.get(tokens[next] ?? '')
    if (scale === undefined) break
    next += 1
    if (scale === 100) value *= 100
    else {
      whole += value * scale
      value = 0
    }
    const isJoined = tokens[next] === 'and' ? 1 : 0
    const more = belowHundred(tokens, next + isJoined)
    if (more === undefined) break
    value += more.value
    next = more.next
  }
  if (tokens[next] !== 'point') return written(whole + value, next)
  const places: string[] = []
  while (UNITS.has(tokens[next + 1 + places.length] ?? '')) places.push(tokens[next + 1 + places.length]!)
  if (places.length === 0) return written(whole + value, next)
  const fraction = places.map((place) => UNITS.get(place)).join('')
  return {
    values: [Number(`${whole + value}.${fraction}`)],
    digits: `${whole + value}${fraction}`,
    next: next + 1 + places.length,
  }
}

const written = (value: number, next: number): NumberAt => ({ values: [value], digits: String(value), next })

function belowHundred(tokens: readonly string[], at: number): { value: number; next: number } | undefined {
  const token = tokens[at] ?? ''
  const tens = TENS.get(token)
  if (tens === undefined) {
    const value = UNITS.get(token) ?? TEENS.get(token) ?? ORDINALS.get(token)
    return value === undefined ? undefined : { value, next: at + 1 }
  }
  const following = tokens[at + 1] ?? ''
  const unit = UNITS.get(following) ?? ORDINALS.get(following) ?? 0
  return unit >= 1 && unit <= 9 ? { value: tens + unit, next: at + 2 } : { value: tens, next: at + 1 }
}

const counted = (words: string, from: number, step = 1): ReadonlyMap<string, number> =>
  new Map(words.split(' ').map((word, index) => [word, from + index * step]))

const UNITS = new Map([...counted('zero one two three four five six seven eight nine', 0), ['oh', 0], ['nought', 0]])
const TEENS = counted('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 10)
const TENS = new Map([
  ...counted('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10),
  ...counted('twentieth thirtieth', 20, 10),
])
const ORDINALS = counted(
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth ' +
    'sixteenth seventeenth eighteenth nineteenth',
  1,
)
const SCALES = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
])
const REPEATING = new Map([
  ['double', 2],
  ['triple', 3],
])
/** Said between the parts of one number. */
const BETWEEN: ReadonlySet<string> = new Set('dash hyphen minus slash dot um uh er then and space'.split(' '))

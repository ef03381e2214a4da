// Numbers, and digits and letters said one by one, as they are written or spoken.

export interface Token {
  /** As it was written. */
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface SpokenNumber {
  readonly value: number
  readonly start: number
  readonly end: number
}

/** Words, figures and mixtures of both ("AB-1234"), with their places. */
export const tokensOf = (text: string): readonly Token[] =>
  [...text.matchAll(/[\p{L}\p{M}\p{N}]+(?:[-.,:'’_][\p{L}\p{M}\p{N}]+)*/gu)].map(({ 0: found, index }) => ({
    text: found,
    start: index,
    end: index + found.length,
  }))

/** "250", "1,200.50", "two hundred and fifty", "three point five", "a dozen"; in the order in which they come. */
export function numbersIn(text: string): readonly SpokenNumber[] {
  // "twenty-five" is two words here
  const tokens = tokensOf(text.replace(/(?<=\p{L})-(?=\p{L})/gu, ' '))
  const found: SpokenNumber[] = []
  for (let at = 0; at < tokens.length; ) {
    const number = numberAt(tokens, at)
    if (number === undefined) {
      at += 1
      continue
    }
    found.push({ value: number.value, start: tokens[at]!.start, end: tokens[number.next - 1]!.end })
    at = number.next
  }
  return found
}

/** What was said digit by digit and letter by letter, joined: "A B one two double three" → "AB1233". Each holds a digit. */
export function codesIn(text: string): readonly string[] {
  const runs: string[][] = [[]]
  const tokens = tokensOf(text)
  tokens.forEach((token, at) => {
    const piece = pieceOf(token.text, tokens[at - 1]?.text, tokens[at + 1]?.text)
    if (piece === undefined) runs.push([])
    else runs.at(-1)!.push(piece)
  })
  return runs.map((run) => run.join('')).filter((code) => /\d/.test(code))
}

function numberAt(tokens: readonly Token[], first: number): { value: number; next: number } | undefined {
  const wordAt = (at: number): string => tokens[at]?.text.toLowerCase() ?? ''
  let at = first
  if (/^an?$/.test(wordAt(at)) && SCALES.has(wordAt(at + 1))) at += 1
  const written = writtenNumber(wordAt(at))
  let thousands = 0
  let rest = written ?? 0
  let isNumber = written !== undefined
  if (isNumber) at += 1
  for (; ; at += 1) {
    const word = wordAt(at)
    const small = SMALL.get(word)
    const scale = SCALES.get(word)
    if (small !== undefined && written === undefined && mayFollow(rest, small, isNumber)) rest += small
    else if (scale !== undefined && scale < 1000 && rest < 100) rest = Math.max(rest, 1) * scale
    else if (scale !== undefined && scale >= 1000) {
      thousands += Math.max(rest, 1) * scale
      rest = 0
    } else if (word === 'and' && isNumber && (rest >= 100 || thousands > 0) && SMALL.has(wordAt(at + 1))) continue
    else break
    isNumber = true
  }
  if (!isNumber) return undefined
  const decimals = wordAt(at) === 'point' ? decimalsFrom(tokens, at + 1) : ''
  const value = Number(`${thousands + rest}${decimals && `.${decimals}`}`)
  return { value, next: at + (decimals === '' ? 0 : decimals.length + 1) }
}

const writtenNumber = (word: string): number | undefined =>
  /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^\d{1,15}(?:\.\d+)?$/.test(word) ? Number(word.replaceAll(',', '')) : undefined

/** "twenty" may be followed by "five", "hundred" by both; "two" and "three" are two numbers. */
function mayFollow(rest: number, small: number, isNumber: boolean): boolean {
  if (!isNumber) return true
  if (small === 0) return false
  return small < 10 ? rest % 10 === 0 && rest % 100 !== 10 : rest % 100 === 0
}

function decimalsFrom(tokens: readonly Token[], first: number): string {
  let digits = ''
  for (let at = first; ; at += 1) {
    const digit = SMALL.get(tokens[at]?.text.toLowerCase() ?? '')
    if (digit === undefined || digit > 9) return digits
    digits += digit
  }
}

/** What the word stands for within a code; undefined where it belongs to none. */
function pieceOf(word: string, before = '', after = ''): string | undefined {
  const lower = word.toLowerCase()
  const times = REPEATED.get(before.toLowerCase()) ?? 1
  const digit = DIGITS.get(lower)
  if (digit !== undefined) return digit.repeat(times)
  if (SMALL.has(lower)) return isTens(before) && SMALL.get(lower)! < 10 ? undefined : spokenTens(lower, after)
  if (REPEATED.has(lower) && DIGITS.has(after.toLowerCase())) return ''
  if (/^(?:dash|hyphen|minus)$/.test(lower)) return ''
  // the letters before the figures of "CD 4711"
  if (/^\p{Lu}{2,4}$/u.test(word) && /^\d/.test(after)) return word
  if (/\d/.test(word)) return /^\d$/.test(word) ? word.repeat(times) : word
  // spelled; "I" and "a" are words of their own unless another letter or a digit is beside them
  if (!/^\p{L}$/u.test(word) && !/^\p{L}(?:-\p{L})+$/u.test(word)) return undefined
  const isSpelled = /^(?:\p{L}|\d+)$/u.test(after) || DIGITS.has(after.toLowerCase())
  return /^[ai]$/i.test(word) && !isSpelled ? undefined : word.replaceAll('-', '').toUpperCase()
}

const isTens = (word: string): boolean => (SMALL.get(word.toLowerCase()) ?? 0) >= 20
const spokenTens = (word: string, after: string): string => {
  const tens = SMALL.get(word)!
  const unit = SMALL.get(after.toLowerCase()) ?? 0
  return String(tens >= 20 && unit > 0 && unit < 10 ? tens + unit : tens)
}

const NAMES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const SMALL: ReadonlyMap<string, number> = new Map([
  ...NAMES.map((name, value) => [name, value] as const),
  ...TENS.map((name, index) => [name, (index + 2) * 10] as const),
])
const SCALES: ReadonlyMap<string, number> = new Map([
  ['dozen', 12],
  ['hundred', 100],
  ['thousand', 1000],
  ['million', 1_000_000],
])
const DIGITS: ReadonlyMap<string, string> = new Map([
  ...NAMES.slice(0, 10).map((name, value) => [name, String(value)] as const),
  ['oh', '0'] as const,
])
const REPEATED: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['triple', 3],
])

// Whether a number was said: as it is, in another unit, as a sum, or as a word such as "a couple".
import type { Spoken } from './spoken-sources.js'

/** `about`: name and description of the argument, small. */
export function isNumberSaid(value: number, about: string, spoken: Spoken): boolean {
  const size = Math.abs(value)
  // where a place lies is known of it without being said
  if (/\b(?:latitude|longitude|lat|lon|lng)\b/.test(about)) return true
  if (spoken.numbers.has(size) || spoken.numbers.has(round(size * 100))) return true
  if (/\b(?:cents?|pence)\b/.test(about) && spoken.numbers.has(round(size / 100))) return true
  if (WORDS.some(([number, words]) => number === size && words.test(spoken.text))) return true
  if (UNITS.some(([factor, unit]) => unit.test(spoken.text) && isMultiple(size, factor, spoken))) return true
  if (Number.isInteger(size) && size >= 1000 && spoken.digits.includes(String(size))) return true
  return !spoken.isEnglish ? size < 1000 : isSum(size, spoken)
}

/** "One" stands for the unit itself: "an hour" is 60 minutes. */
const isMultiple = (size: number, factor: number, { numbers, text }: Spoken): boolean =>
  size === factor ||
  numbers.has(round(size / factor)) ||
  (/\bhalf\b/.test(text) &&
    (size === factor / 2 || numbers.has(round(size / factor - 0.5)) || size === factor * 1.5)) ||
  (/\bquarter\b/.test(text) && (size === factor / 4 || size === (factor * 3) / 4))

/** "Two adults and three children" are five guests. */
const isSum = (size: number, { numbers }: Spoken): boolean =>
  Number.isInteger(size) &&
  size <= LARGEST_SUM &&
  [...numbers].some((number) => number > 0 && number < size && numbers.has(size - number) && number !== size - number)

const round = (value: number): number => Math.round(value * 1e6) / 1e6

const LARGEST_SUM = 30

/** What a word says without naming the number. */
const WORDS: readonly (readonly [number: number, words: RegExp])[] = [
  [0, /\b(?:no|none|nothing|nobody|without|nil|don't|not)\b/],
  [0.5, /\bhalf\b/],
  [0.25, /\bquarter\b/],
  [1, /\b(?:an?|single|just|only|once|another|alone|myself|me|my|the|this)\b/],
  [2, /\b(?:couple|both|pair|twice|wife|husband|partner|girlfriend|boyfriend|and (?:i|me)|with (?:a|my|one) \w+)\b/],
  [3, /\b(?:thrice|three times)\b/],
]
const UNITS: readonly (readonly [factor: number, unit: RegExp])[] = [
  [60, /\b(?:hours?|minutes?|min)\b/],
  [3600, /\bhours?\b/],
  [24, /\bdays?\b/],
  [7, /\bweeks?\b/],
  [12, /\b(?:dozens?|years?)\b/],
  [1000, /\b(?:k|grand|kilos?|kilometers?|kilometres?)\b/],
]

// What was said, made ready to be asked whether a value occurs in it: words, numbers, and everything run together.
import { numberRuns, tokensOf } from './spoken-numbers.js'

export interface Spoken {
  readonly text: string
  readonly words: ReadonlySet<string>
  readonly stems: ReadonlySet<string>
  readonly numbers: ReadonlySet<number>
  /** All digits in their order, so that a number given in two turns is found whole. */
  readonly digits: string
  /** Each run of digits by itself. */
  readonly runs: ReadonlySet<string>
  /** Letters and digits alone, as they were written. */
  readonly squashed: string
  /** The same with numbers in figures, spellings joined and "at", "dot" and "dash" left out. */
  readonly spelled: string
  /** Whether its words can be judged: the rules know English. */
  readonly isEnglish: boolean
}

/** Of long conversations the latest part counts. */
export function spokenIn(sources: readonly string[]): Spoken {
  const text = sources.join('\n').slice(-LONGEST_SOURCES_CHARACTERS).toLowerCase()
  const tokens = tokensOf(text)
  const runs = numberRuns(tokens)
  const words = new Set(tokens.map((token) => token.replace(/'s?$/, '')))
  return {
    text,
    words,
    stems: new Set([...words].map(stemOf)),
    numbers: new Set(runs.flatMap(({ values, digits }) => [...values, ...yearsIn(values), Number(digits)])),
    digits: runs.map(({ digits }) => digits).join(''),
    runs: new Set(runs.map(({ digits }) => digits)),
    squashed: squash(text),
    spelled: spelledOut(tokens, runs),
    isEnglish: seemsEnglish(tokens),
  }
}

/** "Nineteen eighty four" within a longer run of numbers. */
const yearsIn = (values: readonly number[]): readonly number[] =>
  values.flatMap((value, at) => {
    const next = values[at + 1] ?? 0
    return (value === 19 || value === 20) && next >= 10 && next < 100 ? [value * 100 + next] : []
  })

export const squash = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** The part of a word that its forms share: "deliveries", "delivering", "deliver". */
export function stemOf(word: string): string {
  if (word.length < 4) return word
  const stem = word
    .replace(/ies$/, 'y')
    .replace(/ves$/, 'f')
    .replace(/(?:ations?|ments?|ings?|ness|ed|er|ers|es|ly|s)$/, '')
    .replace(/(.)\1$/, '$1')
    .replace(/[eyi]$/, '')
  return stem.length >= 3 ? stem : word
}

/** "B as in Bravo, double L at example dot com" is bllexamplecom. */
function spelledOut(tokens: readonly string[], runs: ReturnType<typeof numberRuns>): string {
  const runAt = new Map(runs.map((run) => [run.start, run]))
  let spelled = ''
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!
    const run = runAt.get(at)
    if (run) {
      spelled += run.digits
      at = run.end - 1
    } else if (/^(?:double|triple)$/.test(token) && /^\p{L}$/u.test(tokens[at + 1] ?? '')) {
      spelled += tokens[at + 1]!.repeat(token === 'double' ? 2 : 3)
      at += 1
    } else if (token === 'as' && tokens[at + 1] === 'in') at += 2
    else if (token === 'for' && isSpellingOf(tokens[at - 1], tokens[at + 1])) at += 1
    else if (!SIGNS.has(token)) spelled += token.replaceAll("'", '')
  }
  return spelled
}

/** "B for Bravo". */
const isSpellingOf = (letter = '', word = ''): boolean => /^\p{L}$/u.test(letter) && word.startsWith(letter)

/** Few words tell nothing: a mere "Berlin" may be of any language. */
function seemsEnglish(tokens: readonly string[]): boolean {
  const words = tokens.filter((token) => /^\p{L}/u.test(token))
  const latin = words.filter((word) => /^\p{Script=Latin}/u.test(word)).length
  if (latin < words.length / 2) return false
  if (words.length < FEW_WORDS) return true
  return words.filter((word) => ENGLISH.has(word)).length >= words.length * ENGLISH_SHARE
}

const LONGEST_SOURCES_CHARACTERS = 50_000
const FEW_WORDS = 8
const ENGLISH_SHARE = 0.12
const list = (words: string): ReadonlySet<string> => new Set(words.split(' '))
const SIGNS = list('at dot underscore dash hyphen minus plus slash period point capital uppercase lowercase space')
/** Frequent, and no words of other languages that are spoken in our places. */
const ENGLISH = list(
  "the and you are is my i'm it's of for with that this have would like can please yes need want what how when where which to at " +
    "i'd your could about there from number name call status order result error true false id " +
    'one two three four five six seven eight nine zero ten twenty thirty',
)

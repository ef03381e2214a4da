// A value that is given piece by piece: digits, letters, an e-mail or a postal address, and whether it is whole.
import type { ValueForm } from './awaited-value.js'
import type { PatternLength } from './pattern-length.js'
import { numberRuns } from './spoken-numbers.js'

export type Giving = 'in progress' | 'whole' | 'nothing'

/**
 * Whether `words` (plain, lower case; `text` as recognised) end in the middle of such a value, or have just made it whole.
 * `question`: what the agent said last; it tells what is being given, and how long that is. `form`: that of the argument
 * which a tool needs, where one is asked for: it says more exactly when the value is whole.
 */
export function givingOf(
  words: readonly string[],
  text: string,
  question: string,
  form: ValueForm | undefined,
): Giving {
  if (form?.is === 'characters') return charactersGiven(words, text, form)
  const asked = question.toLowerCase()
  if (form?.is === 'email' && isWholeEmail(text)) return 'whole'
  const isInProgress =
    digitsInProgress(words, asked) ||
    lettersInProgress(words, text) ||
    emailInProgress(words, text, form?.is === 'email' || /\be-?mail\b/.test(asked)) ||
    addressInProgress(words, form?.is === 'address' || asksForAddress(asked))
  return isInProgress ? 'in progress' : 'nothing'
}

/** Between the least and the most that the value may have, the words are judged like any others. */
function charactersGiven(words: readonly string[], text: string, form: PatternLength): Giving {
  if (endsLikeNumber(words)) return 'in progress'
  if (words.length >= 2 && words.slice(-2).join(' ') === 'as in') return 'in progress'
  const given = trailingCharacters(text, form.letters)
  if (given === 0 || given > form.most) return 'nothing'
  if (given < form.least) return 'in progress'
  return given === form.most ? 'whole' : 'nothing'
}

/** How many digits, and letters where they count, the text ends with: "K nine, 12 34" are six. */
function trailingCharacters(text: string, letters: boolean): number {
  const tokens =
    text
      .replace(/\b\p{L}\p{M}* (?:as in|for) (\p{L}+)/gu, (spelled, word: string) =>
        spelled[0]!.toLowerCase() === word[0]!.toLowerCase() ? spelled[0]! : spelled,
      )
      .match(/\d+|\p{L}+/gu) ?? []
  const isLetters = (token: string): boolean => /^(?:\p{L}|\p{Lu}{2,5})$/u.test(token)
  const run = trailingRun(
    tokens,
    (token) =>
      isNumberWord(token.toLowerCase()) || SEPARATORS.has(token.toLowerCase()) || (letters && isLetters(token)),
  )
  const digits = numberRuns(run.map((token) => token.toLowerCase())).reduce(
    (sum, found) => sum + found.digits.length,
    0,
  )
  return digits + (letters ? run.filter(isLetters).join('').length : 0)
}

/** Digits are waited for up to the length that the value has; where that is unknown, always a little longer. */
function digitsInProgress(words: readonly string[], asked: string): boolean {
  if (endsLikeNumber(words)) return true
  const run = trailingRun(words, isNumberWord)
  if (run.length === 0) return false
  const digits = run.reduce((sum, word) => sum + digitsIn(word), 0)
  const about = `${asked} ${words.slice(0, words.length - run.length).join(' ')}`
  const expected = EXPECTED_DIGITS.find(({ value }) => value.test(about))
  if (expected) return digits < expected.digits
  if (NUMBERED.test(about)) return digits < LONGEST_NUMBER
  return run.length >= 3 && digits === run.length && digits < 10
}

/** "Plus one", "area code", "double": more digits must follow. */
const endsLikeNumber = (words: readonly string[]): boolean =>
  /(?:^|\s)(?:double|triple|plus|area code)$/.test(words.slice(-2).join(' '))

/** "J, O, H" or "J-O-H", and "B as in". */
function lettersInProgress(words: readonly string[], text: string): boolean {
  if (/\bas in$/.test(words.slice(-2).join(' '))) return true
  if (/(?:^|[\s-])\p{L}(?:-\p{L})+\W*$/u.test(text.toLowerCase())) return true
  return trailingRun(words, (word) => /^\p{L}$/u.test(word)).length >= 2
}

/** Until there is an "at" with a name and an ending such as ".com" behind it. */
function emailInProgress(words: readonly string[], text: string, isAsked: boolean): boolean {
  if (/^(?:dot|underscore|dash|hyphen)$/.test(words.at(-1) ?? '')) return true
  if ((!isAsked && !/\be-?mail(?: address)? is\b/.test(words.join(' '))) || words.length > 12) return false
  const joined = text.toLowerCase()
  const looksLikeOne = /@|\bat\b|\bdot\b/.test(joined) || words.length <= 2 || /\bis\b/.test(joined)
  return looksLikeOne && !isWholeEmail(text) && !DECLINES.has(words[0] ?? '')
}

const isWholeEmail = (text: string): boolean => /(?:@|\bat\b).*(?:\.|\bdot\s)\s*\p{L}{2,}\W*$/u.test(text.toLowerCase())

/** A street with its number is the least of an address. */
const addressInProgress = (words: readonly string[], isAsked: boolean): boolean =>
  isAsked && words.length < 4 && !DECLINES.has(words[0] ?? '')

const asksForAddress = (asked: string): boolean =>
  /\b(?:street|postal|mailing|home|delivery|shipping|your) address\b/.test(asked) && !/e-?mail/.test(asked)

function trailingRun(words: readonly string[], belongs: (word: string) => boolean): readonly string[] {
  let start = words.length
  while (start > 0 && belongs(words[start - 1]!)) start--
  return words.slice(start)
}

const isNumberWord = (word: string): boolean => /^[+#(]?\d[\d().-]*$/.test(word) || NUMBER_WORDS.has(word)

const digitsIn = (word: string): number => {
  const written = word.replace(/\D/g, '').length
  if (written > 0) return written
  return word === 'hundred' || word === 'thousand' || word === 'double' || word === 'triple'
    ? 1
    : TENS.has(word)
      ? 2
      : 1
}

const LONGEST_NUMBER = 12

/** Said between the parts of a code. */
const SEPARATORS: ReadonlySet<string> = new Set(['dash', 'hyphen', 'minus', 'slash', 'dot', 'space'])

const EXPECTED_DIGITS = [
  { value: /\b(?:phone|telephone|mobile|cell|contact|callback|call you back)\b/, digits: 10 },
  { value: /\b(?:credit|debit|card) (?:card )?number\b|\bcard\b/, digits: 16 },
  { value: /\b(?:zip|postal) ?code\b/, digits: 5 },
  { value: /\bsocial security\b/, digits: 9 },
  { value: /\blast four\b/, digits: 4 },
] as const

/** Values that are numbers, of a length that nobody can know. */
const NUMBERED =
  /\b(?:account|order|confirmation|reference|tracking|ticket|policy|member|membership|customer|booking|case|invoice|serial|id) (?:number|code|id)\b|\b(?:number|code) is\b|\bpass ?code\b|\bpin\b/

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '))

const NUMBER_WORDS = list(
  'zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand double triple',
)
const TENS = list(
  'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety',
)
const DECLINES = list("no yes i i'd i'll why what sorry sure okay can could do don't never wait hold nope")

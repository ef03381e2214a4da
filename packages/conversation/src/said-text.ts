// Whether a text was said: a name, an address, a code to the letter; a summary in other words.

import { tokensOf } from './spoken-numbers.js'
import { type Spoken, squash, stemOf } from './spoken-sources.js'

/** `about`: name and description of the argument, small. */
export function isTextSaid(value: string, about: string, spoken: Spoken): boolean {
  const joined = squash(value)
  // a text of signs alone claims nothing
  if (joined === '') return true
  if (joined.length >= 4 && (spoken.squashed.includes(joined) || spoken.spelled.includes(joined))) return true
  if (value.includes('@')) return isEmailSaid(value, spoken)
  if (/^https?:/i.test(value)) return isAddressSaid(value, spoken)
  if (/^[\d\s()+./-]+$/.test(value)) return areDigitsSaid(joined, spoken)
  if (isWorldCode(value, about)) return true
  if (isClass(value, about)) return true
  return areWordsSaid(value, about, spoken)
}

// ── Values to the letter ───────────────────────────────────────────────────────────────────

/** People leave ".com" out: the name and the name of the provider are enough. */
function isEmailSaid(value: string, { spelled, squashed }: Spoken): boolean {
  const [local = '', domain = ''] = value.split('@')
  const parts = [squash(local), squash(domain.split('.')[0] ?? '')]
  return parts.every((part) => part !== '' && (spelled.includes(part) || squashed.includes(part)))
}

function isAddressSaid(value: string, { spelled, squashed }: Spoken): boolean {
  const joined = squash(value.replace(/^https?:\/\/(?:www\.)?/i, ''))
  return spelled.includes(joined) || squashed.includes(joined)
}

/** Short numbers by themselves, long ones also across turns; telephone numbers with or without the code of the country. */
function areDigitsSaid(digits: string, { numbers, runs, digits: all, isEnglish }: Spoken): boolean {
  if (digits.length < LONG_NUMBER) return runs.has(digits) || numbers.has(Number(digits)) || !isEnglish
  if (all.includes(digits)) return true
  const local = digits.replace(/^(?:00|0)/, '')
  return digits.length >= TELEPHONE && [...runs].some((run) => endAlike(local, run.replace(/^(?:00|0)/, '')))
}

/** Whether one is the other with a few digits in front. */
function endAlike(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  return short.length >= TELEPHONE && long.endsWith(short) && long.length - short.length <= COUNTRY_CODE
}

const LONG_NUMBER = 4
const TELEPHONE = 7
const COUNTRY_CODE = 4

// ── Choices without a list ─────────────────────────────────────────────────────────────────

/** "USD", "en-US", "CDG", "Europe/Paris": what was said in words, in the code that the world has for it. */
const isWorldCode = (value: string, about: string): boolean =>
  (/^[a-z]{2,3}(?:[-_][a-z]{2,4})?$/i.test(value) &&
    /\b(?:currency|iata|airport|country|language|locale|lang|units?|state|region|province)\b/.test(about)) ||
  (/^[a-z]+\/[a-z_/]+$/i.test(value) && /\btime ?zone\b/.test(about)) ||
  (/^utc$/i.test(value) && /\btime ?zone\b/.test(about))

/** The kind of a request is the model's to judge, as a choice from a list would be. */
const isClass = (value: string, about: string): boolean =>
  !/\d/.test(value) &&
  value.split(/\s+/).length <= 3 &&
  !/^\p{Lu}\p{Ll}+ \p{Lu}/u.test(value) &&
  /\b(?:type|kind|category|priority|urgency|severity|sentiment|mood|mode|intent|status|units?|language|department|gender|level|tone|format|sort|action|outcome|disposition)\b/.test(
    about,
  )

// ── Words ──────────────────────────────────────────────────────────────────────────────────

function areWordsSaid(value: string, about: string, spoken: Spoken): boolean {
  const tokens = tokensOf(isPlace(about) ? withoutWiderPlace(value) : value)
  const figures = tokens.filter((token) => /^\d/.test(token)).map((token) => token.replace(/\D/g, ''))
  if (!figures.every((figure) => areDigitsSaid(figure, spoken))) return false
  if (!spoken.isEnglish) return true
  const words = tokens.filter((token) => !/^\d/.test(token) && !EMPTY.has(token) && token.length > 1)
  const said = words.filter((word) => isWordSaid(word, spoken)).length
  return said >= words.length * (FREE_TEXT.test(about) ? FREE_SHARE : 1)
}

/** Also in another form, or spelled a little differently than the recogniser wrote it. */
function isWordSaid(word: string, { words, stems, squashed, spelled }: Spoken): boolean {
  const plain = word.replace(/'s?$/, '')
  if (words.has(plain) || stems.has(stemOf(plain)) || LONG_FORMS.get(plain)?.some((form) => words.has(form)))
    return true
  if (plain.length >= 4 && (spelled.includes(plain) || squashed.includes(plain))) return true
  return [...words].some((said) => areAlike(plain, said))
}

function areAlike(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one]
  if (long.length < 4 || one[0] !== other[0] || long.length - short.length > 6) return false
  // "tooth" and "toothache", "refund" and "refundable"
  if (short.length >= 4 && long.startsWith(short)) return true
  if (short.length >= 7 && long.startsWith(short.slice(0, Math.ceil(short.length * 0.75)))) return true
  return isWithin(short, long, long.length >= 8 ? 2 : 1)
}

/** Whether so many letters, changed, left out or put in, make one word of the other. */
function isWithin(short: string, long: string, edits: number): boolean {
  if (long.length - short.length > edits) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at += 1
  if (at === short.length) return true
  if (edits === 0) return false
  const [restShort, restLong] = [short.slice(at), long.slice(at)]
  return (
    isWithin(restShort.slice(1), restLong.slice(1), edits - 1) ||
    isWithin(restShort, restLong.slice(1), edits - 1) ||
    (restShort.length === restLong.length && isWithin(restLong, restShort.slice(1), edits - 1))
  )
}

const isPlace = (about: string): boolean =>
  /\b(?:city|town|location|place|address|destination|origin|airport|where|region)\b/.test(about)

/** "Paris, France": the wider place is known of the one that was said. */
const withoutWiderPlace = (value: string): string => {
  const [first = '', ...wider] = value.split(',')
  return [first, ...wider.filter((part) => /\d/.test(part) || part.trim().split(/\s+/).length > 2)].join(',')
}

/** Most of a text in other words must have been said in some form. */
const FREE_SHARE = 0.4
const FREE_TEXT =
  /\b(?:summary|summarize|message|reasons?|query|question|notes?|description|describe|details?|comments?|topic|subject|issue|problem|text|content|body|title|symptoms?|request|requests|requirements?|instructions?|preferences?|context|feedback|explanation|purpose|keywords?|search|concern|complaint|transcript|memo|remarks?|wishes)\b/
const list = (words: string): ReadonlySet<string> => new Set(words.split(' '))
/** Words that say nothing about what was said. */
const EMPTY = list(
  'a an the of for to in on at by with from and or but is are was were be been has have had i me my you your he she they them it its ' +
    'this that these those not no do does did will would can could should about as so if than then there their his her our we us ' +
    'mr mrs ms dr st rd ave caller customer user client guest patient wants want wanted needs need asks asked asking requests ' +
    'requested request requesting wishes wish would like likes please street road avenue',
)
/** What is written short or in full. */
const LONG_FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['apt', ['apartment', 'flat']],
  ['apartment', ['flat', 'apt']],
  ['blvd', ['boulevard']],
  ['ln', ['lane']],
  ['sq', ['square']],
  ['pm', ['afternoon', 'evening']],
  ['am', ['morning']],
  ['usa', ['america', 'states', 'us']],
  ['uk', ['england', 'britain', 'kingdom']],
  ['nyc', ['york']],
  ['la', ['angeles']],
  ['sf', ['francisco']],
])

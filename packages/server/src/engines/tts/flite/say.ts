// Text as it is written becomes text as it is spoken, word by word, for a voice that knows plain English letters only.

/** A word of the text and what is said for it: perhaps several words, perhaps nothing, perhaps only a pause. */
export interface Spoken {
  readonly text: string
  readonly spoken: string
}

/** The words of `text` (what blanks separate), in order, each with what is to be said. */
export function spokenWords(text: string): Spoken[] {
  const words = text.split(/\s+/).filter(Boolean)
  return words.map((word, i) => ({ text: word, spoken: spokenForm(word, words[i - 1] ?? '', words[i + 1] ?? '') }))
}

/** Of anything longer, which is no word, the beginning is said. */
const LONGEST_WORD = 100

function spokenForm(written: string, before: string, after: string): string {
  const word = plainLetters(withoutMarkup(written)).slice(0, LONGEST_WORD)
  const [, opening = '', core = '', closing = ''] = /^(["'(]*)(.*?)([.,;:!?)"']*)$/s.exec(word) ?? []
  if (!/[a-z0-9]/i.test(core)) return symbols[core] ?? pauseOf(word)
  const short = abbreviation(core, closing, before, after)
  if (short) return after ? `${opening}${short}${closing.replace('.', '')}` : `${opening}${short}${closing}`
  const said = address(core) ?? figure(core, before, after) ?? letters(core)
  return `${opening}${said}${closing}`.replace(/[^A-Za-z0-9 .,;:!?'$%/()-]+/g, ' ').trim()
}

/** Markdown and tags mark the text; they are not part of it. */
const withoutMarkup = (word: string): string =>
  word
    .replace(/<\/?[a-z][^>]*>?/gi, '')
    .replace(/\]\([^)]*\)/, '')
    .replace(/^(#+|[-*+]|\d+\.\)|>+|-{3,}|={3,})$/, (mark) => (mark === '-' ? ',' : mark === '+' ? '+' : ''))
    .replace(/^[*_`~[]+|[*_`~\]]+(?=[.,;:!?)]*$)/g, '')

/** Quotes, dashes, accents and signs of other alphabets, in ASCII where there is a way to say them. */
function plainLetters(word: string): string {
  const replaced = word
    .replace(/°([CF])(?![a-z])/, (_, scale) => (scale === 'C' ? ' degrees Celsius' : ' degrees Fahrenheit'))
    .replace(/[^\p{ASCII}]/gu, (sign) => spokenSigns[sign] ?? sign)
  return replaced
    .normalize('NFKD')
    .replaceAll('\u2044', '/')
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
}

const spokenSigns: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '–': '-',
  '—': ', ',
  '…': '...',
  '°': ' degrees ',
  '×': ' times ',
  '÷': ' divided by ',
  '±': ' plus or minus ',
  '²': ' squared',
  '³': ' cubed',
  '№': '#',
  '™': '',
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  þ: 'th',
  // an own place in ASCII, so that `figure` can put the name of the money after the amount
  '£': '{pounds}',
  '€': '{euros}',
  '¥': '{yen}',
  '¢': '{cents}',
  '₹': '{rupees}',
}

const symbols: Readonly<Record<string, string>> = {
  '&': 'and',
  '@': 'at',
  '+': 'plus',
  '=': 'equals',
  '%': 'percent',
  '#': 'number',
}

/** Punctuation that stands alone makes a pause; anything else makes none. */
const pauseOf = (word: string): string => /^["'()]*([.!?])/.exec(word)?.[1] ?? (/[,;:-]/.test(word) ? ',' : '')

function abbreviation(core: string, closing: string, before: string, after: string): string | undefined {
  const lower = core.toLowerCase()
  const isBeforeName = /^[A-Z]/.test(after)
  if (closing.startsWith('.')) {
    if (lower === 'no' && /^\d/.test(after)) return 'number'
    if (core === 'Dr') return isBeforeName ? 'Doctor' : 'Drive'
    if (core === 'St') return isBeforeName && !/^[A-Z]/.test(before) ? 'Saint' : 'Street'
  }
  return abbreviations[lower]
}

const abbreviations: Readonly<Record<string, string>> = {
  'e.g': 'for example',
  'i.e': 'that is',
  etc: 'et cetera',
  vs: 'versus',
  approx: 'approximately',
  ms: 'Miz',
  ok: 'okay',
  'w/': 'with',
  'w/o': 'without',
  'and/or': 'and or',
  '24/7': 'twenty four seven',
  'km/h': 'kilometers per hour',
  mph: 'miles per hour',
  api: 'A.P.I.',
  apis: 'A.P.eyes',
}

/** Web and mail addresses. */
function address(core: string): string | undefined {
  if (/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(core)) {
    const [person = '', host = ''] = core.split('@')
    return `${spelledOut(person)} at ${spelledOut(host)}`
  }
  const web = /^(?:https?:\/\/)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,})((?:\/[^\s?#]*)?)(?:[?#]\S*)?$/i.exec(core)
  if (!web) return undefined
  const [, host = '', path = ''] = web
  if (!/^(https?:|www\.)/i.test(core) && !/\.(com|org|net|edu|gov|io|ai|co|dev|app|uk|de|fr|eu|us)$/i.test(host))
    return undefined
  return spelledOut(host + path.replace(/\/$/, ''))
}

const spelledOut = (text: string): string =>
  text
    .replaceAll('.', ' dot ')
    .replaceAll('/', ' slash ')
    .replaceAll('_', ' underscore ')
    .replaceAll('-', ' dash ')
    .replaceAll('+', ' plus ')

/** Money, dates, times, years and long numbers where Flite would say something else. */
function figure(core: string, before: string, after: string): string | undefined {
  if (/^(am|pm)$/i.test(core) && /\d$/.test(before)) return dotted(core)
  if (/^(thousand|million|billion|trillion)$/.test(core) && /^\$\d/.test(before)) return `${core} dollars`
  if (!/\d/.test(core)) return undefined
  if (/^\$[\d.,]+$/.test(core) && /^(thousand|million|billion|trillion)\b/.test(after)) return core.slice(1)

  const money = /^\{(\w+)\}([\d.,]+)([kmb]?)$/i.exec(core)
  if (money) return amountOf(money[1]!, money[2]!, money[3]!)
  const moneyAfter = /^([\d.,]+)\{(\w+)\}$/.exec(core)
  if (moneyAfter) return amountOf(moneyAfter[2]!, moneyAfter[1]!, '')
  const dollars = /^(\$[\d.,]+)([kmb])$/i.exec(core)
  if (dollars) return `${dollars[1]}${magnitudes[dollars[2]!.toLowerCase()]}`
  const thousands = /^([\d.,]+)k$/i.exec(core)
  if (thousands) return `${thousands[1]} thousand`

  const time = /^(\d{1,2})(?::(\d{2}))?(am|pm)$/i.exec(core)
  if (time) return `${clockTime(time[1]!, time[2])} ${dotted(time[3]!)}`
  const fullHour = /^(\d|1[0-2]):00$/.exec(core)
  if (fullHour) return /^[ap]\.?m/i.test(after) ? fullHour[1] : `${fullHour[1]} o'clock`

  const date = /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(core)
  if (date) return dateWords(Number(date[2]), Number(date[3]), date[1]!)
  const slashed = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(core)
  if (slashed) return slashedDate(Number(slashed[1]), Number(slashed[2]), slashed[3]!)

  if (isTelephone(core, before, after)) return core.split(/[-.]/).map(digitByDigit).join(', ')
  const numbered = /^#(\d+)$/.exec(core)
  if (numbered) return `number ${numberWords(numbered[1]!)}`
  if (/^\d+$/.test(core)) return numberWords(core)
  return core
    .replace(/^(\d+)\/(\d+)$/, (whole, top, bottom) => (Number(top) < Number(bottom) ? whole : `${top} ${bottom}`))
    .replace(/^\+/, 'plus ')
    .replace(/km\/h$/, ' kilometers per hour')
}

const magnitudes: Readonly<Record<string, string>> = { k: ' thousand', m: ' million', b: ' billion' }

function amountOf(money: string, amount: string, magnitude: string): string {
  const [whole, parts] = amount.split('.')
  if (magnitude === '' && parts?.length === 2) return `${whole} ${money} ${parts}`
  return `${amount}${magnitudes[magnitude.toLowerCase()] ?? ''} ${money}`
}

/** With full stops, Flite says the letters. */
const dotted = (letters: string): string => `${[...letters].join('.')}.`

const clockTime = (hours: string, minutes: string | undefined): string =>
  minutes === undefined || minutes === '00' ? hours : `${hours}:${minutes}`

const months = 'January February March April May June July August September October November December'.split(' ')

/** As in the United States, the month comes first, unless that cannot be. */
const slashedDate = (first: number, second: number, year: string): string =>
  first > 12 ? dateWords(second, first, year) : dateWords(first, second, year)

function dateWords(month: number, day: number, year: string): string {
  const name = months[month - 1]
  return name ? `${name} ${ordinal(day)}, ${numberWords(year)}` : `${month} ${day} ${numberWords(year)}`
}

function ordinal(day: number): string {
  const ending = Math.floor(day / 10) === 1 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[day % 10] ?? 'th')
  return `${day}${ending}`
}

const teens = 'eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')

/** Years in pairs, long numbers digit by digit as on a receipt; the rest as Flite has it. */
function numberWords(digits: string): string {
  const century = /^(1[1-9])(\d)(\d)$/.exec(digits)
  if (century) {
    const [, first, tens, ones] = century
    const hundreds = teens[Number(first) - 11]
    if (tens !== '0') return `${hundreds} ${tens}${ones}`
    return ones === '0' ? `${hundreds} hundred` : `${hundreds} oh ${ones}`
  }
  return digits.length >= 5 && !digits.endsWith('000') ? digitByDigit(digits) : digits
}

const digitByDigit = (digits: string): string => [...digits].join(' ').replace('+', 'plus')

/** `555-123-4567` with or without a country's code, or the parts of `(555) 123-4567`. */
const isTelephone = (core: string, before: string, after: string): boolean =>
  /^(\+?\d{1,3}[-.])?\d{3}[-.]\d{3}[-.]\d{4}$/.test(core) ||
  (/^\d{3}-\d{4}$/.test(core) && /^\(?\d{3}\)?$/.test(before)) ||
  (/^\d{3}$/.test(core) && /^\d{3}-\d{4}\b/.test(after))

/** Names made of several words, and short names in capitals, which are spelled. */
function letters(core: string): string {
  if (/^[A-Z]{2,3}$/.test(core) && !pronounced.has(core)) return dotted(core)
  return core
    .replace(/([a-z]{2})([A-Z])(?=[A-Z]|[a-z]{2})/g, '$1 $2')
    .replace(/\b(Ma?c) (?=[A-Z])/g, '$1')
    .replace(/\b(AI|IT|UI|ID)$/, (end) => dotted(end))
    .replace(/\/|--+/g, ' ')
    .replaceAll('&', ' and ')
}

/** What is written in capitals of two or three letters and read as a word. */
const pronounced = new Set(
  'NO YES NOT AND THE ALL YOU FOR NOW ONE TWO SIX TEN PIN SIM RAM LAN WAN GIF ZIP VAT DO GO IF IN IS ON OR TO UP WE MY OK OF SO BE BY HE ME AN AS AT'.split(
    ' ',
  ),
)

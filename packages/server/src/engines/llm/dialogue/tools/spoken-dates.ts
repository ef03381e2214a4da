// Days and times of day as they are spoken, and as programs want them written.
import { numbersIn } from './spoken-numbers.js'

export interface SpokenDay {
  readonly start: number
  readonly end: number
  /** 2026-03-05; undefined where that cannot be known from the words. */
  readonly iso: string | undefined
}
export interface SpokenTime {
  readonly start: number
  readonly end: number
  /** 15:00; undefined where morning and evening are both meant. */
  readonly iso: string | undefined
}

/** The first day that is spoken of. `today`: 2026-03-05, where it is known. */
export function dayIn(text: string, today: string | undefined): SpokenDay | undefined {
  const found = DAY.exec(text)
  if (!found) return undefined
  return { start: found.index, end: found.index + found[0].length, iso: isoDay(found.groups ?? {}, today) }
}

/** The first time of day that is spoken of. `isAsked`: a bare number is one as well. */
export function timeIn(text: string, isAsked: boolean): SpokenTime | undefined {
  const found = TIME.exec(text) ?? AT_HOUR.exec(text) ?? (isAsked ? BARE_HOUR.exec(text) : null)
  if (!found) return undefined
  return { start: found.index, end: found.index + found[0].length, iso: isoTime(found.groups ?? {}) }
}

/** The day that a prompt says it is: "Today is 5 March 2026." */
export function todayIn(prompt: string): string | undefined {
  for (const { index } of prompt.matchAll(/\b(?:today|current date|date today)\b/gi)) {
    const near = prompt.slice(index + 5, index + 80).split('\n')[0]!
    const dates = [...near.matchAll(new RegExp(DAY, 'giu'))].map(({ groups = {} }) => isoDay(groups, undefined))
    const iso = dates.find((date) => date !== undefined)
    if (iso !== undefined) return iso
  }
  return undefined
}

/** "2026-03-05" → "5 March 2026", "2026-03-05T15:00:00Z" → "5 March 2026 at 3 pm". */
export function spokenMoment(iso: string): string | undefined {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d).*)?$/.exec(iso) ?? []
  const name = MONTHS[Number(month) - 1]
  if (name === undefined) return undefined
  const date = `${Number(day)} ${name.charAt(0).toUpperCase()}${name.slice(1)} ${year}`
  return hour === undefined ? date : `${date} at ${spokenHour(Number(hour), Number(minute))}`
}

function spokenHour(hour: number, minute: number): string {
  const minutes = minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`
  return `${hour % 12 || 12}${minutes} ${hour < 12 ? 'am' : 'pm'}`
}

type Groups = Readonly<Record<string, string | undefined>>

function isoDay(groups: Groups, today: string | undefined): string | undefined {
  if (groups.iso !== undefined) return groups.iso
  if (groups.relative !== undefined) return today && daysAfter(today, RELATIVE[groups.relative.toLowerCase()] ?? 0)
  if (groups.weekday !== undefined) return today && nextWeekday(today, groups.weekday)
  const name = (groups.monthLast ?? groups.monthFirst ?? '').toLowerCase()
  const month = MONTHS.findIndex((month) => name !== '' && month.startsWith(name.slice(0, 3))) + 1
  const day = dayNumber(groups.dayFirst ?? groups.dayLast ?? '')
  const year = yearNumber(groups.yearLast ?? groups.yearFirst)
  if (year !== undefined) return writtenDay(year, month, day)
  if (today === undefined) return undefined
  const thisYear = writtenDay(Number(today.slice(0, 4)), month, day)
  return thisYear !== undefined && thisYear < today ? writtenDay(Number(today.slice(0, 4)) + 1, month, day) : thisYear
}

const dayNumber = (said: string): number => {
  const ordinal = ORDINALS.indexOf(said.toLowerCase().replace(/\s/g, '-'))
  return ordinal >= 0 ? ordinal + 1 : Number.parseInt(said, 10)
}

/** "2026", "twenty twenty six", "two thousand twenty six". */
function yearNumber(said: string | undefined): number | undefined {
  if (said === undefined) return undefined
  const [first, second] = numbersIn(said).map(({ value }) => value)
  return second === undefined ? first : (first ?? 0) * 100 + second
}

/** Undefined for days that no month has. */
function writtenDay(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.toISOString().slice(0, 10) : undefined
}

const MS_PER_DAY = 86_400_000
const daysAfter = (day: string, count: number): string =>
  new Date(Date.parse(day) + count * MS_PER_DAY).toISOString().slice(0, 10)

/** Never today itself. */
function nextWeekday(today: string, name: string): string {
  const wanted = WEEKDAYS.indexOf(name.toLowerCase())
  return daysAfter(today, ((wanted - new Date(today).getUTCDay() + 6) % 7) + 1)
}

function isoTime({ noon, clock, hour, minute, minuteWords, half }: Groups): string | undefined {
  if (noon !== undefined) return noon.toLowerCase() === 'noon' ? '12:00' : '00:00'
  const [hours, minutes] = clock
    ? clock.split(':').map(Number)
    : [numberIn(hour), numberIn(minute ?? minuteWords?.replace(/^oh/i, 'zero') ?? '0')]
  if (hours === undefined || minutes === undefined) return undefined
  if (half === undefined && hours >= 1 && hours <= 12) return undefined
  const isAfternoon = half !== undefined && /^p|afternoon|evening|night/i.test(half)
  const whole = half === undefined ? hours : (hours % 12) + (isAfternoon ? 12 : 0)
  if (whole > 23 || minutes > 59) return undefined
  return `${String(whole).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

const numberIn = (said: string | undefined): number | undefined => numbersIn(said ?? '').at(-1)?.value

const MONTHS = 'january february march april may june july august september october november december'.split(' ')
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ')
const FIRSTS = 'first second third fourth fifth sixth seventh eighth ninth'.split(' ')
const ORDINALS = [
  ...FIRSTS,
  ...'tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  ),
  ...FIRSTS.map((first) => `twenty-${first}`),
  'thirtieth',
  'thirty-first',
]
const RELATIVE: Readonly<Record<string, number>> = { today: 0, tonight: 0, tomorrow: 1, 'day after tomorrow': 2 }

const month = `(?:${MONTHS.join('|')}|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)`
const dayOfMonth = String.raw`(?:\d{1,2}(?:st|nd|rd|th)?|${[...ORDINALS].reverse().join('|').replaceAll('-', '[- ]')})`
const tens = '(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty)'
const units = '(?:one|two|three|four|five|six|seven|eight|nine)'
const year = String.raw`(?:\d{4}|(?:twenty|two thousand(?: and)?)[- ]${tens}(?:[- ]${units})?)`
const DAY = new RegExp(
  String.raw`\b(?:(?<iso>\d{4}-\d\d-\d\d)` +
    String.raw`|(?<dayFirst>${dayOfMonth})(?: of)? (?<monthLast>${month})\b(?:,? (?<yearLast>${year}))?` +
    String.raw`|(?<monthFirst>${month}) (?:the )?(?<dayLast>${dayOfMonth})\b(?:,? (?<yearFirst>${year}))?` +
    '|(?:the )?(?<relative>day after tomorrow|today|tonight|tomorrow)' +
    String.raw`|(?:(?:next|this|coming) )?(?<weekday>${WEEKDAYS.join('|')}))\b`,
  'iu',
)

const hour = String.raw`(?:\d{1,2}|${units}|ten|eleven|twelve)`
const half = String.raw`(?:[ap]\.?\s?m\b\.?|in the (?:morning|afternoon|evening)|at night)`
const minutes =
  '(?:oh[- ]five|ten|fifteen|twenty(?:[- ]five)?|thirty(?:[- ]five)?|forty(?:[- ]five)?|fifty(?:[- ]five)?)'
const TIME = new RegExp(
  String.raw`\b(?:(?<noon>noon|midnight)\b` +
    String.raw`|(?:half past|quarter past|quarter to) ${hour}\b(?: ${half})?` +
    String.raw`|(?<hour>${hour})(?:[:.](?<minute>[0-5]\d)| (?<minuteWords>${minutes}))?(?: o'?clock)? ?(?<half>${half})` +
    String.raw`|(?<clock>\d{1,2}:[0-5]\d)\b|${hour} o'?clock\b)`,
  'iu',
)
const AT_HOUR = new RegExp(
  String.raw`(?<=\bat )(?<hour>${hour})(?: (?<minute>${minutes}))?\b(?! (?!on|for|today|tomorrow|please|in)\p{L})`,
  'iu',
)
const BARE_HOUR = new RegExp(String.raw`\b(?<hour>${hour})(?: (?<minute>${minutes}))?\b`, 'iu')

// Whether a date or a time was said: in full, by its day, or by a word such as "tomorrow" that stands for it.
import type { Spoken } from './spoken-sources.js'

/** Undefined where the value is neither a date nor a time. */
export function isDateSaid(value: string, spoken: Spoken): boolean | undefined {
  const time = TIME.exec(value)
  if (time) return isTimeSaid(hourOf(time[1]!, time[3]), Number(time[2] ?? 0), spoken)
  const date = ISO_DATE.exec(value)
  if (date === null) return undefined
  // how other languages say "tomorrow" is not known here
  if (!spoken.isEnglish) return true
  const [, year, month, day, hour, minute] = date
  const isDay = isDaySaid({ year: Number(year), month: Number(month), day: Number(day) }, spoken)
  if (hour === undefined) return isDay
  const isWholeDay = `${hour}:${minute}` === '00:00' || `${hour}:${minute}` === '23:59'
  const isTime = isTimeSaid(Number(hour), Number(minute), spoken)
  // a time by itself means the next time that it is so late
  return isDay ? isWholeDay || isTime : isTime && !MONTHS.some((name) => spoken.words.has(name))
}

const TIME = /^(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap]\.?m\.?)?$/i
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?$/i

interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

function isDaySaid({ year, month, day }: Day, spoken: Spoken): boolean {
  if (RELATIVE.test(spoken.text)) return true
  const written = [year, month, day].map((part) => String(part).padStart(2, '0')).join('')
  if (spoken.squashed.includes(written)) return true
  const years = [...spoken.numbers].filter((number) => number >= 1900 && number < 2100)
  if (years.length > 0 && !years.includes(year)) return false
  const names = MONTHS.filter((name) => spoken.words.has(name))
  const isDay = spoken.numbers.has(day)
  if (names.length > 0) return names.some((name) => MONTHS.indexOf(name) % 12 === month - 1) && (isDay || day === 1)
  return isDay && (spoken.numbers.has(month) || isOrdinal(day, spoken.text))
}

/** "The fifteenth", "the 15th": a day of this month or the next. */
const isOrdinal = (day: number, text: string): boolean =>
  new RegExp(`\\b${day}(?:st|nd|rd|th)\\b`).test(text) ||
  /\b\w+(?:first|second|third|th)\b|\b(?:first|second|third)\b/.test(text)

function isTimeSaid(hour: number, minute: number, spoken: Spoken): boolean {
  if (VAGUE_TIME.test(spoken.text)) return true
  const hours = [hour, hour % 12, hour % 12 === 0 ? 12 : hour]
  if (minute === 45 && spoken.words.has('quarter')) return spoken.numbers.has((hour + 1) % 12 || 12)
  if (!hours.some((said) => spoken.numbers.has(said))) return false
  if (minute === 0 || spoken.numbers.has(minute)) return true
  return (minute === 30 && spoken.words.has('half')) || (minute === 15 && spoken.words.has('quarter'))
}

const hourOf = (hour: string, half: string | undefined): number =>
  half === undefined ? Number(hour) : (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0)

const MONTHS: readonly string[] =
  'january february march april may june july august september october november december jan feb mar apr may jun jul aug sep oct nov dec'.split(
    ' ',
  )

/** Who says such a word leaves the reckoning to the agent. */
const RELATIVE =
  /\b(?:today|tonight|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekend|weekdays?|(?:next|this|last|coming|following|the) (?:week|month|year)|(?:days?|weeks?|months?|years?) (?:from|ago|later|after|before|time)|in (?:an?|\S+) (?:days?|weeks?|months?|years?)|in (?:an?|\S+|half an) (?:hours?|minutes?)|right now|now|right away|straight away|immediately|asap|as soon as possible|earliest|soonest|christmas|easter|new year|halloween|thanksgiving|this (?:morning|afternoon|evening)|first thing|any ?time|any day|whenever)\b/
const VAGUE_TIME =
  /\b(?:morning|afternoon|evening|noon|midday|midnight|tonight|lunch ?time|now|right away|immediately|asap|as soon as possible|earliest|any ?time|whenever|(?:hours?|minutes?) (?:from|later|after|before)|in (?:an?|\S+|half an) (?:hours?|minutes?))\b/

// Days and times as people say them, in the form in which programs want them: "tomorrow at half past three".

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = 'january february march april may june july august september october november december'.split(' ')
const ORDINALS =
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth'.split(
    ' ',
  )
const DAY_MS = 86_400_000

/** `spoken`: small words with numbers in figures, see `words`. The result is as 2026-03-31; a day without a year is the next of that name. */
export function dayIn(spoken: readonly string[], today: Date): string | undefined {
  const text = spoken.join(' ')
  // noon, so that no change of the clocks moves the day
  const now = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate(), 12)
  const after = (days: number): string => new Date(now + days * DAY_MS).toISOString().slice(0, 10)
  if (/\bday after tomorrow\b/.test(text)) return after(2)
  if (/\btomorrow\b/.test(text)) return after(1)
  if (/\b(?:today|tonight|this (?:morning|afternoon|evening))\b/.test(text)) return after(0)
  const [, count = '', unit] = /\bin (\d+|a|one) (day|week)s?\b/.exec(text) ?? []
  if (unit !== undefined) return after((Number(count) || 1) * (unit === 'week' ? 7 : 1))
  const written = /\b(\d{4})-(\d{2})-(\d{2})\b/.exec(text)?.[0]
  const weekday = DAYS.findIndex((day) => spoken.includes(day))
  const month = MONTHS.findIndex((name) => spoken.includes(name))
  if (written !== undefined || (weekday < 0 && month < 0)) return written
  if (month < 0) return after((weekday - today.getDay() + 7) % 7 || 7)
  const day = dayOfMonth(spoken)
  const year = Number(spoken.find((word) => /^(?:19|20)\d\d$/.test(word)) ?? today.getFullYear())
  if (day === undefined) return undefined
  const isPast = Date.UTC(year, month, day, 12) < now && !spoken.includes(String(year))
  return new Date(Date.UTC(isPast ? year + 1 : year, month, day, 12)).toISOString().slice(0, 10)
}

function dayOfMonth(spoken: readonly string[]): number | undefined {
  const month = spoken.findIndex((word) => MONTHS.includes(word))
  const around = [month + 1, month - 1, month - 2, month - 3].map((at) => spoken[at] ?? '')
  const day = around
    .map((word) => ORDINALS.indexOf(word) + 1 || Number(word))
    .find((number) => number >= 1 && number <= 31)
  return day
}

/** As 15:30, on the clock of 24 hours. An hour without half of the day is taken for one between seven and six. */
export function timeIn(spoken: readonly string[]): string | undefined {
  const text = spoken.join(' ')
  if (/\bnoon\b|\bmidday\b/.test(text)) return '12:00'
  if (/\bmidnight\b/.test(text)) return '00:00'
  for (const match of text.matchAll(TIME)) {
    const time = timeOf(match, /\b(?:afternoon|evening|tonight)\b/.test(text))
    if (time !== undefined) return time
  }
  return undefined
}

const TIME =
  /\b(?:(half past|quarter past|quarter to|at|around) )?(\d{1,2})(?:[:. ](\d{2}))?(?: (am|pm|oclock|o clock))?\b/g

/** A mere number is no time: something has to say that it is one. */
function timeOf([, before, clock = '', minutes, half]: RegExpExecArray, isLate: boolean): string | undefined {
  if (before === undefined && minutes === undefined && half === undefined) return undefined
  const hour = Number(clock)
  const minute = before === undefined ? Number(minutes ?? 0) : (PAST.get(before) ?? Number(minutes ?? 0))
  if (hour > 23 || minute > 59) return undefined
  const isAfternoon = hour < 12 && half !== 'am' && (half === 'pm' || isLate || (hour >= 1 && hour <= 6))
  const all = (isAfternoon ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour) * 60 + minute
  return `${String(Math.floor(all / 60)).padStart(2, '0')}:${String(all % 60).padStart(2, '0')}`
}

const PAST: ReadonlyMap<string, number> = new Map([
  ['half past', 30],
  ['quarter past', 15],
  ['quarter to', -15],
])

/** "2026-03-31" as a voice can say it. */
export function daySpoken(date: string): string {
  const [, year, month = '', day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date) ?? []
  const name = MONTHS[Number(month) - 1]
  return name === undefined ? date : `${name.charAt(0).toUpperCase()}${name.slice(1)} ${Number(day)}, ${year}`
}

/** "15:30" as a voice can say it. */
export function timeSpoken(time: string): string {
  const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d{2})/.exec(time) ?? []
  const hour = Number(hours)
  return `${hour % 12 || 12}${minutes === '00' ? '' : `:${minutes}`} ${hour < 12 ? 'am' : 'pm'}`
}

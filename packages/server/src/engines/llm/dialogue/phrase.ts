// From how a prompt is written to how an assistant speaks.

const DAY_NAMES: Readonly<Record<string, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  tues: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  thur: 'Thursday',
  thurs: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}

const SYMBOLS: readonly (readonly [RegExp, string])[] = [
  [/[*`~#|<>[\]{}\\]+|(?<!\w)_+|_+(?!\w)/g, ' '],
  [/\/\s?(month|year|week|day|hour|night|person|minute)\b/g, ' a $1'],
  [/\/\s?mo\b/g, ' a month'],
  [/\p{Extended_Pictographic}\uFE0F?/gu, ' '],
  [/[“”]/g, '"'],
  [/[’‘]/g, "'"],
  [/\s*\(([^)]*)\)/g, ', $1,'],
  [/\b24\s?\/\s?7\b/g, '24 hours a day, 7 days a week'],
  [/([£$€])\s?(\d+(?:,\d{3})*)(?:\.(\d\d))?\s?[-–—]\s?[£$€]?(\d+)/g, '$1$2 to $1$4'],
  [/\$\s?(\d+(?:,\d{3})*)\.(\d\d)\b/g, '$1 dollars $2'],
  [/£\s?(\d+(?:,\d{3})*)\.(\d\d)\b/g, '$1 pounds $2'],
  [/€\s?(\d+(?:,\d{3})*)\.(\d\d)\b/g, '$1 euros $2'],
  [/\$\s?(\d+(?:,\d{3})*)/g, '$1 dollars'],
  [/£\s?(\d+(?:,\d{3})*)/g, '$1 pounds'],
  [/€\s?(\d+(?:,\d{3})*)/g, '$1 euros'],
  [/\b(dollars|pounds|euros) 00\b/g, '$1'],
  [/\b1 (dollar|pound|euro)s\b/g, '1 $1'],
  [/(\d)\s?%/g, '$1 percent'],
  [/\s&\s/g, ' and '],
  [/\be\.g\.,?/gi, 'for example'],
  [/\bi\.e\.,?/gi, 'that is'],
  [/\b([ap])\.m\.(?=\s+[a-z,]|,)/gi, '$1m'],
  [/\b([ap])\.m\.?/gi, '$1m'],
  [/(\d)(am|pm)\b/gi, '$1 $2'],
  [/(\d\s?(?:am|pm)?)\s*[-–—]\s*(\d+(?::\d\d)?\s?(?:am|pm)\b)/gi, '$1 to $2'],
  [/\b(\d{1,3})\s?-\s?(\d{1,3})(?=\s(?:business|working|days?|hours?|minutes?|weeks?|months?|years?)\b)/g, '$1 to $2'],
  [/(\b\d{1,2}(?::\d\d)?)\s*[–—]\s*(\d{1,2})/g, '$1 to $2'],
]

/** Symbols and abbreviations written out, markup dropped. */
export function plain(text: string): string {
  let spoken = text
  for (const [pattern, replacement] of SYMBOLS) spoken = spoken.replace(pattern, replacement)
  spoken = spoken.replace(
    /\b(mon|tues?|wed|thur?s?|fri|sat|sun)\b\.?(?=\s*[-–—]\s*(?:mon|tue|wed|thu|fri|sat|sun)|[\s,:]*\d|\s*$|\s*[-–—,:])/gi,
    (day) => {
      return DAY_NAMES[day.toLowerCase().replace('.', '')] ?? day
    },
  )
  spoken = spoken.replace(/(day)\s*[-–—]\s*(mon|tue|wed|thu|fri|sat|sun)\w*/gi, (_all, start: string, day: string) => {
    return `${start} to ${DAY_NAMES[day.toLowerCase()] ?? day}`
  })
  return spoken
    .replace(/\s+[-–—]+\s+/g, ', ')
    .replace(/\s+/g, ' ')
    .replace(/\s+([,.;:!?])/g, '$1')
    .replace(/,+(?=[,.;!?])/g, '')
    .trim()
}

/** "You" for the caller, marked so that it is not taken for the assistant's "you"; the mark never leaves `inOwnVoice`. */
export const CALLER_AS_YOU = '\uE000you'

/** Whoever is meant by "you" in a prompt speaks of itself; the caller becomes "you". */
export function inOwnVoice(text: string, self: 'I' | 'we'): string {
  const [mine, me] = self === 'we' ? ['our', 'us'] : ['my', 'me']
  const [have, be] = self === 'we' ? ['have', 'are'] : ['have', 'am']
  const you = CALLER_AS_YOU
  const isAboutCallers = /^(?:the )?(?:callers|customers|users|clients|patients|guests) /i.test(text)
  return (isAboutCallers ? text.replace(/\btheir\b/g, `${you}r`) : text)
    .replace(/\b(?:the |a )?(?:caller|customer|user|client)(?:'s|s')(?= )/gi, `${you}r`)
    .replace(/^(?:the )?(?:callers|customers|users|clients|patients|guests)(?= )/i, you)
    .replace(/\b(?:the|a) (?:caller|customer|user|client) (?=can|may|must|will|should|could)/gi, `${you} `)
    .replace(
      /\b(to|for|with|help|tell|ask|give|call|contact|from) (?:the |a |our )?(?:callers?|customers?|users?|clients?)\b/gi,
      `$1 ${you}`,
    )
    .replace(/(?<!\uE000)\b[Yy]ou(?:'re| are)\b/g, `${self} ${be}`)
    .replace(/(?<!\uE000)\b[Yy]ou(?:'ve| have)\b/g, `${self} ${have}`)
    .replace(/\b(for|to|with|from|by|at|of|call|visit|contact|reach) you\b/g, `$1 ${me}`)
    .replace(/(?<!\uE000)\b[Yy]our\b/g, mine)
    .replace(/(?<!\uE000)\b[Yy]ou\b/g, self)
    .replaceAll('\uE000', '')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** One sentence with a capital and a full stop. */
export function sentence(text: string): string {
  const trimmed = text.replace(/[\s,;:]+$/, '').trim()
  if (trimmed === '') return ''
  return capital(/[.!?]["']?$/.test(trimmed) ? trimmed : `${trimmed}.`)
}

/** "tea", "tea and milk", "tea, milk and sugar". */
export const enumerated = (items: readonly string[], last = 'and'): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1)}`

export const countWords = (text: string): number => text.split(/\s+/).filter(Boolean).length

/** At most so many words, cut after a sentence or, failing that, a clause. */
export function shortened(text: string, limit: number): string {
  if (countWords(text) <= limit) return text
  const fits = text.split(/\s+/).slice(0, limit).join(' ')
  const end = Math.max(fits.lastIndexOf('. '), fits.lastIndexOf('! '), fits.lastIndexOf('? '))
  if (end > fits.length / 3) return fits.slice(0, end + 1)
  const clause = Math.max(fits.lastIndexOf(', '), fits.lastIndexOf('; '), fits.lastIndexOf(': '))
  return sentence(clause > fits.length / 3 ? fits.slice(0, clause) : fits)
}

/** Sentences of a text; abbreviations and figures do not end one. */
export function sentencesOf(text: string): string[] {
  const guarded = text
    .replace(/\b(Dr|Mr|Mrs|Ms|St|Prof|Inc|Ltd|Co|No|vs|etc|approx|Ave|Rd|Blvd)\./g, '$1\uE001')
    .replace(/\b([eEiI])\.([gGeE])\./g, '$1\uE001$2\uE001')
    .replace(/\b([ap])\.m\.(?=\s+[a-z])/g, '$1\uE001m\uE001')
  const parts = guarded.match(/[^.!?]+(?:[.!?]+(?=\S)[^.!?\s]*[^.!?]*)*[.!?]*["')\]]*/g) ?? []
  return parts.map((part) => part.replaceAll('\uE001', '.').trim()).filter((part) => /[\p{L}\p{N}]/u.test(part))
}

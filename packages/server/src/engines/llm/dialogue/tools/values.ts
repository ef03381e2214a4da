// A value for a slot, found in what the user said. What nobody said is never filled in.
import { checkedArguments } from '../../../../tools/arguments.js'
import { actIn, nameGiven } from '../acts.js'
import { contentStems, stem, words } from '../words.js'
import { phraseAfter, wholePhrase } from './phrases.js'
import { inWords, type Slot, type SlotKind, schemaOf, type ToolForm } from './slots.js'
import { dayIn, timeIn } from './spoken-dates.js'
import { codesIn, numbersIn, tokensOf } from './spoken-numbers.js'

export interface Hearing {
  readonly text: string
  /** What the user said for the same purpose before. */
  readonly before: string
  /** The slot that the user was asked for. */
  readonly asked: Slot | undefined
  readonly form: ToolForm
  /** 2026-03-05, where the prompt tells it. */
  readonly today: string | undefined
}

/** The value in the form that the schema wants; undefined where none was said. */
export function valueFor(slot: Slot, hearing: Hearing): unknown {
  const isAsked = hearing.asked?.path === slot.path
  for (const candidate of FINDERS[slot.kind](slot, hearing, isAsked)) {
    const accepted = inOrder(slot, candidate)
    if (accepted !== undefined) return accepted
  }
  return undefined
}

/** The value as the server will hold it to the schema; undefined where it breaks a rule. */
function inOrder({ schema, path }: Slot, value: unknown): unknown {
  if (value === undefined || value === '') return undefined
  const name = path.split('.').at(-1)!
  const parameters = { type: 'object', properties: { [name]: schema } }
  const { arguments: args, problems } = checkedArguments(JSON.stringify({ [name]: value }), { parameters })
  return problems.length === 0 ? args[name] : undefined
}

type Finder = (slot: Slot, hearing: Hearing, isAsked: boolean) => readonly unknown[]

const FINDERS: Readonly<Record<SlotKind, Finder>> = {
  choice: (slot, hearing, isAsked) => {
    const found = choicesIn(directed(slot, hearing, isAsked), slot.choices)
    // of several, nobody knows which was meant
    return found.length === 1 ? found : []
  },
  choices: ({ choices }, { text }) => {
    const found = choicesIn(text, choices)
    return found.length > 0 ? [found] : []
  },
  truth: (slot, { text }, isAsked) => {
    const act = isAsked ? actIn(text) : undefined
    if (act === 'yes' || act === 'no') return [act === 'yes']
    if (isAsked && /^(?:yes|yeah|no|nope)\b/i.test(text.trim())) return [/^y/i.test(text.trim())]
    const stems = contentStems(words(slot.label))
    const spoken = words(text)
    if (stems.length === 0 || !stems.every((word) => spoken.map(stem).includes(word))) return []
    const place = spoken.findIndex((word) => stem(word) === stems[0])
    return [!spoken.slice(Math.max(0, place - 3), place).some((word) => /^(?:no|not|without|never)$/.test(word))]
  },
  number: (slot, hearing, isAsked) => numbersFor(slot, hearing, isAsked),
  email: (_slot, { text }) => emailsIn(text),
  phone: (_slot, { text }) =>
    codesIn(text)
      .filter((code) => code.replace(/\D/g, '').length >= 7)
      .map((code) => code.replace(/[^\d+]/g, '')),
  date: (_slot, { text, today }) => {
    const day = dayIn(text, today)
    return day === undefined ? [] : [day.iso, text.slice(day.start, day.end)]
  },
  time: (slot, { text }, isAsked) => {
    const time = timeIn(withoutDay(text), isAsked)
    if (time === undefined) return []
    return slot.schema.format === 'time' ? [time.iso && `${time.iso}:00`] : [text.slice(time.start, time.end).trim()]
  },
  moment: (slot, hearing, isAsked) => momentsFor(slot, hearing, isAsked),
  code: (slot, { text, asked, form }, isAsked) => {
    const stems = contentStems(words(`${slot.label} ${slot.description}`))
    const isNamed = words(text).some((word) => stems.includes(stem(word)))
    const isOnly = form.slots.filter(({ kind }) => kind === 'code').length === 1
    if (!isAsked && !(isNamed && (isOnly || phraseAfter(text, [slot.label]) !== undefined))) return []
    if (!isAsked && (asked?.kind === 'code' || asked?.kind === 'phone' || asked?.kind === 'number')) return []
    const found = codesIn(withoutDay(text))
    // "order twelve" is short for a code, but it is what was said
    return [...found].sort((one, other) => other.length - one.length).flatMap(written)
  },
  name: (slot, { text }, isAsked) => {
    const own = isAboutUser(slot)
      ? [nameGiven(text), phraseAfter(text, ['my name is', 'name is', 'this is', 'under the name', 'under'])]
      : []
    const cued = phraseAfter(text, [`${slot.label} is`, ...(isAboutUser(slot) ? [] : ['to'])])
    return [...own, cued, isAsked ? wholePhrase(text, 4) : undefined].map(titled)
  },
  place: (slot, { text }, isAsked) => {
    const cues = cuesOf(slot) ?? ['in', 'at', 'near', 'around', 'for', 'to']
    const cued = phraseAfter(masked(text), [`${slot.label} is`, ...cues])
    return [cued, isAsked ? wholePhrase(masked(text), 8) : undefined].map(titled)
  },
  subject: (_slot, { text }, isAsked) => [
    isAsked ? wholePhrase(text, MOST_WORDS) : undefined,
    phraseAfter(text, ['about', 'for', 'on'], MOST_WORDS),
    text.trim(),
  ],
  text: (slot, { text }, isAsked) => {
    const cued = phraseAfter(text, [`${slot.label} is`, ...(cuesOf(slot) ?? [])], MOST_WORDS)
    const because = /\breason\b/.test(slot.label) ? phraseAfter(text, ['because of', 'because'], MOST_WORDS) : undefined
    return [cued, because, isAsked ? wholePhrase(text, MOST_WORDS) : undefined]
  },
  texts: (slot, { text }, isAsked) => {
    const whole = isAsked ? wholePhrase(text, MOST_WORDS) : undefined
    if (whole === undefined) return []
    if (/integer|number/.test(String(schemaOf(slot.schema.items).type)))
      return [numbersIn(whole).map(({ value }) => value)]
    return [whole.split(/\s*,\s*(?:and\s+)?|\s+and\s+/).filter(Boolean)]
  },
}

const MOST_WORDS = 25

/** "from savings to checking": each slot hears what is behind its own word. */
function directed(slot: Slot, { text, form }: Hearing, isAsked: boolean): string {
  const cues = cuesOf(slot)
  const hasRivals = form.slots.some((other) => other.path !== slot.path && other.choices.join() === slot.choices.join())
  const behind = cues && new RegExp(String.raw`\b${cues[0]!}\b(.*?)(?=\b(?:from|to|into)\b|$)`, 'is').exec(text)?.[1]
  if (behind !== undefined) return behind
  return hasRivals && !isAsked ? '' : text
}

const cuesOf = ({ label, description }: Slot): readonly string[] | undefined => {
  if (/\b(?:from|origin|source|departure)\b/.test(label) || /\bfrom which\b|\bwhere .*\bfrom\b/i.test(description))
    return ['from']
  if (/\b(?:to|destination|target|arrival|recipient|payee)\b/.test(label)) return ['to']
  return undefined
}

/** Those of which all words were said; a longer one goes before its own parts. "Not savings" says nothing of savings. */
function choicesIn(text: string, choices: readonly (string | number)[]): readonly (string | number)[] {
  const spoken = words(text.replace(/\b(?:not|no) (?:the |my )?\w+/gi, ' ')).map(stem)
  const numbers = numbersIn(text).map(({ value }) => value)
  const stemsOf = (choice: string): readonly string[] => words(inWords(choice) || choice).map(stem)
  const said = choices.filter((choice) =>
    typeof choice === 'number'
      ? numbers.includes(choice)
      : stemsOf(choice).length > 0 && stemsOf(choice).every((word) => spoken.includes(word)),
  )
  const isPart = (part: string | number) =>
    said.some((whole) => {
      const [few, many] = [stemsOf(String(part)), stemsOf(String(whole))]
      return few.length < many.length && few.every((word) => many.includes(word))
    })
  return said.filter((choice) => !isPart(choice))
}

/** The number beside a word of the slot; the first one where the slot was asked for, or no other wants a number. */
function numbersFor(slot: Slot, { text, asked, form }: Hearing, isAsked: boolean): readonly number[] {
  const plain = masked(text)
  const numbers = numbersIn(plain)
  if (isAsked) return numbers.map(({ value }) => value)
  const told = contentStems(words(`${slot.label} ${slot.description}`))
  const isMoney = /\b(?:amount|price|budget|sum|cost|money)\b/.test(
    words(`${slot.label} ${slot.description}`).join(' '),
  )
  const beside = numbers.filter(({ start, end }) => {
    const near = [...tokensOf(plain.slice(0, start)).slice(-2), ...tokensOf(plain.slice(end)).slice(0, 2)]
    if (isMoney && (/[$£€]\s?$/.test(plain.slice(0, start)) || MONEY.test(plain.slice(end)))) return true
    return near.some(({ text: word }) => told.includes(stem(word.toLowerCase())))
  })
  if (beside.length > 0) return beside.map(({ value }) => value)
  const isAlone = form.slots.filter(({ kind }) => NUMERIC.has(kind)).length === 1
  return isAlone && asked === undefined ? numbers.filter(isCertain(plain)).map(({ value }) => value) : []
}

/** "one" is seldom a number. */
const isCertain =
  (text: string) =>
  ({ start, end }: { start: number; end: number }): boolean =>
    !/^(?:one|a)$/i.test(text.slice(start, end)) || /\bfor $/i.test(text.slice(0, start))

const MONEY = /^\s?(?:dollars?|euros?|pounds?|bucks|francs?|[$£€])/i
const NUMERIC: ReadonlySet<SlotKind> = new Set(['number', 'code', 'phone'])

/** A day and a time, perhaps said one after the other. */
function momentsFor({ schema }: Slot, { text, before, today }: Hearing, isAsked: boolean): readonly unknown[] {
  const whole = `${before} ${text}`
  const day = dayIn(text, today) ?? dayIn(whole, today)
  const time = timeIn(withoutDay(text), isAsked) ?? timeIn(withoutDay(whole), false)
  if (day === undefined || time === undefined) return []
  if (day.iso !== undefined && time.iso !== undefined) return [`${day.iso}T${time.iso}:00`]
  if (schema.format === 'date-time') return []
  const dayText = dayIn(text, today) ? text : whole
  const timeText = timeIn(withoutDay(text), isAsked) ? text : whole
  return [`${dayText.slice(day.start, day.end)} at ${timeText.slice(time.start, time.end)}`]
}

/** "anna at example dot com". Where the words before "at" are too many to be one name, only the last counts. */
function emailsIn(text: string): readonly string[] {
  const joined = text
    .replace(/\s+(?:dot|period|point)\s+/gi, '.')
    .replace(/\s+underscore\s+/gi, '_')
    .replace(/\s+(?:dash|hyphen|minus)\s+/gi, '-')
    .replace(/\s+at\s+(?=[\p{L}\p{N}-]+\.\p{L}{2,})/giu, '@')
  return (joined.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? []).map((email) => email.toLowerCase())
}

/** Days and times taken out, in marks that end a phrase. */
const masked = (text: string): string => {
  const dayless = withoutDay(text)
  const time = timeIn(dayless, false)
  return time === undefined ? dayless : blank(dayless, time.start, time.end)
}

const withoutDay = (text: string): string => {
  const day = dayIn(text, undefined)
  return day === undefined ? text : blank(text, day.start, day.end)
}

const blank = (text: string, start: number, end: number): string =>
  text.slice(0, start) + ';'.repeat(end - start) + text.slice(end)

/** Programs may want capitals, small letters or none of the marks between. */
const written = (code: string): readonly string[] => [
  ...new Set([code, code.toUpperCase(), code.toLowerCase(), code.replace(/[^\p{L}\p{N}]/gu, '')]),
  ...splitCode(code),
]

/** "AB1234" → "AB-1234", which is how it is often written. */
const splitCode = (code: string): readonly string[] => {
  const parts = /^([A-Za-z]+)(\d+)$/.exec(code)
  return parts ? [`${parts[1]!.toUpperCase()}-${parts[2]!}`] : []
}

const isAboutUser = ({ label }: Slot): boolean =>
  /\bname\b/.test(label) && !/\b(?:recipient|payee|contact)\b/.test(label)

/** "new york" → "New York"; capitals stay as they are. */
const titled = (text: string | undefined): string | undefined =>
  text?.replace(/(?<![\p{L}\p{N}'])\p{Ll}/gu, (letter) => letter.toUpperCase())

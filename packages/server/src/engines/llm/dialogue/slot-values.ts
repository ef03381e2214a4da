// What a user's words give for an argument: a number, a day, a code, a place; or nothing.
import { patternFor } from '../../../tools/patterns.js'
import { nameGiven } from './acts.js'
import { plainChoice, type Slot } from './slots.js'
import { dayIn, timeIn } from './spoken-days.js'
import { stem, words } from './words.js'

/**
 * `isAsked`: the agent has just asked for this argument, so that the words by themselves are its value; otherwise only
 * what can be nothing else is taken. Undefined where nothing is given.
 */
export function valueIn(
  utterance: string,
  slot: Slot,
  isAsked: boolean,
  today: Date,
): string | number | boolean | undefined {
  const spoken = words(utterance)
  switch (slot.kind) {
    case 'choice':
      return choiceIn(spoken, slot)
    case 'boolean':
      return isAsked ? agreementIn(spoken) : undefined
    case 'number':
      return numberIn(spoken, slot, isAsked)
    case 'email':
      return emailIn(utterance)
    case 'phone':
      return digitRuns(spoken).find((run) => run.length >= 7)
    case 'day':
      return slot.wantsFigures ? dayIn(spoken, today) : daySaid(spoken, today)
    case 'time':
      return (
        timeIn(spoken) ?? (isAsked ? timeIn(['at', ...spoken.filter((word) => /^\d{1,2}$/.test(word))]) : undefined)
      )
    case 'moment':
      return momentIn(spoken, today)
    case 'code':
      return codeIn(utterance, spoken, slot)
    case 'person':
      return nameGiven(utterance) ?? (isAsked ? titled(answerIn(utterance, 4)) : undefined)
    case 'place':
      return placeIn(utterance, slot) ?? (isAsked ? titled(answerIn(utterance, 5)) : undefined)
    case 'text':
      return isAsked ? utterance.trim() : searchIn(utterance)
    case 'other':
      return namedIn(utterance, slot) ?? (isAsked ? answerIn(utterance, 12) : undefined)
  }
}

/** The longest first: "extra large" is not "large". */
function choiceIn(spoken: readonly string[], { choices }: Slot): string | undefined {
  const stems = new Set(spoken.map(stem))
  return [...choices]
    .sort((a, b) => b.length - a.length)
    .find((choice) => words(plainChoice(choice)).every((word) => stems.has(stem(word))))
}

function agreementIn(spoken: readonly string[]): boolean | undefined {
  if (spoken.some((word) => /^(?:yes|yeah|yep|sure|please|right|correct|definitely|absolutely)$/.test(word)))
    return true
  return spoken.some((word) => /^(?:no|nope|nah|not|never)$/.test(word)) ? false : undefined
}

const TIME_WORDS = /^(?:am|pm|oclock|st|nd|rd|th|of)$/
const UNITS_OF_TIME = /^(?:day|days|week|weeks|month|months|hour|hours|minute|minutes|night|nights)$/
const COUNTED = /\b(?:person|people|guest|guests|party|size|seat|seats|quantity|count|number of)\b/

function numberIn(spoken: readonly string[], slot: Slot, isAsked: boolean): number | undefined {
  for (const [at, word] of spoken.entries()) {
    const value = word === 'one' ? 1 : /^\d+(?:\.\d+)?$/.test(word) ? Number(word) : Number.NaN
    if (Number.isNaN(value) || value < slot.least || value > slot.most) continue
    const [before = '', next = ''] = [spoken[at - 1], spoken[at + 1]]
    if (TIME_WORDS.test(next) || (before === 'at' && !isAsked)) continue
    const isOfSlot =
      slot.stems.has(stem(next)) ||
      (before === 'for' && !UNITS_OF_TIME.test(next) && COUNTED.test(`${slot.label} ${slot.description}`.toLowerCase()))
    if (isAsked || isOfSlot) return value
  }
  return undefined
}

/** Written, or spoken as "anna dot smith at example dot com". */
function emailIn(utterance: string): string | undefined {
  const written = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/.exec(utterance)?.[0]
  if (written !== undefined) return written.toLowerCase().replace(/\.$/, '')
  const tokens = utterance.toLowerCase().match(/[\p{L}\d]+/gu) ?? []
  const joined = words(tokens.join(' '))
    .join(' ')
    .replace(/ (dot|underscore|dash|hyphen|plus) /g, (_all, sign: string) => SIGNS[sign]!)
  const [, local = '', domain] = /((?:\S+ )?(?:\b\S )*\S+) at (\S+\.\S+)/.exec(joined) ?? []
  if (domain === undefined) return undefined
  const letters = /(?:^|\s)((?:\S )+\S)$/.exec(local)?.[1]
  return `${(letters ?? local.split(' ').at(-1)!).replaceAll(' ', '')}@${domain.replace(/\.$/, '')}`
}

const SIGNS: Readonly<Record<string, string>> = { dot: '.', underscore: '_', dash: '-', hyphen: '-', plus: '+' }

/** Digits that follow upon one another; "oh" between them is a zero. */
function digitRuns(spoken: readonly string[]): readonly string[] {
  const runs = spoken
    .map((word) => (/^\d+$/.test(word) ? word : word === 'one' ? '1' : word === 'oh' ? '0' : ' '))
    .join('')
    .split(/ +/)
  return runs.filter((run) => /[1-9]/.test(run))
}

/** Of all that could be the code, the first that fits its pattern; without a pattern, the first with a digit. */
function codeIn(utterance: string, spoken: readonly string[], { pattern }: Slot): string | undefined {
  const tokens = utterance.match(/[\p{L}\d]+(?:-[\p{L}\d]+)*/gu) ?? []
  const spelled = words(utterance)
    .map((word) =>
      /^(?:\d+|\p{L})$/u.test(word) && !/^[ai]$/.test(word) ? word : word === 'one' ? '1' : word === 'oh' ? '0' : ' ',
    )
    .join('')
    .split(/ +/)
  const found = [
    ...tokens.filter((token) => /\d/.test(token)),
    ...digitRuns(spoken),
    ...spelled.filter((run) => /\d/.test(run) && run.length > 1),
  ]
  const all = found.flatMap((code) => [code, code.toUpperCase()])
  if (pattern === undefined) return [...digitRuns(spoken), ...all].sort((a, b) => b.length - a.length)[0]
  const rule = patternFor(pattern)
  return all.find((code) => rule.is === 'not enforced' || rule.matches(code))
}

/** The day as it was said, where the tool wants no figures. */
const daySaid = (spoken: readonly string[], today: Date): string | undefined => {
  if (dayIn(spoken, today) === undefined) return undefined
  const said =
    /\b(?:(?:the )?day after tomorrow|tomorrow|today|tonight|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|in \S+ (?:days?|weeks?))\b/.exec(
      spoken.join(' '),
    )
  return said?.[0] ?? dayIn(spoken, today)
}

function momentIn(spoken: readonly string[], today: Date): string | undefined {
  const day = dayIn(spoken, today)
  const time = timeIn(spoken)
  return day === undefined || time === undefined ? undefined : `${day}T${time}:00`
}

const PLACE_END =
  /\b(?:today|tomorrow|tonight|now|please|this|next|on|at|for|and|right|like|is|in|to|from|with|by|the day|mon|tues|wednes|thurs|fri|satur|sun)(?:day)?\b.*$|[.,!?].*$/i

/** "In Paris tomorrow" names Paris; an origin follows "from", a destination "to". A capital tells a name from another word. */
function placeIn(utterance: string, { label }: Slot): string | undefined {
  const before = /\b(?:origin|from|departure)\b/.test(label)
    ? 'from'
    : /\b(?:destination|to|arrival)\b/.test(label)
      ? 'to'
      : 'in|for|at|near|of|to|about'
  const places = [...utterance.matchAll(new RegExp(`\\b(?:${before}) (?:the )?(?=(.+))`, 'gi'))]
    .map(([, rest = '']) => rest.replace(PLACE_END, '').trim())
    .filter(isPlaceName)
  return titled(places.find((place) => /^\p{Lu}/u.test(place)) ?? places.at(-1))
}

const isPlaceName = (text: string): boolean =>
  /^\p{L}[\p{L}'’ -]*$/u.test(text) &&
  text.split(/\s+/).length <= 3 &&
  !/^(?:me|you|us|it|him|her|them|my|your|a|an|know|get|see|be|do|make|have|go|check|book|find|home|help|weather|day|week|weekend|order|table|that|celsius|fahrenheit|degrees|morning|afternoon|evening|night|minutes?|total|case|advance|person)\b/i.test(
    text,
  )

/** "My delivery slot is the late one". */
function namedIn(utterance: string, { label }: Slot): string | undefined {
  const [, value] = new RegExp(`\\b(?:my|the) ${label} (?:is|should be|will be) (.+)$`, 'i').exec(utterance) ?? []
  return value === undefined ? undefined : answerIn(value, 12)
}

/** "Search the menu for soup" searches for soup, "look up the return policy" for the return policy. */
const searchIn = (utterance: string): string | undefined =>
  /\bsearch\b.*? for (?:the |any |some )?(.+?)[.?!]*$/i.exec(utterance)?.[1] ??
  /\b(?:search|look(?:ing)? (?:up|for)|find(?: out)?|check)\b(?: for| about| on)? (?:the |any |some )?(.+?)[.?!]*$/i.exec(
    utterance,
  )?.[1]

const PREAMBLE =
  /^(?:(?:um|uh|er|oh|well|so|yes|yeah|sure|okay|ok|please|of course|it is|it's|that is|that's|that would be|this is|my [\w ]{1,30}? is|the [\w ]{1,20}? is|i am|i'm|i live (?:in|at)|make it|let's say|for|in|to|at|from|on)\b[\s,]*)+/i

/** The answer without what stands around it; undefined when it is too long to be one, or declines. */
function answerIn(utterance: string, mostWords: number): string | undefined {
  const answer = utterance
    .trim()
    .replace(PREAMBLE, '')
    .replace(/[\s,]*(?:please|thanks|thank you)?[.!?\s]*$/i, '')
  const count = answer.split(/\s+/).length
  return answer === '' || count > mostWords || /\?\s*$/.test(utterance) || DECLINES.test(answer) ? undefined : answer
}

const DECLINES =
  /^(?:no|nope|nothing|none|why|what|who|how|i (?:do not|don't|have no|can't|cannot|won't|would|want|need|am not)|never|not|sorry|hold on|wait|one moment|let me)\b/i

const titled = (text: string | undefined): string | undefined =>
  text?.replace(/(?<![\p{L}'’])\p{Ll}/gu, (letter) => letter.toUpperCase())

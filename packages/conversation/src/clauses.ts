// Growing text -> clauses that can be spoken: the first as early as it sounds natural, the others sentence by sentence.

export interface Cut {
  readonly clauses: readonly string[]
  /** What may still grow. */
  readonly rest: string
}

/**
 * Cuts off all clauses that are sure to be whole. A clause is cut only when a letter or digit of the next one is there,
 * so that text always follows it. Raw text in, raw text out: joined, clauses and rest are what was given.
 * `first`: the reply has no clause yet, so a comma will do.
 */
export function cutClauses(text: string, first: boolean): Cut {
  const clauses: string[] = []
  let rest = text
  for (;;) {
    const end = clauseEnd(rest, first && clauses.length === 0)
    if (end === undefined) return { clauses, rest }
    clauses.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
}

/** What is spoken of text that a language model wrote: no markdown, and single spaces. */
export const spoken = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)\s]*\)/g, '$1')
    .replace(/\]\([^)\s]*\)|\[(?=[^\]]*$)/g, '')
    .replace(/(^|\n)\s*(?:#{1,6}|>|[-*+•])\s+/g, '$1 ')
    .replace(/[*`]+(?=\S)|(?<=\S)[*`]+|~~/g, '')
    .replace(/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Where the first clause ends, the space behind it included; undefined while that is not sure. */
function clauseEnd(text: string, first: boolean): number | undefined {
  const end = naturalEnd(text, first)
  return text.length > MOST && (end === undefined || text.slice(0, end).trim().length > MOST) ? forcedEnd(text) : end
}

function naturalEnd(text: string, first: boolean): number | undefined {
  for (const { index, 0: gap } of text.matchAll(/\s+|(?<=[。！？])/g)) {
    const after = text.slice(index + gap.length)
    const next = /^[^\p{L}\p{N}]*([\p{L}\p{N}])/u.exec(after)?.[1]
    const before = text.slice(0, index)
    if (next === undefined || !hasWords(before)) continue
    if (gap.includes('\n') || endsSentence(before, next)) return index + gap.length
    if (first ? opensReply(before, after) : isLong(before, after)) return index + gap.length
  }
  return undefined
}

/** No voice should wait for the end of what has none: without spaces and full stops it is cut between two words, or within one. */
function forcedEnd(text: string): number | undefined {
  const words = [...WORDS.segment(text.slice(0, MOST))].filter(
    ({ isWordLike, index }) => isWordLike && index <= LONGEST,
  )
  const end = words.at(-1)?.index || letterBefore(text, LONGEST)
  return hasWords(text.slice(0, end)) && hasWords(text.slice(end)) ? end : undefined
}

/** Not in the middle of a letter of several code units. */
const letterBefore = (text: string, end: number): number =>
  [...LETTERS.segment(text.slice(0, end + 1))].at(-1)?.index || end

function endsSentence(before: string, next: string): boolean {
  const end = /([.!?…。！？]+)(["'”’)\]*_]*)$/.exec(before)
  if (!end) return false
  const [, marks = '', quotes = ''] = end
  const goesOn = /\p{Ll}/u.test(next)
  if (goesOn && (quotes !== '' || marks.length > 1 || marks === '…')) return false
  if (marks !== '.') return true
  const word = /\S*$/.exec(before.slice(0, -1 - quotes.length))?.[0] ?? ''
  return !isAbbreviation(word, goesOn, next) && !(/^\d+$/.test(word) && before.trim() === `${word}.`)
}

function isAbbreviation(word: string, goesOn: boolean, next: string): boolean {
  const plain = word.toLowerCase().replace(/^[^\p{L}]+/u, '')
  if (TITLES.has(plain) || /^\p{Lu}$/u.test(word)) return true
  if (plain === 'no') return /\d/.test(next)
  return goesOn && (SHORT_FORMS.has(plain) || /^(\p{L}\.)+\p{L}$/u.test(plain))
}

/** Whether the first clause may end here: the sooner it does, the sooner the agent is heard. */
function opensReply(before: string, after: string): boolean {
  const words = before.trim().split(/\s+/).length
  if (endsSoftly(before)) return before.trim().length >= SHORTEST_OPENING && !/\d,$/.test(before)
  return (words >= EARLY_WORDS && opensPhrase(after)) || words >= LATE_WORDS
}

/** A sentence that grows long is spoken in parts. */
function isLong(before: string, after: string): boolean {
  const { length } = before.trim()
  if (length >= LONG && endsSoftly(before)) return true
  return (length >= VERY_LONG && opensPhrase(after)) || length >= LONGEST
}

const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

const endsSoftly = (before: string): boolean => /(?:[,;:—–]["'”’)\]]*|\s-|…|\.\.\.)$/.test(before)

/** A whole word that begins a phrase, so that a breath before it sounds natural. */
const opensPhrase = (after: string): boolean =>
  PHRASE_OPENERS.has(/^([\p{L}']+)\s/u.exec(after)?.[1]?.toLowerCase() ?? '')

const SHORTEST_OPENING = 8
const EARLY_WORDS = 6
const LATE_WORDS = 12
const LONG = 100
const VERY_LONG = 160
const LONGEST = 220
/** A single word may take a clause this far. */
const MOST = 300

/** Words of languages without spaces are told apart too, whatever language is named here. */
const WORDS = new Intl.Segmenter('en', { granularity: 'word' })
const LETTERS = new Intl.Segmenter('en', { granularity: 'grapheme' })

const set = (list: string): ReadonlySet<string> => new Set(list.split(' '))

const TITLES = set(
  'mr mrs ms mx dr prof st jr sr gen col sgt capt lt rev hon gov sen rep vs e.g i.e fig approx dept est',
)
/** They may end a sentence; followed by a lower-case word they do not. */
const SHORT_FORMS = set('etc inc ltd co corp a.m p.m u.s u.k ave blvd rd min max sec hrs hr oz lb lbs ft')
const PHRASE_OPENERS = set(
  'and but or so because that which who when where while if then although though unless until since with without ' +
    'for to in on at from by about after before into over under as',
)

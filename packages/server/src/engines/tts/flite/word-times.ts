// When each word is said: the voice gives the times of its phones, and a count of phones tells whose they are.
import type { Word } from '@parley/conversation'
import type { Piece } from './pieces.js'
import type { Phone, Utterance } from './synthesis.js'

/** Asks the voice how many phones each of these has; undefined when it cannot tell. */
export type Count = (words: readonly string[], signal: AbortSignal) => Promise<readonly number[] | undefined>

const MOST_KNOWN = 20_000

/** Counts phones, and remembers the counts for all who speak. */
export class WordTimes {
  readonly #known = new Map<string, number>()

  constructor(readonly count: Count) {}

  /** The words of `piece` with their times in ms from the start of its sound; undefined where the counts do not add up. */
  async of(piece: Piece, { phones }: Utterance, signal: AbortSignal): Promise<Word[] | undefined> {
    const units = piece.words.map(({ spoken }) => unitsOf(spoken))
    const unknown = [...new Set(units.flat())].filter((unit) => !this.#known.has(unit))
    if (unknown.length > 0 && !(await this.#learn(unknown, signal))) return undefined
    const counts = units.map((parts) => parts.reduce((total, part) => total + this.#known.get(part)!, 0))
    if (counts.reduce((total, count) => total + count, 0) !== phones.length) return undefined
    return shared(piece, counts, phones)
  }

  async #learn(units: readonly string[], signal: AbortSignal): Promise<boolean> {
    const counts = await this.count(units, signal)
    if (!counts) return false
    if (this.#known.size > MOST_KNOWN) this.#known.clear()
    for (const [i, unit] of units.entries()) this.#known.set(unit, counts[i]!)
    return true
  }
}

/** What is counted by itself: the parts between blanks, without the punctuation around them. */
const unitsOf = (spoken: string): string[] =>
  spoken
    .split(' ')
    .map((part) => part.replace(/^[("']+|[,;:!?)"']+$|(?<![A-Za-z]\.[A-Za-z])\.+$/g, ''))
    .filter((part) => /[A-Za-z0-9]/.test(part))

function shared(piece: Piece, counts: readonly number[], phones: readonly Phone[]): Word[] {
  let next = 0
  let last = 0
  return piece.words.map(({ text }, i) => {
    const own = phones.slice(next, next + counts[i]!)
    next += own.length
    const [start, end] = [own[0]?.start ?? last, own.at(-1)?.end ?? last]
    last = end
    return { text, start, end }
  })
}

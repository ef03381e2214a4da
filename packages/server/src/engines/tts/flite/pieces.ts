// Cuts a clause into pieces that are synthesised one after another, so that the first sound need not wait for the last.
import { type Spoken, spokenWords } from './say.js'
import type { Ending } from './synthesis.js'

export interface Piece {
  readonly words: readonly Spoken[]
  /** What is said; never without a letter or digit. */
  readonly text: string
  readonly ending: Ending
}

/** From how many characters on a piece ends with its sentence, with a comma, or anywhere. The first is short: it is waited for. */
const FIRST_LENGTHS = { sentence: 10, phrase: 20, anywhere: 160 }
const LENGTHS = { sentence: 30, phrase: 80, anywhere: 160 }
/** What is left is not cut off when it is as short as this. */
const SHORT_REST = 20

/** The pieces of `clause`, in order; every word of the clause is in one of them, unless nothing in it can be said. */
export function piecesOf(clause: string): Piece[] {
  const pieces: Piece[] = []
  let words: Spoken[] = []
  let text = ''
  const finish = (ending: Ending) => {
    if (!/[A-Za-z0-9]/.test(text)) return
    pieces.push({ words, text, ending })
    words = []
    text = ''
  }
  const all = spokenWords(clause)
  let rest = all.reduce((total, { spoken }) => total + spoken.length, 0)
  for (const word of all) {
    words.push(word)
    text = joined(text, word.spoken)
    rest -= word.spoken.length
    const least = pieces.length === 0 ? FIRST_LENGTHS : LENGTHS
    if (rest <= SHORT_REST) continue
    if (endsSentence(text) && text.length >= least.sentence) finish('sentence')
    else if (/[,;:]$/.test(text) && text.length >= least.phrase) finish('phrase')
    else if (text.length >= least.anywhere) finish('phrase')
  }
  finish('sentence')
  const last = pieces.at(-1)
  if (!last || words.length === 0) return pieces
  // silent words at the end belong to what was said last
  return [...pieces.slice(0, -1), { ...last, words: [...last.words, ...words] }]
}

/** A pause that stands alone follows the word before it, which may have one already. */
function joined(text: string, spoken: string): string {
  if (/^[.,!?]$/.test(spoken)) return text === '' || /[.,;:!?]$/.test(text) ? text : text + spoken
  return text && spoken ? `${text} ${spoken}` : text + spoken
}

/** A full stop after a short word is often that of an abbreviation. */
const endsSentence = (text: string): boolean => /([!?]|[A-Za-z0-9]{4}\.)["')]*$/.test(text)

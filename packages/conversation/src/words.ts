// The words of a text, and where they lie in its sound.
import type { Word } from './model.js'
import type { Sound } from './state.js'

/** The words of a text, each with the space around it: joined they are the text again. */
export const spacedWords = (text: string): readonly string[] => text.match(/^\s*\S+\s*|\S+\s*/g) ?? []

/** Lower-case words without punctuation at their ends, as a judgement needs them. */
export const plainWords = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[\s,;:]+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '')

/**
 * Where each word of `text` lies, in ms from the start of the reply's sound.
 * The voice's own times count when they are of the same words; otherwise each word has its share of the letters.
 */
export function placeWords(text: string, sound: Sound, timed: readonly Word[] | undefined): readonly Word[] {
  const words = spacedWords(text)
  if (timed !== undefined && timed.length === words.length)
    return words.map((word, index) => ({
      text: word,
      start: sound.offset + timed[index]!.start,
      end: sound.offset + timed[index]!.end,
    }))
  const letters = words.reduce((sum, word) => sum + word.length, 0)
  let passed = 0
  return words.map((word) => {
    const start = sound.offset + (sound.length * passed) / letters
    passed += word.length
    return { text: word, start, end: sound.offset + (sound.length * passed) / letters }
  })
}

// A prompt taken apart: its sentences and list items, each with the heading above it.
import { sentencesOf } from './phrase.js'

export interface Line {
  readonly text: string
  /** The heading or lead-in that it stands under; empty when there is none. */
  readonly heading: string
  readonly isItem: boolean
}

const QUESTION_OR_ANSWER = /^(?:q|a|question|answer)\s*[:.]\s/i
const ITEM = /^\s*(?:[-*•‣◦–]|\d{1,2}[.)])\s+/

export function linesOf(prompt: string): Line[] {
  const lines: Line[] = []
  let heading = ''
  let leadIn = ''
  for (const raw of paragraphs(prompt)) {
    const isItem = ITEM.test(raw)
    const text = raw
      .replace(ITEM, '')
      .replace(/\*\*|__|`/g, '')
      .trim()
    if (text === '') {
      leadIn = ''
    } else if (!isItem && isHeading(raw)) {
      heading = headingText(raw)
      leadIn = ''
    } else if (isItem) {
      lines.push(...itemLines(text, leadIn || heading))
    } else {
      const before = QUESTION_OR_ANSWER.test(text) ? [text] : sentencesOf(text)
      const last = before.at(-1) ?? ''
      leadIn = /:$/.test(last) ? headingText(last) : ''
      for (const sentence of leadIn === '' ? before : before.slice(0, -1))
        lines.push({ text: sentence, heading, isItem: false })
    }
  }
  return lines
}

/** Placeholders that nobody filled are nothing to speak of. */
const paragraphs = (prompt: string): string[] =>
  prompt
    .replace(/```[\s\S]*?```/g, '\n')
    .replace(/<\/[\w -]+>/g, '\n')
    .replace(/<([\w -]+)>/g, '\n# $1\n')
    .replace(/^.*\{\{[^}]*\}\}.*$/gm, (line) => line.replace(/[^.!?\n]*\{\{[^}]*\}\}[^.!?\n]*[.!?]?/g, ' '))
    .replace(/[ \t]+(A|Answer):\s/g, '\n$1: ')
    .split('\n')
    .map((line) => line.trimEnd())

function isHeading(raw: string): boolean {
  const text = raw.trim()
  if (/^#{1,6}\s/.test(text)) return true
  if (/^\*\*[^*]+\*\*:?$/.test(text)) return true
  if (text.length > 60) return false
  return /^[A-Z][\w '’&/,()-]*:$/.test(text) || (/^[A-Z][A-Z &/-]{3,}$/.test(text) && /[A-Z]{4}/.test(text))
}

const headingText = (raw: string): string =>
  raw
    .replace(/[#*_:]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

/** An item of several sentences is several lines, the later ones under what the first is about; "Rye: 4 pounds" stays whole. */
const itemLines = (text: string, heading: string): Line[] => {
  const sentences = QUESTION_OR_ANSWER.test(text) ? [text] : sentencesOf(text)
  return sentences.map((sentence, at) => ({
    text: sentence,
    heading: at === 0 ? heading : `${heading} ${sentences[0]}`,
    isItem: true,
  }))
}

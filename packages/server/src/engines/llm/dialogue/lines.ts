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

/** The rest of a prompt longer than this is not read; compiling it would hold up everybody else. */
const LONGEST_PROMPT_CHARACTERS = 64_000

export function linesOf(prompt: string): Line[] {
  const lines: Line[] = []
  let heading = ''
  /** "Plans:" reaches to the next blank line after something has stood under it. */
  let leadIn = { text: '', isUsed: false }
  for (const raw of paragraphs(prompt.slice(0, LONGEST_PROMPT_CHARACTERS))) {
    const isItem = ITEM.test(raw)
    const text = raw
      .replace(ITEM, '')
      .replace(/\*\*|__|`/g, '')
      .trim()
    if (text === '') {
      if (leadIn.isUsed) leadIn = { text: '', isUsed: false }
    } else if (!isItem && isHeading(raw)) {
      heading = headingText(raw)
      leadIn = { text: '', isUsed: false }
    } else if (!isItem && /^[A-Z][\w '’&/,()-]{0,58}:$/.test(text)) {
      leadIn = { text: headingText(text), isUsed: false }
    } else {
      const sentences = QUESTION_OR_ANSWER.test(text) ? [text] : sentencesOf(text)
      const introduces = !isItem && /:$/.test(text)
      const told = introduces ? sentences.slice(0, -1) : sentences
      lines.push(...under(told, leadIn.text || heading, isItem))
      leadIn = introduces ? { text: headingText(sentences.at(-1) ?? ''), isUsed: false } : { ...leadIn, isUsed: true }
    }
  }
  return lines
}

/** The later sentences of an item, or of an entry like "Room 1: sea view.", are about what the first names. */
function under(sentences: readonly string[], heading: string, isItem: boolean): Line[] {
  const isOneThing = isItem || /^[A-Z][^:.!?]{0,40}:\s/.test(sentences[0] ?? '')
  return sentences.map((text, at) => ({
    text,
    heading: isOneThing && at > 0 ? `${heading} ${sentences[0]}`.trim() : heading,
    isItem,
  }))
}

/** Placeholders that nobody filled are nothing to speak of. */
const paragraphs = (prompt: string): string[] =>
  prompt
    .replace(/```[\s\S]*?```/g, '\n')
    .replace(/<\/[\w -]+>/g, '\n')
    .replace(/<([\w -]+)>/g, '\n# $1\n')
    .replace(/^.*\{\{[^}]*\}\}.*$/gm, (line) => line.replace(/[^.!?\n]*\{\{[^}]*\}\}[^.!?\n]*[.!?]?/g, ' '))
    .replace(/^\s*(?:system|prompt|role|context|background)\s*:\s+/gim, '')
    .replace(/[ \t]+(A|Answer):\s/g, '\n$1: ')
    .split('\n')
    .map((line) => line.trimEnd())

function isHeading(raw: string): boolean {
  const text = raw.trim()
  if (/^#{1,6}\s/.test(text)) return true
  if (/^\*\*[^*]+\*\*:?$/.test(text)) return true
  return text.length <= 60 && /^[A-Z][A-Z &/-]{3,}$/.test(text) && /[A-Z]{4}/.test(text)
}

const headingText = (raw: string): string =>
  raw
    .replace(/[#*_:]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

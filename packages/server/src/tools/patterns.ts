// Patterns that users write for their arguments, matched in linear time: no pattern can hold up the server.
import { RE2JS } from 're2js'
import { Recent } from '../engines/kit/recent.js'

export type Pattern =
  /** `work`: what matching one more character costs, in steps of the automaton. */
  | { readonly is: 'enforced'; readonly work: number; matches(value: string): boolean }
  | { readonly is: 'not enforced'; readonly why: string }

/**
 * The pattern in Python's notation, to be matched against a whole value (checklist 134, protocol.md 7.1).
 * Lookahead is understood at the beginning, and lookbehind without groups; back-references and verbose patterns are not.
 */
export const patternFor = (source: string): Pattern => compiled.get(source, () => compile(source))

/** Whether `patternFor` will have to compile it. */
export const isCompiled = (source: string): boolean => compiled.has(source)

const LONGEST_PATTERN_CHARACTERS = 512
/** Of the automaton; a pattern of twelve digits has 14. */
const MOST_INSTRUCTIONS = 2000
/** Across all agents. */
const KEPT_PATTERNS = 512

const compiled = new Recent<string, Pattern>(KEPT_PATTERNS)

function compile(source: string): Pattern {
  if (source.length > LONGEST_PATTERN_CHARACTERS)
    return { is: 'not enforced', why: `it is longer than ${LONGEST_PATTERN_CHARACTERS} characters` }
  try {
    const { ahead, rest } = lookaheadsApart(inRe2Notation(source))
    const whole = automaton(rest)
    const conditions = ahead.map(({ text, wanted }) => ({ begins: automaton(`(?:${text})(?s:.*)`), wanted }))
    const work = conditions.reduce((sum, { begins }) => sum + begins.programSize(), whole.programSize())
    if (work > MOST_INSTRUCTIONS) return { is: 'not enforced', why: 'it is too large' }
    return {
      is: 'enforced',
      work,
      matches: (value) =>
        whole.matches(value) && conditions.every(({ begins, wanted }) => begins.matches(value) === wanted),
    }
  } catch {
    return { is: 'not enforced', why: 'it is malformed, or uses what takes more than linear time' }
  }
}

const automaton = (source: string): RE2JS => RE2JS.compile(source, RE2JS.LOOKBEHINDS)

/** `[^\\]` inside classes is left to RE2; only the escapes that Python has in another sense are rewritten. */
function inRe2Notation(source: string): string {
  let isInClass = false
  return source.replace(/\\u([\dA-Fa-f]{4})|\\(.)|[[\]]/gs, (found, code: string | undefined, escaped: string) => {
    if (code !== undefined) return `\\x{${code}}`
    if (found === '[') isInClass = true
    if (found === ']') isInClass = false
    return escaped === undefined ? found : escapeInRe2(escaped, isInClass)
  })
}

/** As in Python, digits and letters are those of every script. */
function escapeInRe2(letter: string, isInClass: boolean): string {
  if (letter === 'Z') return '\\z'
  if (letter === 'd') return '\\p{Nd}'
  if (letter === 'D') return '\\P{Nd}'
  if (letter === 'w') return isInClass ? '\\p{L}\\p{N}_' : '[\\p{L}\\p{N}_]'
  if (letter === 'W' && !isInClass) return '[^\\p{L}\\p{N}_]'
  return `\\${letter}`
}

interface Apart {
  readonly ahead: readonly { readonly text: string; readonly wanted: boolean }[]
  readonly rest: string
}

/** `^(?=.*\d)(?!0)…`: conditions on how the value begins, and the pattern proper. */
function lookaheadsApart(source: string): Apart {
  const ahead: { text: string; wanted: boolean }[] = []
  let rest = source.replace(/^\^(?=\(\?[=!])/, '')
  while (/^\(\?[=!]/.test(rest)) {
    const end = closingParenthesis(rest)
    ahead.push({ text: rest.slice(3, end), wanted: rest[2] === '=' })
    rest = rest.slice(end + 1)
  }
  // an alternative outside of parentheses would have taken only its own conditions
  if (ahead.length > 0 && hasOpenAlternative(rest)) throw new SyntaxError('An alternative beside a lookahead.')
  return { ahead, rest }
}

/** The place of the parenthesis that closes the first. */
function closingParenthesis(source: string): number {
  const at = places(source).find(({ letter, depth }) => letter === ')' && depth === 0)?.at
  if (at === undefined) throw new SyntaxError('A parenthesis is not closed.')
  return at
}

const hasOpenAlternative = (source: string): boolean =>
  places(source).some(({ letter, depth }) => letter === '|' && depth === 0)

/** The parentheses and bars outside of escapes and classes, each with the parentheses still open after it. */
function places(source: string): readonly { readonly letter: string; readonly at: number; readonly depth: number }[] {
  const found: { letter: string; at: number; depth: number }[] = []
  let depth = 0
  for (const match of source.matchAll(/\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]/gs)) {
    const [letter] = match
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (letter.length === 1) found.push({ letter, at: match.index, depth })
  }
  return found
}

// Fills `{{name}}` in what an agent says. Values are data: what looks like a placeholder in one stays as it is.

/** Longest value, in characters: an account of a customer, not a document. */
const MOST_OF_ONE_VALUE = 2_000
/** Of all values in one text. */
const MOST_OF_ALL_VALUES = 65_536

export interface Filled {
  readonly text: string
  /** Names that nothing is known for. */
  readonly unknown: readonly string[]
}

/** A placeholder without a value is left out, and with it a space beside it. Values are expected to be `plainText`. */
export function filled(template: string, values: Readonly<Record<string, string>>): Filled {
  const unknown = new Set<string>()
  let text = ''
  let room = MOST_OF_ALL_VALUES
  let from = 0
  for (const match of template.matchAll(PLACEHOLDER)) {
    const literal = template.slice(from, match.index)
    from = match.index + match[0].length
    const name = match[1]!.trim()
    if (!Object.hasOwn(values, name)) unknown.add(name)
    const value = (Object.hasOwn(values, name) && values[name]) || ''
    if (value !== '' && value.length <= room) {
      text += literal + value
      room -= value.length
      continue
    }
    const endsInSpace = /[ \t]$/.test(literal)
    text += endsInSpace ? literal.slice(0, -1) : literal
    if (!endsInSpace && (text === '' || text.endsWith('\n')) && /^[ \t]/.test(template.charAt(from))) from += 1
  }
  return { text: text + template.slice(from), unknown: [...unknown] }
}

/** The text as it may be stored and sent: at most `most` characters, none of them half, and no control characters. */
export const plainText = (text: string, most = MOST_OF_ONE_VALUE): string =>
  text.slice(0, most).replace(/\p{Surrogate}|(?![\n\t])\p{Control}/gu, '')

const PLACEHOLDER = /\{\{([^{}]{1,300})\}\}/g

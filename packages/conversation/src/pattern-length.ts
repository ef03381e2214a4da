// How many letters and digits a value has that matches a pattern: read off the pattern, which is never run.

export interface PatternLength {
  readonly least: number
  /** Infinity where the pattern sets no end. */
  readonly most: number
  /** Whether letters count; otherwise all that varies is digits. */
  readonly letters: boolean
}

/**
 * Signs such as dashes do not count: people leave them out. Letters that stand in the pattern as they are may be said
 * or left out. Undefined where the pattern is beyond these rules.
 */
export function patternLength(pattern: string): PatternLength | undefined {
  if (pattern.length > LONGEST_PATTERN) return undefined
  const reader: Reader = { pattern, at: 0 }
  const found = alternatives(reader, 0)
  if (found === undefined || reader.at < pattern.length) return undefined
  const { least, most, letters, fixed } = found
  return { least, most: letters ? most + fixed : most, letters }
}

interface Reader {
  readonly pattern: string
  at: number
}

interface Part {
  readonly least: number
  readonly most: number
  readonly letters: boolean
  /** Letters that stand there as they are. */
  readonly fixed: number
}

const NOTHING: Part = { least: 0, most: 0, letters: false, fixed: 0 }
const DIGIT: Part = { ...NOTHING, least: 1, most: 1 }
const CHARACTER: Part = { ...DIGIT, letters: true }
const LETTER_AS_IT_IS: Part = { ...NOTHING, fixed: 1 }

function alternatives(reader: Reader, depth: number): Part | undefined {
  let whole = sequence(reader, depth)
  while (whole && reader.pattern[reader.at] === '|') {
    reader.at += 1
    const other = sequence(reader, depth)
    whole = other && {
      least: Math.min(whole.least, other.least),
      most: Math.max(whole.most, other.most),
      letters: whole.letters || other.letters,
      fixed: Math.max(whole.fixed, other.fixed),
    }
  }
  return whole
}

function sequence(reader: Reader, depth: number): Part | undefined {
  let whole: Part = NOTHING
  while (reader.at < reader.pattern.length && !/[|)]/.test(reader.pattern[reader.at]!)) {
    const one = atom(reader, depth)
    if (one === undefined) return undefined
    const part = repeated(one, reader)
    whole = {
      least: whole.least + part.least,
      most: whole.most + part.most,
      letters: whole.letters || part.letters,
      fixed: whole.fixed + part.fixed,
    }
  }
  return whole
}

function atom(reader: Reader, depth: number): Part | undefined {
  const [sign] =
    /^(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?:|\?P?<\w+>)?(?!\?)|[^(])/s.exec(reader.pattern.slice(reader.at)) ?? []
  if (sign === undefined || depth > DEEPEST) return undefined
  reader.at += sign.length
  if (sign.startsWith('(')) {
    const inner = alternatives(reader, depth + 1)
    if (reader.pattern[reader.at] !== ')') return undefined
    reader.at += 1
    return inner
  }
  if (sign.startsWith('[') && sign.length > 1) return classOf(sign)
  if (sign === '\\d' || /^\d$/.test(sign)) return DIGIT
  if (sign === '\\w' || sign === '.') return CHARACTER
  if (/^\\[1-9]/.test(sign)) return undefined
  return /^\p{L}$/u.test(sign) ? LETTER_AS_IT_IS : NOTHING
}

/** `[0-9-]` is a digit, `[A-Z\d]` a character, `[ -]` nothing that is said. */
function classOf(sign: string): Part {
  if (sign.startsWith('[^') || /\\w|\\[SDW]|\p{L}/u.test(sign.replace(/\\[ds]/g, ''))) return CHARACTER
  return /\\d|\d/.test(sign) ? DIGIT : NOTHING
}

function repeated(part: Part, reader: Reader): Part {
  const [sign, least = '', comma = '', most = ''] =
    /^(?:[*+?]|\{(\d*)(,?)(\d*)\})[?+]?/.exec(reader.pattern.slice(reader.at)) ?? []
  if (sign === undefined) return part
  reader.at += sign.length
  const [from, to] = sign.startsWith('{')
    ? [Number(least), comma === '' ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most)]
    : [sign.startsWith('+') ? 1 : 0, sign.startsWith('?') ? 1 : Number.POSITIVE_INFINITY]
  const times = (each: number): number => (each === 0 ? 0 : each * to)
  return {
    least: part.least * from,
    most: times(part.most),
    letters: part.letters,
    fixed: Math.min(times(part.fixed), LONGEST_PATTERN),
  }
}

const LONGEST_PATTERN = 200
const DEEPEST = 20

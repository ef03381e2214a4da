// How far a transcript is from what was said: word error rate, by edit distance over normalised words.

export interface WordErrors {
  readonly words: number
  readonly errors: number
}

/** Counts the words substituted, left out and put in. Case, punctuation, the spelling of numbers and "and" do not count. */
export function wordErrors(said: string, heard: string): WordErrors {
  const wanted = normalWords(said)
  const got = normalWords(heard)
  let row = Array.from({ length: got.length + 1 }, (_, i) => i)
  for (const [i, word] of wanted.entries()) {
    const next = [i + 1]
    for (const [j, other] of got.entries())
      next.push(Math.min(row[j]! + (word === other ? 0 : 1), row[j + 1]! + 1, next[j]! + 1))
    row = next
  }
  return { words: wanted.length, errors: row[got.length]! }
}

/** Errors per word, 0 where there are no words. */
export function wordErrorRate(counts: readonly WordErrors[]): number {
  const words = counts.reduce((sum, count) => sum + count.words, 0)
  const errors = counts.reduce((sum, count) => sum + count.errors, 0)
  return words === 0 ? 0 : errors / words
}

export function normalWords(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/(\d),(?=\d{3})/g, '$1')
    .replace(/\$(\d+)/g, '$1 dollars')
    .replace(/\d+/g, (digits) => ` ${spelled(digits)} `)
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && word !== 'and')
}

const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')

/** As a person would say it: four digits from 1100 to 1999 as a year, what is too long digit by digit. */
function spelled(digits: string): string {
  const value = Number(digits)
  if (digits.length > 6) return [...digits].map((digit) => UNITS[Number(digit)]).join(' ')
  if (value >= 1100 && value < 2000) return year(value)
  return cardinal(value)
}

const year = (value: number) => {
  const rest = value % 100
  const ending = rest === 0 ? 'hundred' : rest < 10 ? `oh ${UNITS[rest]}` : cardinal(rest)
  return `${cardinal(Math.floor(value / 100))} ${ending}`
}

function cardinal(value: number): string {
  if (value < 20) return UNITS[value]!
  if (value < 100) return compound(TENS[Math.floor(value / 10)]!, value % 10)
  if (value < 1000) return compound(`${cardinal(Math.floor(value / 100))} hundred`, value % 100)
  return compound(`${cardinal(Math.floor(value / 1000))} thousand`, value % 1000)
}

const compound = (head: string, rest: number) => (rest === 0 ? head : `${head} ${cardinal(rest)}`)

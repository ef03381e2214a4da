// How much of a sentence was understood.

/** Words left out, put in or changed, as a part of the words that were said: 0 when all were understood. */
export function wordErrorRate(said: string, heard: string): number {
  const expected = wordsOf(said)
  const understood = wordsOf(heard)
  let row = Array.from({ length: understood.length + 1 }, (_, column) => column)
  for (const [index, word] of expected.entries()) {
    const next = [index + 1]
    for (const [column, other] of understood.entries())
      next.push(Math.min(row[column]! + (word === other ? 0 : 1), row[column + 1]! + 1, next[column]! + 1))
    row = next
  }
  return row.at(-1)! / Math.max(1, expected.length)
}

/** Lower-case words without punctuation. */
const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []

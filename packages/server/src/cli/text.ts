// Text laid out in columns and lines.
import { stripVTControlCharacters } from 'node:util'

const WIDTH = 96

/** Rows of cells, each column as wide as its widest cell, indented by two. Colours do not count as width. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visibleLength(cell))
    })
  const padded = (cell: string, column: number) => cell + ' '.repeat(widths[column]! - visibleLength(cell))
  return rows.map((row) => `  ${row.map(padded).join('  ')}`.trimEnd()).join('\n')
}

/** `text` in lines of at most 96 columns, indented by two; the first begins with `mark`, the others stand below its text. */
export function wrapped(text: string, mark = ''): string {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= WIDTH - mark.length)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line, index) => `  ${index === 0 ? mark : ' '.repeat(mark.length)}${line}`).join('\n')
}

const visibleLength = (text: string): number => stripVTControlCharacters(text).length

// What a run of the suite prints: progress, a table, and the line that it closes with.
import type { Chapter } from './item.js'
import type { Result } from './run.js'

const TITLE_WIDTH = 96

const words = { passes: 'passes', fails: 'FAILS', skipped: 'skipped' } as const

/** One line for an item that is done. */
export const progressLine = ({ number, result, seconds, title }: Result, done: number, of: number): string =>
  `[${String(done).padStart(3)}/${of}] ${String(number).padStart(3)} ${words[result].padEnd(7)} ${seconds.toFixed(1).padStart(5)} s  ${title}`

/** Number, source, result and title of each, under the headings; below it what was seen or why it was skipped. */
export function table(chapters: readonly Chapter[], results: readonly Result[]): string {
  return chapters
    .flatMap(({ heading, items }) => {
      const rows = results.filter(({ number }) => items.some((item) => item.number === number))
      return rows.length === 0 ? [] : ['', heading, ...rows.flatMap(row)]
    })
    .join('\n')
}

export function summary(results: readonly Result[]): string {
  const count = (kind: Result['result']) => results.filter(({ result }) => result === kind).length
  return `${count('passes')} passed, ${count('fails')} failed, ${count('skipped')} skipped`
}

function row({ number, source, title, result, why }: Result): readonly string[] {
  const head = `  ${String(number).padStart(3)}  ${source.padEnd(8)}  ${words[result].padEnd(7)}  `
  const [first = '', ...rest] = [...wrapped(title), ...(why === undefined ? [] : wrapped(`→ ${why}`))]
  return [head + first, ...rest.map((line) => ' '.repeat(head.length) + line)]
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= TITLE_WIDTH) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

// docs/compatibility.md: what the last run over the Parley of this checkout gave, item by item, with what there is to say.
import { deviations, remarks } from './deviations.js'
import type { Chapter } from './item.js'
import type { Result } from './run.js'

/** What is kept of a run, in docs/compatibility.json. */
export interface Outcome {
  readonly number: number
  readonly result: Result['result']
}

export const outcomesOf = (results: readonly Result[]): readonly Outcome[] =>
  results.map(({ number, result }) => ({ number, result }))

/** What does not fit together between a run and what explains it; nothing when every deviation is explained, and is one. */
export function unexplained(outcomes: readonly Outcome[], explained = deviations): readonly string[] {
  const open = outcomes.filter(({ result, number }) => result !== 'passes' && !explained.has(number))
  const stale = outcomes.filter(({ result, number }) => result === 'passes' && explained.has(number))
  return [
    ...open.map(
      ({ number, result }) =>
        `Item ${number} ${result === 'fails' ? 'fails' : 'is skipped'} without an explanation. Add one to deviations.ts.`,
    ),
    ...stale.map(
      ({ number }) => `Item ${number} passes, but deviations.ts explains why it does not. Take that line away.`,
    ),
  ]
}

export function compatibilityPage(chapters: readonly Chapter[], outcomes: readonly Outcome[]): string {
  const results = new Map(outcomes.map(({ number, result }) => [number, result]))
  const count = (kind: Outcome['result']) => outcomes.filter(({ result }) => result === kind).length
  const failed = count('fails') === 0 ? '' : `, ${count('fails')} fail`
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} cannot be tried`
  return `${[
    '# Compatibility',
    '',
    introduction,
    '',
    `Of ${outcomes.length} items, **${count('passes')} pass**${failed}${skipped}.`,
    ...chapters.flatMap((chapter) => section(chapter, results)),
  ].join('\n')}\n`
}

const introduction = `How Parley stands to the interface that it is compatible with, item by item. This page is written by a run of the
conformance suite in \`packages/conformance\` against the Parley of this checkout over real sockets (\`npm run conformance --
--write\`), and \`npm test\` fails when a run and the page disagree. The same suite asks any other server:
\`npm run conformance -- --url ws://127.0.0.1:8080 --key KEY\`.

The numbers are those that tests and comments use (\`checklist 97\`). Comments that name a section (\`protocol.md 4\`, \`Q14\`) mean
the notes from which the list was drawn. The source says where an item is known from: \`doc\`, the documentation of the hosted
service; \`observed\`, what that service or the clients for it have been seen to do; \`inferred\`, decided where neither says
anything.`

function section({ heading, items }: Chapter, results: ReadonlyMap<number, Outcome['result']>): readonly string[] {
  const rows = items.map(({ number, source, title }) => {
    const result = results.get(number) ?? 'skipped'
    const said = [result === 'passes' ? undefined : deviations.get(number), remarks.get(number)]
      .filter(Boolean)
      .join(' ')
    return `| ${number} | \`${source}\` | ${cell(title)} | ${result === 'passes' ? 'passes' : `**${result}**`} | ${cell(said)} |`
  })
  return [
    '',
    `## ${heading}`,
    '',
    '| number | source | asks | result | remarks |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

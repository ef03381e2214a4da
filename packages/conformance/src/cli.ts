// The suite as a command.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Facts } from './facts.js'
import { chapters, items } from './items/index.js'
import { help, type Options, readOptions, UsageError } from './options.js'
import { compatibilityPage, outcomesOf, unexplained } from './page.js'
import { startParley } from './parley.js'
import { unreachable } from './reach.js'
import { progressLine, summary, table } from './report.js'
import { type Result, run } from './run.js'

/** So many may fail because a machine is busy. More have another cause, which a second try does not change. */
const MOST_AGAIN = 12

const documents = new URL('../../../docs/', import.meta.url)

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env)
    const wanted = items.filter(({ number }) => options.only?.has(number) ?? true)
    if (options.mode === 'help') return print(help)
    if (options.mode === 'list') return print(wanted.map(listed).join('\n'))
    const results = await withServer(options, (facts) => ask(options, facts))
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
    if (options.write) writeDocuments(results)
    print(`${table(chapters, results)}\n\n${summary(results)}`)
    return results.some(({ result }) => result === 'fails') ? 1 : 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`conformance: ${error.message} See --help.\n`)
    return 2
  }
}

/** The server that was named, or the Parley of this checkout for as long as it is asked. */
async function withServer<Made>(
  { facts, url, key, serverLog }: Options,
  use: (facts: Facts) => Promise<Made>,
): Promise<Made> {
  if (url !== undefined) {
    const why = await unreachable({ url, key })
    if (why) throw new UsageError(why)
    return use({ ...facts, url, key, ...(serverLog !== undefined && { log: () => readFileSync(serverLog, 'utf8') }) })
  }
  const parley = await startParley()
  try {
    const { otherKey = facts.otherKey } = parley
    return await use({ ...facts, url: parley.url, key: parley.key, otherKey, log: parley.log })
  } finally {
    await parley.stop()
  }
}

const ask = (options: Options, facts: Facts): Promise<readonly Result[]> =>
  run(
    facts,
    items.filter(({ number }) => options.only?.has(number) ?? true),
    {
      jobs: options.jobs,
      again: (failed) => (options.again && failed.length <= MOST_AGAIN ? failed : []),
      told: (result, done, of) => process.stderr.write(`${progressLine(result, done, of)}\n`),
    },
  )

function writeDocuments(results: readonly Result[]): void {
  const outcomes = outcomesOf(results)
  const lines = outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`).join(',\n')
  writeFileSync(new URL('compatibility.json', documents), `[\n${lines}\n]\n`)
  writeFileSync(new URL('compatibility.md', documents), compatibilityPage(chapters, outcomes))
  for (const line of unexplained(outcomes)) process.stderr.write(`${line}\n`)
}

const listed = ({ number, source, title }: (typeof items)[number]): string =>
  `${String(number).padStart(3)}  ${source.padEnd(8)}  ${title}`

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}

process.exitCode = await main()

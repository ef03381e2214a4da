// The suite as a command.
import { readFileSync, writeFileSync } from 'node:fs'
import { chapters, items } from './items/index.js'
import { help, readOptions, UsageError } from './options.js'
import { unreachable } from './reach.js'
import { progressLine, summary, table } from './report.js'
import { run } from './run.js'

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env)
    if (options.mode === 'help') return print(help)
    const wanted = items.filter(({ number }) => options.only?.has(number) ?? true)
    if (options.mode === 'list')
      return print(
        wanted
          .map(({ number, source, title }) => `${String(number).padStart(3)}  ${source.padEnd(8)}  ${title}`)
          .join('\n'),
      )
    const { serverLog } = options
    const facts = { ...options.facts, ...(serverLog !== undefined && { log: () => readFileSync(serverLog, 'utf8') }) }
    const why = await unreachable(facts)
    if (why) throw new UsageError(why)
    const results = await run(facts, wanted, {
      jobs: options.jobs,
      again: options.again,
      told: (result, done, of) => process.stderr.write(`${progressLine(result, done, of)}\n`),
    })
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
    print(table(chapters, results))
    print(`\n${summary(results)}`)
    return results.some(({ result }) => result === 'fails') ? 1 : 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`conformance: ${error.message} See --help.\n`)
    return 2
  }
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}

// The command line of the suite, and the report that it prints.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Chapter, defaultFacts, Failure, type Item, run, Skip, summary, table } from '../dist/index.js'
import { readOptions, UsageError } from '../dist/options.js'
import { type Outcome, unexplained } from '../dist/page.js'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

function ran(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const out: string[] = []
    const err: string[] = []
    child.stdout.on('data', (part) => out.push(String(part)))
    child.stderr.on('data', (part) => err.push(String(part)))
    child.on('close', (code) => resolve({ code, stdout: out.join(''), stderr: err.join('') }))
  })
}

const item = (number: number, runs: Item['run'], more: Partial<Item> = {}): Item => ({
  number,
  source: 'doc',
  title: `Item ${number}.`,
  run: runs,
  ...more,
})
const facts = { ...defaultFacts, url: 'http://127.0.0.1:9', key: 'key' }
const tried = (items: readonly Item[], again: (failed: readonly number[]) => readonly number[] = () => []) =>
  run(facts, items, { jobs: 2, again })

test('the items can be listed, all or some', async () => {
  const { code, stdout } = await ran('--list', '--only', '26,30-32')
  assert.equal(code, 0)
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).slice(0, 2)),
    [
      ['26', 'observed'],
      ['30', 'observed'],
      ['31', 'observed'],
      ['32', 'observed'],
    ],
  )
})

test('a command line that makes no sense, or a server that does not answer, ends with 2 and says why', async () => {
  for (const [args, complaint] of [
    [['--url', 'nowhere', '--key', 'x'], /--url is "nowhere"/],
    [['--url', 'ws://127.0.0.1:1'], /Name an API key/],
    [['--only', 'many'], /--only is "many"/],
    [['--colour'], /--colour/],
    [['--write', '--only', '1'], /--write is for a whole run/],
    [['--url', 'ws://127.0.0.1:1', '--key', 'x'], /No server answers at http:\/\/127\.0\.0\.1:1/],
  ] as const) {
    const { code, stderr } = await ran(...args)
    assert.equal(code, 2)
    assert.match(stderr, complaint)
  }
})

test('an address is taken with the scheme of sockets or of pages, and a key from the environment', () => {
  for (const url of ['ws://a.example:8080', 'http://a.example:8080', 'ws://a.example:8080/v1/ws']) {
    const options = readOptions(['--url', url], { CONFORMANCE_KEY: 'secret' })
    assert.deepEqual([options.url, options.key], ['http://a.example:8080', 'secret'])
  }
  assert.throws(() => readOptions(['--url', 'ws://a', '--grace-seconds', 'x'], { CONFORMANCE_KEY: 'y' }), UsageError)
})

test('an item passes, fails with what was seen, or is skipped with the reason', async () => {
  const results = await tried([
    item(1, async () => {}),
    item(2, async () => {
      throw new Failure('it was red')
    }),
    item(3, async () => {
      throw new Skip('there is no colour')
    }),
    item(4, async () => {
      throw new TypeError('x is not a function')
    }),
  ])
  assert.deepEqual(
    results.map(({ result }) => result),
    ['passes', 'fails', 'skipped', 'fails'],
  )
  assert.match(results[3]!.why ?? '', /^a fault of the suite: TypeError: x is not a function/)
  assert.equal(summary(results), '1 passed, 2 failed, 1 skipped')
  const chapter: Chapter = { heading: 'Colours', items: [] }
  assert.equal(table([chapter], results), '')
  const printed = table([{ ...chapter, items: [item(2, async () => {})] }], results)
  assert.match(printed, /^\nColours\n {4}2 {2}doc {7}FAILS {4}Item 2\.\n +→ it was red$/)
})

test('what failed once is tried again when that is asked for, and only that', async () => {
  let first = 0
  let second = 0
  const items = [
    item(1, async () => {
      first += 1
      if (first === 1) throw new Failure('busy')
    }),
    item(2, async () => {
      second += 1
    }),
  ]
  const results = await tried(items, (failed) => failed)
  assert.deepEqual([results.map(({ result }) => result), first, second], [['passes', 'passes'], 2, 1])
})

test('a run says whatever does not pass without an explanation, and whatever is explained and passes', () => {
  const outcomes: readonly Outcome[] = [
    { number: 1, result: 'fails' },
    { number: 2, result: 'passes' },
    { number: 3, result: 'passes' },
    { number: 4, result: 'skipped' },
  ]
  const explained = new Map([3, 4].map((number) => [number, 'It has a reason.']))
  const [open, stale, ...others] = unexplained(outcomes, explained)
  assert.match(open ?? '', /^Item 1 fails without an explanation/)
  assert.match(stale ?? '', /^Item 3 passes, but/)
  assert.deepEqual(others, [])
})

// The whole checklist over the Parley of this checkout, and docs/compatibility.md as what it gives.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import {
  chapters,
  compatibilityPage,
  defaultFacts,
  items,
  type Outcome,
  outcomesOf,
  type Parley,
  type Result,
  run,
  startParley,
  summary,
  unexplained,
} from '../dist/index.js'

const LAST = 179
const documents = new URL('../../../docs/', import.meta.url)
// The page's own record, written by `npm run conformance -- --write`.
const recorded = JSON.parse(readFileSync(new URL('compatibility.json', documents), 'utf8')) as readonly Outcome[]
const passing = recorded.filter(({ result }) => result === 'passes').map(({ number }) => number)

let parley: Parley
let results: readonly Result[]

before(
  async () => {
    parley = await startParley()
    const { url, key, otherKey, log } = parley
    results = await run({ ...defaultFacts, url, key, otherKey, log }, items, {
      jobs: 8,
      again: (failed) => failed.filter((number) => passing.includes(number)),
    })
  },
  { timeout: 230_000 },
)
after(() => parley.stop())

test('every number of the checklist has its item, once', () => {
  assert.deepEqual(
    items.map(({ number }) => number).toSorted((a, b) => a - b),
    Array.from({ length: LAST }, (_, index) => index + 1),
  )
})

test('what docs/compatibility.md says to pass, passes; what it says not to, does not', (t) => {
  t.diagnostic(summary(results))
  const surprising = results.filter(
    ({ number, result }) => recorded.find((each) => each.number === number)?.result !== result,
  )
  assert.deepEqual(
    surprising.map(({ number, result, why }) => [number, result, why]),
    [],
    'Run `npm run conformance -- --write` where this is meant to be so.',
  )
})

test('docs/compatibility.md is written of that record, and explains whatever does not pass', () => {
  assert.deepEqual(unexplained(recorded), [])
  assert.equal(readFileSync(new URL('compatibility.md', documents), 'utf8'), compatibilityPage(chapters, recorded))
  assert.deepEqual(outcomesOf(results).length, recorded.length)
})

test('nothing of a run is left on the server', async () => {
  for (const [path, member] of [
    ['/v1/agents', 'agents'],
    ['/v1/webhook-subscriptions', 'subscriptions'],
  ] as const) {
    const response = await fetch(`${parley.url}${path}`, { headers: { authorization: parley.key } })
    if (response.status === 404) continue
    // the lists have passed their items
    const { [member]: left } = (await response.json()) as Record<string, readonly { readonly name?: string }[]>
    assert.deepEqual(left?.filter(({ name }) => name !== undefined && /conformance|once|changed/i.test(name)) ?? [], [])
  }
})

// The suite can fail: a good server behind a proxy that spoils one thing at a time is found out by the right items.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaultFacts, items, type Parley, type Result, run, scriptedEngines, startParley } from '../dist/index.js'
import { type Corruption, startProxy } from './proxy.js'
import { ofReplies } from './reply-corruptions.js'
import { ofRest } from './rest-corruptions.js'
import { ofSessions } from './session-corruptions.js'

/** Each corruption mostly waits for sound to play: so many are tried at once. */
const AT_ONCE = 32

const corruptions = [...ofSessions, ...ofReplies, ...ofRest]

let parley: Parley

before(async () => {
  parley = await startParley({
    ...scriptedEngines,
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 20 }),
    PARLEY_STT_OPTIONS: JSON.stringify({ texts: ['What time do you open?'], partialEveryMs: 100 }),
  })
})
after(() => parley.stop())

/** `again`: which of the items that failed are tried once more, alone. */
async function asked(
  corruption: Corruption,
  numbers: readonly number[],
  again: (failed: readonly number[]) => readonly number[] = () => [],
): Promise<readonly Result[]> {
  const proxy = await startProxy(parley.url, parley.key, corruption)
  try {
    const wanted = items.filter(({ number }) => numbers.includes(number))
    const facts = { ...defaultFacts, url: proxy.url, key: parley.key }
    return await run(facts, wanted, { jobs: wanted.length, again })
  } finally {
    await proxy.close()
  }
}

const numbersOf = (results: readonly Result[], result: Result['result']) =>
  results.filter((each) => each.result === result).map(({ number }) => number)

test('through a proxy that spoils nothing, every item passes that is to notice something', async () => {
  const all = [...new Set(corruptions.flatMap(({ items: numbers }) => numbers))]
  // a busy machine is no fault of the server
  const results = await asked({}, all, (failed) => failed)
  assert.deepEqual(
    results.filter(({ result }) => result !== 'passes').map(({ number, why }) => [number, why]),
    [],
  )
})

test('each of more than sixty ways to be wrong is noticed by the items that ask about it', {
  concurrency: AT_ONCE,
}, async (t) => {
  assert.ok(corruptions.length > 60)
  await Promise.all(
    corruptions.map(({ name, items: numbers, ...corruption }) =>
      t.test(name, async () => {
        const results = await asked(corruption, numbers)
        assert.deepEqual(
          numbersOf(results, 'fails'),
          numbers.toSorted((a, b) => a - b),
        )
        for (const { why } of results) assert.doesNotMatch(why ?? '', /fault of the suite/)
      }),
    ),
  )
})

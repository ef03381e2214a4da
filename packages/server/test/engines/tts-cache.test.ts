import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Utterance } from '../../dist/engines/tts/flite/synthesis.js'
import { UtteranceCache } from '../../dist/engines/tts/flite/utterance-cache.js'

const utterance = (kilobytes: number): Utterance => ({ samples: new Int16Array(kilobytes * 512), phones: [] })
const never = new AbortController().signal

function maker(kilobytes = 1) {
  const made: string[] = []
  const make = (name: string) => async () => {
    made.push(name)
    return utterance(kilobytes)
  }
  return { made, make }
}

test('what was made once comes from memory', async () => {
  const cache = new UtteranceCache(10_000)
  const { made, make } = maker()
  const first = await cache.get('a', make('a'), never)
  assert.equal(await cache.get('a', make('a'), never), first)
  assert.deepEqual(made, ['a'])
})

test('what was used longest ago is forgotten first, and the bound is kept', async () => {
  const cache = new UtteranceCache(2 * 1024)
  const { made, make } = maker()
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(key, make(key), never)
  assert.deepEqual(made, ['a', 'b', 'c', 'b'])
  assert.equal(cache.bytes, 2 * 1024)
})

test('what is larger than the whole memory is not kept', async () => {
  const cache = new UtteranceCache(1024)
  const { made, make } = maker(2)
  for (const key of ['a', 'a']) await cache.get(key, make(key), never)
  assert.deepEqual(made, ['a', 'a'])
  assert.equal(cache.bytes, 0)
})

test('two who ask at the same time wait for the same making', async () => {
  const cache = new UtteranceCache(10_000)
  const { made, make } = maker()
  const [one, two] = await Promise.all([cache.get('a', make('a'), never), cache.get('a', make('a'), never)])
  assert.equal(one, two)
  assert.deepEqual(made, ['a'])
})

test('a making goes on while somebody waits for it, and is called off when nobody does', async () => {
  const cache = new UtteranceCache(10_000)
  const [one, two] = [new AbortController(), new AbortController()]
  let wanted: AbortSignal | undefined
  const make = (signal: AbortSignal) => {
    wanted = signal
    return new Promise<Utterance>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const waiting = [one, two].map(({ signal }) => assert.rejects(cache.get('a', make, signal), { name: 'AbortError' }))
  one.abort()
  await waiting[0]
  assert.equal(wanted?.aborted, false)
  two.abort()
  await waiting[1]
  assert.equal(wanted?.aborted, true)
  const { made, make: again } = maker()
  await cache.get('a', again('a'), never)
  assert.deepEqual(made, ['a'], 'what was called off does not stand in the way')
})

test('a failure is not remembered', async () => {
  const cache = new UtteranceCache(10_000)
  const fail = () => Promise.reject(new Error('hoarse'))
  await assert.rejects(cache.get('a', fail, never), /hoarse/)
  const { made, make } = maker()
  await cache.get('a', make('a'), never)
  assert.deepEqual(made, ['a'])
})

test('whoever comes aborted gets nothing, even from memory', async () => {
  const cache = new UtteranceCache(10_000)
  const { make } = maker()
  await cache.get('a', make('a'), never)
  await assert.rejects(cache.get('a', make('a'), AbortSignal.abort()), { name: 'AbortError' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TurnInput } from '../../dist/engines/engine.js'
import { turnSuite } from '../../dist/engines/kit/suite-turn.js'
import { untilAborted } from '../../dist/engines/kit/until-aborted.js'
import { scriptedTurn } from '../../dist/engines/turn/scripted.js'
import { Queue } from '../../dist/session/queue.js'

turnSuite('scripted', async () => scriptedTurn([0.2, 0.9]))

async function judged(detector: ReturnType<typeof scriptedTurn>, texts: readonly string[]) {
  const input = new Queue<TurnInput>()
  for (const text of texts) input.push({ turn: 1, text, context: '' })
  input.close()
  const all: number[] = []
  for await (const { complete } of detector.open(input, new AbortController().signal)) all.push(complete)
  return all
}

test('judgements come in the order of the script, and the last one stays', async () => {
  assert.deepEqual(await judged(scriptedTurn([0.1, 0.8]), ['a', 'b', 'c']), [0.1, 0.8, 0.8])
})

test('a judgement may depend on what was said', async () => {
  const detector = scriptedTurn(({ text }) => (text.endsWith('.') ? 1 : 0))
  assert.deepEqual(await judged(detector, ['I would', 'I would like tea.']), [0, 1])
})

test('a stream that is cut short tells its source to stop', async () => {
  let hasStopped = false
  async function* source() {
    try {
      for (let n = 0; ; n += 1) yield n
    } finally {
      hasStopped = true
    }
  }
  for await (const n of untilAborted(source(), new AbortController().signal)) if (n === 3) break
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(hasStopped, true)
})

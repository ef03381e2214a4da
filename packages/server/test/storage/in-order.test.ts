// What is written down in its order, in virtual time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../dist/session/clock.js'
import { InOrder } from '../../dist/storage/in-order.js'

test('what is to be written waits for what comes before it, is tried again, and is given up in the end', async () => {
  const clock = new VirtualClock()
  const lost: string[] = []
  const writes = new InOrder({
    ...{ clock, againAfterMs: [250, 1_000] },
    lost: (_, id, what) => void lost.push(`${id}: ${what}`),
  })
  const done: string[] = []
  let failures = 2
  void writes.run('a', 'the first', async () => {
    if (failures-- > 0) throw new Error('away')
    done.push('first')
  })
  void writes.run('a', 'the second', async () => void done.push('second'))
  await writes.run('b', 'another', async () => void done.push('other'))
  assert.deepEqual(done, ['other'])
  await clock.to(1_250)
  await writes.settled('a')
  assert.deepEqual(done, ['other', 'first', 'second'])
  const away = () => Promise.reject(new Error('away'))
  const never = writes.run('c', 'the third', away)
  await clock.to(60_000)
  await never
  assert.deepEqual(lost, ['c: the third'])
  const closing = writes.run('d', 'the fourth', away)
  await Promise.resolve()
  await writes.close()
  await closing
  assert.deepEqual(lost, ['c: the third', 'd: the fourth'])
  assert.equal(clock.pending, 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameLimit, Seldom, SoundLimit } from '../../dist/transports/limits.js'

test('375 frames a second are let in for as long as one likes (107)', () => {
  const limit = new FrameLimit(1000, 5000)
  for (let frame = 0; frame < 375 * 60; frame++) assert.equal(limit.take((frame * 1000) / 375), 'allowed')
})

test('frames beyond the limit of a second are dropped, and the next second begins afresh', () => {
  const limit = new FrameLimit(10, 5000)
  const verdicts = Array.from({ length: 12 }, (_, index) => limit.take(100 + index))
  assert.deepEqual(verdicts.slice(9), ['allowed', 'dropped', 'dropped'])
  assert.equal(limit.take(1000), 'allowed')
})

test('a peer that goes on above the limit is flooding; one that pauses is forgiven', () => {
  const flood = (limit: FrameLimit, from: number, to: number) => {
    let last = 'allowed'
    for (let now = from; now < to; now += 10) last = limit.take(now)
    return last
  }
  assert.equal(flood(new FrameLimit(10, 5000), 0, 4900), 'dropped')
  assert.equal(flood(new FrameLimit(10, 5000), 0, 5300), 'flooded')
  const forgiven = new FrameLimit(10, 5000)
  flood(forgiven, 0, 3000)
  assert.equal(flood(forgiven, 6000, 9000), 'dropped')
})

test('a clip of seven seconds may come four times as fast as it plays (110)', () => {
  const limit = new SoundLimit(10_000, 0)
  for (let sent = 0; sent < 7000; sent += 50) assert.ok(limit.take(50, sent / 4))
})

test('sound that keeps coming faster than it plays is refused (109), and let in again in real time', () => {
  const limit = new SoundLimit(10_000, 0)
  let refused = 0
  for (let sent = 0; sent < 60_000; sent += 50) if (!limit.take(50, sent / 4)) refused += 1
  assert.ok(refused > 100)
  assert.ok(limit.take(50, 15_100))
  assert.equal(limit.take(50_000, 99_000), false)
})

test('an hour in real time is never refused', () => {
  const limit = new SoundLimit(10_000, 0)
  for (let sent = 0; sent < 3_600_000; sent += 50) assert.ok(limit.take(50, sent))
})

test('complaints are seldom', () => {
  const seldom = new Seldom(1000)
  assert.deepEqual(
    [0, 10, 999, 1000, 1001].map((now) => seldom.allows(now)),
    [true, false, false, true, false],
  )
})

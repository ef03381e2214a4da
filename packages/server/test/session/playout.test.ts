import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../dist/session/clock.js'
import { LEAD_MS, PacingWheel, Playout } from '../../dist/session/playout.js'

const BYTES_PER_MS = 48

function playing() {
  const clock = new VirtualClock()
  const frames: { reply: string; at: number; bytes: number; first: number }[] = []
  const playout = new Playout(clock, new PacingWheel(clock), BYTES_PER_MS, (reply, bytes, start, end) =>
    frames.push({ reply, at: clock.now(), bytes: end - start, first: bytes[start]! }),
  )
  return { clock, frames, playout }
}

const sound = (ms: number, value = 1) => new Uint8Array(ms * BYTES_PER_MS).fill(value)
const sentMs = (frames: readonly { bytes: number }[]) =>
  frames.reduce((sum, { bytes }) => sum + bytes, 0) / BYTES_PER_MS

test('sound never leaves more than the lead before it is played (108)', async () => {
  const { clock, frames, playout } = playing()
  playout.add('a', sound(2000))
  playout.complete('a')
  await clock.to(5000)
  assert.equal(sentMs(frames), 2000)
  let sent = 0
  for (const { at, bytes } of frames) {
    sent += bytes / BYTES_PER_MS
    assert.ok(sent - at <= LEAD_MS, `${sent} ms sent at ${at} ms`)
    assert.ok(at - sent <= 5, `${sent} ms sent only at ${at} ms`)
  }
})

test('the first sound leaves at once', () => {
  const { frames, playout } = playing()
  playout.add('a', sound(20))
  assert.deepEqual(frames, [{ reply: 'a', at: 0, bytes: 960, first: 1 }])
})

test('sound is sent whole and in order, however it was cut when it came', async () => {
  const { clock, playout } = playing()
  const bytes: number[] = []
  const other = new Playout(clock, new PacingWheel(clock), BYTES_PER_MS, (_, buffer, start, end) =>
    bytes.push(...buffer.subarray(start, end)),
  )
  playout.close()
  const all = Uint8Array.from({ length: 48 * 777 }, (_, index) => (index * 31) % 251)
  for (let start = 0, size = 2; start < all.length; start += size, size = ((size * 7) % 4001) + 2)
    other.add('a', all.subarray(start, start + size))
  other.complete('a')
  await clock.to(3000)
  assert.deepEqual(bytes, [...all])
})

test('a pause holds back what was not sent, and resuming goes on there', async () => {
  const { clock, frames, playout } = playing()
  playout.add('a', sound(1000))
  playout.complete('a')
  await clock.to(300)
  playout.pause('a')
  const before = frames.length
  await clock.to(900)
  assert.equal(frames.length, before)
  playout.resume('a')
  await clock.to(5000)
  assert.equal(sentMs(frames), 1000)
  assert.ok(frames[before]!.at === 900)
})

test('a cancelled reply sends nothing more, and the next one begins at once', async () => {
  const { clock, frames, playout } = playing()
  playout.add('a', sound(1000))
  await clock.to(100)
  playout.cancel('a')
  const before = frames.length
  playout.add('b', sound(40, 9))
  assert.deepEqual(
    frames.slice(before).map(({ reply, at, first }) => ({ reply, at, first })),
    [
      { reply: 'b', at: 100, first: 9 },
      { reply: 'b', at: 100, first: 9 },
    ],
  )
  await clock.to(2000)
  assert.ok(frames.slice(before).every(({ reply }) => reply === 'b'))
})

test('a voice that falls behind leaves a gap and does not make up for it in a burst', async () => {
  const { clock, frames, playout } = playing()
  playout.add('a', sound(100))
  await clock.to(1000)
  playout.add('a', sound(500))
  const sent = sentMs(frames.filter(({ at }) => at === 1000))
  assert.ok(sent <= LEAD_MS, `${sent} ms at once`)
})

test('no empty and no odd-sized frame is sent, and the rest of a reply may be short', async () => {
  const { clock, frames, playout } = playing()
  playout.add('a', new Uint8Array(0))
  playout.add('a', sound(50).subarray(0, 48 * 50))
  playout.complete('a')
  await clock.to(1000)
  assert.deepEqual(
    frames.map(({ bytes }) => bytes),
    [960, 960, 480],
  )
})

test('the wheel stands still when nobody has sound waiting', async () => {
  const { clock, playout } = playing()
  playout.add('a', sound(300))
  playout.complete('a')
  await clock.to(1000)
  assert.equal(clock.pending, 0)
  playout.add('b', sound(300))
  playout.cancel('b')
  assert.equal(clock.pending, 0)
})

// Sound of a telephone line as it really comes: with gaps, out of order, twice, in bursts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Inbound } from '../../dist/phone/inbound.js'

const MU_LAW_SILENCE = 0xff

function listening(encoding: 'audio/pcmu' | 'audio/pcma' = 'audio/pcmu') {
  const tally = { silenceFilledMs: 0, soundDroppedMs: 0, marksLost: 0 }
  const heard: number[] = []
  let now = 1_000_000
  const inbound = new Inbound(encoding, { now: () => now, hear: (bytes) => void heard.push(...bytes), tally })
  return {
    tally,
    heard,
    /** A piece that is `ms` long, of one byte, `after` the one before. */
    say(at: number, byte: number, ms = 20, after = 20) {
      now += after
      const bytes = new Uint8Array(ms * 8).fill(byte)
      inbound.push(bytes, at)
      // whoever keeps the bytes must have copied them
      bytes.fill(0)
    },
    /** What was heard: every byte with how many ms of it. */
    runs() {
      const runs: [number, number][] = []
      for (const byte of heard) {
        const last = runs.at(-1)
        if (last?.[0] === byte) last[1] += 1 / 8
        else runs.push([byte, 1 / 8])
      }
      return runs
    },
  }
}

test('what comes in order is heard at once, whatever the size of its pieces', () => {
  const line = listening()
  line.say(0, 1)
  assert.deepEqual(line.runs(), [[1, 20]])
  line.say(20, 2, 5)
  line.say(25, 3, 1)
  line.say(26, 4, 400)
  line.say(426, 5)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [2, 5],
    [3, 1],
    [4, 400],
    [5, 20],
  ])
  assert.deepEqual(line.tally, { silenceFilledMs: 0, soundDroppedMs: 0, marksLost: 0 })
})

test('a stream may begin at any time', () => {
  const line = listening()
  line.say(86, 1)
  line.say(106, 2)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [2, 20],
  ])
})

test('what was lost on the way is silence of the same length', () => {
  const line = listening()
  for (const at of [0, 20, 40]) line.say(at, 1)
  for (const at of [100, 120, 140]) line.say(at, 2, 20, at === 100 ? 60 : 20)
  assert.deepEqual(line.runs(), [
    [1, 60],
    [MU_LAW_SILENCE, 40],
    [2, 60],
  ])
  assert.equal(line.tally.silenceFilledMs, 40)
})

test('silence is that of the encoding', () => {
  const line = listening('audio/pcma')
  line.say(0, 1)
  line.say(60, 2, 60, 60)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [0xd5, 40],
    [2, 60],
  ])
})

test('pieces that overtook each other are put in order', () => {
  const line = listening()
  line.say(0, 1)
  line.say(40, 3)
  line.say(20, 2)
  line.say(80, 5)
  line.say(60, 4)
  line.say(100, 6)
  assert.deepEqual(
    line.runs().map(([byte]) => byte),
    [1, 2, 3, 4, 5, 6],
  )
  assert.deepEqual(line.tally, { silenceFilledMs: 0, soundDroppedMs: 0, marksLost: 0 })
})

test('however far they overtook each other within a moment', () => {
  const line = listening()
  line.say(0, 1)
  line.say(60, 4)
  line.say(40, 3)
  line.say(40, 9)
  line.say(20, 2)
  line.say(80, 5)
  assert.deepEqual(
    line.runs().map(([byte]) => byte),
    [1, 2, 3, 4, 5],
  )
  assert.equal(line.tally.soundDroppedMs, 20)
})

test('a piece that waited is left out when a longer one has taken its place', () => {
  const line = listening()
  line.say(0, 1)
  line.say(60, 9, 10)
  line.say(40, 3, 40)
  line.say(20, 2)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [2, 20],
    [3, 40],
  ])
  assert.equal(line.tally.soundDroppedMs, 10)
})

test('pieces that come twice now and then are left out however long the call is', () => {
  const line = listening()
  for (let at = 0; at < 40_000; at += 20) {
    line.say(at, 1)
    if (at % 12_000 === 0) line.say(at, 9, 20, 0)
  }
  assert.deepEqual(line.runs(), [[1, 40_000]])
})

test('a piece that is not waited for any more is left out, and so is one that comes twice', () => {
  const line = listening()
  line.say(0, 1)
  for (const at of [40, 60, 80]) line.say(at, 3)
  line.say(20, 2)
  line.say(80, 9)
  line.say(100, 4)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [MU_LAW_SILENCE, 20],
    [3, 60],
    [4, 20],
  ])
  assert.equal(line.tally.soundDroppedMs, 40)
})

test('of a piece that overlaps with what was heard, the rest is heard', () => {
  const line = listening()
  line.say(0, 1, 60)
  line.say(40, 2, 60)
  assert.deepEqual(line.runs(), [
    [1, 60],
    [2, 40],
  ])
})

test('a long gap becomes as much silence as speech needs to end, and no more', () => {
  const line = listening()
  line.say(0, 1)
  line.say(30_020, 2, 60, 30_020)
  assert.deepEqual(line.runs(), [
    [1, 20],
    [MU_LAW_SILENCE, 2_000],
    [2, 60],
  ])
})

test('what a stall of more than two seconds held up is left out; after it everything is as before', () => {
  const line = listening()
  for (let at = 0; at < 1_000; at += 20) line.say(at, 1)
  // five seconds of nothing, then all of them in a moment
  for (let at = 1_000; at < 6_000; at += 20) line.say(at, 2, 20, at === 1_000 ? 5_000 : 0)
  for (let at = 6_000; at < 7_000; at += 20) line.say(at, 3)
  const runs = line.runs()
  assert.deepEqual(
    runs.map(([byte]) => byte),
    [1, MU_LAW_SILENCE, 2, 3],
  )
  const held = runs[2]![1]
  assert.ok(held >= 1_900 && held <= 2_020, `${held} ms of what was held up`)
  assert.equal(runs[3]![1], 1_000)
  assert.ok(line.tally.soundDroppedMs >= 2_900, `${line.tally.soundDroppedMs} ms`)
})

test('a stream that began late is held to the times of its prompt pieces', () => {
  const line = listening()
  // the first piece was held up by a second and a half, as those behind it were
  for (let at = 0; at < 1_500; at += 20) line.say(at, 1, 20, 0)
  for (let at = 1_500; at < 2_500; at += 20) line.say(at, 1)
  for (let at = 2_500; at < 5_500; at += 20) line.say(at, 2, 20, at === 2_500 ? 3_000 : 0)
  assert.ok(line.tally.soundDroppedMs >= 900, `${line.tally.soundDroppedMs} ms`)
})

test('a stall of less than two seconds loses nothing', () => {
  const line = listening()
  for (let at = 0; at < 1_000; at += 20) line.say(at, 1)
  for (let at = 1_000; at < 2_900; at += 20) line.say(at, 2, 20, at === 1_000 ? 1_900 : 0)
  assert.deepEqual(line.runs(), [
    [1, 1_000],
    [2, 1_900],
  ])
})

test('a stream whose times begin anew is followed after a while', () => {
  const line = listening()
  for (let at = 50_000; at < 51_000; at += 20) line.say(at, 1)
  for (let at = 0; at < 12_000; at += 20) line.say(at, 2)
  const runs = line.runs()
  assert.deepEqual(
    runs.map(([byte]) => byte),
    [1, 2],
  )
  assert.ok(runs[1]![1] >= 1_900, `${runs[1]![1]} ms`)
})

test('times that run faster than the clock do not turn into endless silence', () => {
  const line = listening()
  // as if they counted samples
  for (let piece = 0; piece < 500; piece++) line.say(piece * 160, 1)
  const sound = line.heard.filter((byte) => byte === 1).length / 8
  assert.ok(sound >= 9_900, `${sound} ms of sound`)
  assert.ok(line.tally.silenceFilledMs <= 1_200, `${line.tally.silenceFilledMs} ms of silence`)
})

test('whatever is lost and however pieces overtake each other, what is heard is in order and in time', () => {
  const frame = fc.record({ lost: fc.integer({ min: 0, max: 9 }), delay: fc.integer({ min: 0, max: 2 }) })
  fc.assert(
    fc.property(fc.array(frame, { minLength: 10, maxLength: 120 }), (frames) => {
      const line = listening()
      const arriving = frames
        .map(({ lost, delay }, index) => ({
          index,
          isLost: lost === 0 && index > 0,
          arrives: index + (index > 0 ? delay : 0),
        }))
        .filter(({ isLost }) => !isLost)
        .sort((one, other) => one.arrives - other.arrives)
      let slot = 0
      for (const { index, arrives } of arriving) {
        line.say(index * 20, (index % 200) + 1, 20, (arrives - slot) * 20)
        slot = arrives
      }
      const order = line.runs().flatMap(([byte]) => (byte === MU_LAW_SILENCE ? [] : [byte]))
      assert.deepEqual(
        order,
        [...order].sort((one, other) => one - other),
      )
      assert.ok(line.heard.length / 8 <= frames.length * 20 + 20)
      for (const [index, byte] of line.heard.entries())
        if (byte !== MU_LAW_SILENCE) assert.equal(byte, (Math.floor(index / 160) % 200) + 1)
    }),
    { numRuns: 300 },
  )
})

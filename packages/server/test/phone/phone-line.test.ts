// Sound on its way to a caller: what is marked, what a mark says that comes back, what an interruption takes back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MARK_EVERY_MS, PhoneLine } from '../../dist/phone/phone-line.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { PacingWheel, Playout } from '../../dist/session/playout.js'

type Sent =
  | { readonly is: 'sound'; readonly ms: number }
  | { readonly is: 'mark'; readonly name: string }
  | { readonly is: 'clear' }

/** A line whose sound is paced as that of a session is. */
function line() {
  const clock = new VirtualClock()
  const sent: (Sent & { at: number })[] = []
  let lost = 0
  const phone = new PhoneLine({
    stream: {
      sound: (_bytes, start, end) => JSON.stringify({ is: 'sound', ms: (end - start) / 8 }),
      mark: (name) => JSON.stringify({ is: 'mark', name }),
      clear: () => JSON.stringify({ is: 'clear' }),
    },
    write: (message) => void sent.push({ ...(JSON.parse(message) as Sent), at: clock.now() }),
    close() {},
    failed() {},
    marksLost: (count) => {
      lost += count
    },
  })
  const playout = new Playout(clock, new PacingWheel(clock), 8, phone.sendFrame)
  return {
    clock,
    sent,
    phone,
    playout,
    lost: () => lost,
    marks: () => sent.flatMap((message) => (message.is === 'mark' ? [message.name] : [])),
    clears: () => sent.filter(({ is }) => is === 'clear').length,
    /** How much sound there was before each mark since the one before it. */
    distances: () => {
      const distances: number[] = []
      let ms = 0
      for (const message of sent)
        if (message.is === 'sound') ms += message.ms
        else if (message.is === 'mark') {
          distances.push(ms)
          ms = 0
        }
      return { distances, unmarked: ms }
    },
  }
}

const sound = (ms: number) => new Uint8Array(ms * 8).fill(1)

test('there is a mark after every 100 ms of sound, and at the end of a reply', async () => {
  const { clock, playout, distances, phone, marks } = line()
  playout.add('resp_1', sound(1_230))
  playout.complete('resp_1')
  await clock.to(3_000)
  assert.deepEqual(distances(), { distances: [...Array(12).fill(MARK_EVERY_MS), 30], unmarked: 0 })
  const offsets = marks().map((name) => phone.reached(name)?.offset)
  assert.deepEqual(offsets, [...Array.from({ length: 12 }, (_, index) => (index + 1) * 100), 1_230])
})

test('whenever nothing more waits, what was sent is marked: so the end of a clause is', async () => {
  const { clock, playout, distances } = line()
  playout.add('resp_1', sound(250))
  await clock.to(2_000)
  assert.deepEqual(distances(), { distances: [100, 100, 40], unmarked: 0 })
  playout.add('resp_1', sound(70))
  playout.complete('resp_1')
  await clock.to(3_000)
  assert.deepEqual(distances(), { distances: [100, 100, 40, 80], unmarked: 0 })
})

test('a reply that is over is marked to its last sample, though it ends in the middle of a frame', async () => {
  const { clock, playout, phone, marks } = line()
  playout.add('resp_1', sound(107))
  playout.finish('resp_1')
  await clock.to(1_000)
  assert.deepEqual(phone.reached(marks().at(-1)!), { reply: 'resp_1', offset: 107 })
})

test('what leaves at the end of a reply all at once has one mark for its end', () => {
  const { playout, distances } = line()
  playout.add('resp_1', sound(247))
  playout.finish('resp_1')
  assert.deepEqual(distances(), { distances: [100, 100, 47], unmarked: 0 })
})

test('the offset of a mark counts from the beginning of its own reply', async () => {
  const { clock, playout, phone, marks } = line()
  playout.add('resp_1', sound(300))
  playout.finish('resp_1')
  playout.add('resp_2', sound(20))
  playout.finish('resp_2')
  await clock.to(1_000)
  assert.deepEqual(phone.reached(marks().at(-1)!), { reply: 'resp_2', offset: 20 })
})

test('an interruption throws away what the carrier has, and its marks count for nothing when they come back', async () => {
  const { clock, playout, phone, marks, clears } = line()
  playout.add('resp_1', sound(2_000))
  await clock.to(500)
  const [first, ...others] = marks()
  assert.deepEqual(phone.reached(first!), { reply: 'resp_1', offset: 100 })
  playout.cancel('resp_1')
  phone.cancel('resp_1')
  assert.equal(clears(), 1)
  assert.ok(others.length >= 4)
  for (const mark of others) assert.equal(phone.reached(mark), undefined)
  playout.add('resp_2', sound(100))
  playout.finish('resp_2')
  await clock.to(1_000)
  assert.deepEqual(phone.reached(marks().at(-1)!), { reply: 'resp_2', offset: 100 })
})

test('the same reply at the same place after an interruption is another mark', () => {
  const { phone, marks } = line()
  for (const round of [1, 2]) {
    phone.sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
    if (round === 1) phone.cancel('resp_1')
  }
  const [before, after] = marks()
  assert.notEqual(before, after)
  assert.equal(phone.reached(before!), undefined)
  assert.deepEqual(phone.reached(after!), { reply: 'resp_1', offset: 20 })
})

test('the carrier is told to throw away only what it may still have', async () => {
  const { clock, playout, phone, marks, clears } = line()
  phone.cancel('resp_1')
  assert.equal(clears(), 0, 'nothing was sent')
  playout.add('resp_1', sound(200))
  playout.finish('resp_1')
  await clock.to(1_000)
  for (const mark of marks()) phone.reached(mark)
  phone.cancel('resp_1')
  assert.equal(clears(), 0, 'all was played')
  phone.sendFrame('resp_2', Buffer.alloc(160), 0, 160, false)
  phone.cancel('resp_1')
  assert.equal(clears(), 0, 'another reply')
  phone.cancel('resp_2')
  assert.equal(clears(), 1, 'a frame that is not marked yet')
  phone.sendFrame('resp_3', Buffer.alloc(160), 0, 160, true)
  phone.cancel('resp_3')
  assert.equal(clears(), 2, 'a frame whose mark is not back yet')
})

test('a mark counts once, and one that nobody set counts for nothing', () => {
  const { phone, marks } = line()
  phone.sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
  assert.equal(phone.reached('resp_1/5000/0'), undefined)
  assert.deepEqual(phone.reached(marks()[0]!), { reply: 'resp_1', offset: 20 })
  assert.equal(phone.reached(marks()[0]!), undefined)
})

test('marks that are passed over are counted as lost', () => {
  const { phone, marks, lost } = line()
  for (let frame = 0; frame < 5; frame++) phone.sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
  assert.deepEqual(phone.reached(marks()[3]!), { reply: 'resp_1', offset: 80 })
  assert.equal(lost(), 3)
  assert.equal(phone.reached(marks()[1]!), undefined)
  assert.deepEqual(phone.reached(marks()[4]!), { reply: 'resp_1', offset: 100 })
  assert.equal(lost(), 3)
})

test('a carrier that never sends a mark back does not fill the memory', () => {
  const { phone, marks, lost } = line()
  for (let frame = 0; frame < 1_500; frame++) phone.sendFrame('resp_1', Buffer.alloc(160), 0, 160, true)
  assert.equal(lost(), 500)
  assert.equal(phone.reached(marks()[499]!), undefined)
  assert.deepEqual(phone.reached(marks()[500]!), { reply: 'resp_1', offset: 501 * 20 })
})

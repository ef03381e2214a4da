// The pace of a microphone that plays recordings, in virtual time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Microphone } from '../../dist/cli/talk/microphone.js'
import { VirtualClock } from '../../dist/session/clock.js'

const RATE_HZ = 24_000
const FRAME = 480

function opened() {
  const clock = new VirtualClock()
  const frames: { readonly at: number; readonly samples: Int16Array }[] = []
  const microphone = new Microphone(clock, RATE_HZ, (samples) => frames.push({ at: clock.now(), samples }))
  microphone.open()
  return { clock, frames, microphone }
}

test('silence is sent in real time, a frame every 20 ms', async () => {
  const { clock, frames } = opened()
  await clock.to(1000)
  assert.deepEqual(
    frames.map(({ at }) => at),
    Array.from({ length: 50 }, (_, index) => (index + 1) * 20),
  )
  assert.ok(frames.every(({ samples }) => samples.length === FRAME && samples.every((sample) => sample === 0)))
})

test('a recording goes out sample by sample, with silence after it', async () => {
  const { clock, frames, microphone } = opened()
  const recording = Int16Array.from({ length: FRAME + 100 }, (_, index) => index + 1)
  const saying = microphone.say(recording)
  await clock.to(60)
  const sent = frames.flatMap(({ samples }) => [...samples])
  assert.deepEqual(sent.slice(0, recording.length), [...recording])
  assert.ok(sent.slice(recording.length).every((sample) => sample === 0))
  assert.deepEqual(await saying, { startedAt: 0 })
})

test('what is said begins when its first sample would have been picked up', async () => {
  const { clock, microphone } = opened()
  await clock.to(90)
  const saying = microphone.say(new Int16Array(FRAME).fill(1))
  await clock.to(200)
  assert.deepEqual(await saying, { startedAt: 80 })
})

test('pieces that wait for each other follow without a gap, also inside a frame', async () => {
  const { clock, frames, microphone } = opened()
  const first = microphone.say(new Int16Array(100).fill(1))
  const second = microphone.say(new Int16Array(FRAME).fill(2))
  await clock.to(40)
  const sent = frames.flatMap(({ samples }) => [...samples])
  assert.deepEqual([sent.indexOf(2), sent.lastIndexOf(2)], [100, 100 + FRAME - 1])
  assert.equal((await first).startedAt, 0)
  assert.equal((await second).startedAt, (100 / RATE_HZ) * 1000)
})

test('a closed microphone is silent, and nobody waits for what it did not say', async () => {
  const { clock, frames, microphone } = opened()
  const saying = microphone.say(new Int16Array(RATE_HZ))
  await clock.to(100)
  microphone.close()
  await saying
  await microphone.say(new Int16Array(FRAME))
  await clock.to(500)
  assert.equal(frames.length, 5)
  assert.equal(clock.pending, 0)
})

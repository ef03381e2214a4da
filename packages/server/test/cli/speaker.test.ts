// What would be heard of the sound that comes in, in virtual time.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silence } from '../../dist/audio/pcm.js'
import { Speaker } from '../../dist/cli/talk/speaker.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { sequence, tone } from './sounds.js'

const RATE_HZ = 8000
const ms = (samples: number) => (samples / RATE_HZ) * 1000

test('sound that comes early is played after what came before it', async () => {
  const clock = new VirtualClock()
  const speaker = new Speaker(clock, RATE_HZ)
  await clock.to(100)
  speaker.play(tone(50, RATE_HZ), 'resp_1')
  speaker.play(tone(50, RATE_HZ), 'resp_1')
  assert.equal(speaker.silentAt, 200)
  assert.equal(ms(speaker.recording().length), 200)
  assert.equal(
    speaker.recording().findIndex((sample) => sample !== 0),
    800,
  )
})

test('the recording keeps the pauses between replies', async () => {
  const clock = new VirtualClock()
  const speaker = new Speaker(clock, RATE_HZ)
  speaker.play(tone(100, RATE_HZ), 'resp_1')
  await clock.to(1000)
  speaker.play(tone(100, RATE_HZ), 'resp_1')
  const recording = speaker.recording()
  assert.equal(ms(recording.length), 1100)
  assert.ok(recording.subarray(800, 8000).every((sample) => sample === 0))
})

test('what was hushed is not heard, and the next sound does not wait for it', async () => {
  const clock = new VirtualClock()
  const speaker = new Speaker(clock, RATE_HZ)
  speaker.play(tone(500, RATE_HZ), 'resp_1')
  await clock.to(120)
  speaker.hush()
  assert.equal(speaker.silentAt, 120)
  await clock.to(200)
  speaker.play(tone(100, RATE_HZ), 'resp_1')
  assert.equal(ms(speaker.recording().length), 300)
})

test('the silence that a reply begins with is not yet heard', async () => {
  const clock = new VirtualClock()
  const speaker = new Speaker(clock, RATE_HZ)
  await clock.to(100)
  speaker.play(sequence(silence(250, RATE_HZ), tone(100, RATE_HZ)), 'resp_1')
  assert.equal(speaker.firstHeardAt(['resp_1']), 350)
})

test('a reply is first heard where its own sound begins, not in the tail of the one before', async () => {
  const clock = new VirtualClock()
  const speaker = new Speaker(clock, RATE_HZ)
  speaker.play(tone(500, RATE_HZ), 'resp_1')
  await clock.to(400)
  assert.equal(speaker.firstHeardAt(['resp_2']), undefined)
  speaker.play(tone(100, RATE_HZ), 'resp_2')
  assert.equal(speaker.firstHeardAt(['resp_2']), 500)
  assert.equal(speaker.firstHeardAt(['resp_1', 'resp_2']), 0)
})

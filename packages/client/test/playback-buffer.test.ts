// The buffer that the speaker plays from: order, silence, flushing, and how far a reply has been played.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlaybackBuffer, type PlaybackReport } from '../dist/playback-buffer.js'

const RATE_HZ = 24_000
const ms = (count: number) => (count * RATE_HZ) / 1000
const constant = (value: number, lengthMs: number) => new Int16Array(ms(lengthMs)).fill(value * 0x8000)

/** A buffer whose blocks are as long as a test asks, and all that it reported. */
function player(outputRateHz = RATE_HZ) {
  const buffer = new PlaybackBuffer({ sourceRateHz: RATE_HZ, outputRateHz })
  const reports: PlaybackReport[] = []
  const play = (lengthMs: number) => {
    const block = new Float32Array((lengthMs * outputRateHz) / 1000)
    buffer.pull(block, (report) => reports.push(report))
    return block
  }
  return { buffer, play, reports }
}

test('what was put in first is played first, and silence follows', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.25, 10))
  buffer.push('a', constant(0.5, 10))
  buffer.finish('a')
  assert.deepEqual(play(10), new Float32Array(ms(10)).fill(0.25))
  assert.deepEqual(play(10), new Float32Array(ms(10)).fill(0.5))
  assert.ok(
    play(20)
      .subarray(ms(5))
      .every((sample) => sample === 0),
  )
})

test('sound that breaks off dies away within two milliseconds instead of clicking', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 10))
  play(10)
  const after = play(10)
  assert.ok(after[0]! > 0.4 && after[0]! < 0.5)
  assert.ok(after.subarray(ms(2)).every((sample) => Math.abs(sample) < 0.01))
})

test('a flush falls silent within 10 ms, smoothly, with ten seconds still waiting', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 10_000))
  play(100)
  buffer.flush()
  const after = play(20)
  for (let index = 1; index < after.length; index++) assert.ok(Math.abs(after[index]! - after[index - 1]!) < 0.01)
  assert.ok(after[0]! > 0.49)
  assert.ok(after.subarray(ms(10)).every((sample) => sample === 0))
  assert.equal(buffer.position, undefined)
})

test('a flush while nothing plays makes no sound', () => {
  const { buffer, play } = player()
  buffer.flush()
  assert.ok(play(20).every((sample) => sample === 0))
})

test('sound that ran dry makes no second noise when it is flushed', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 10))
  play(50)
  buffer.push('a', constant(0.5, 10))
  buffer.flush()
  assert.ok(play(20).every((sample) => sample === 0))
})

test('the next reply is heard whole after a flush', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 1000))
  play(20)
  buffer.flush()
  buffer.push('b', constant(0.75, 40))
  buffer.finish('b')
  const after = play(60)
  assert.equal(after.filter((sample) => sample === 0.75).length, ms(40))
})

test('nothing of a flushed reply leaks into the next', () => {
  const { buffer, play } = player(48_000)
  buffer.push('a', constant(0.5, 100))
  play(20)
  buffer.flush()
  play(10)
  buffer.push('b', constant(0, 20))
  buffer.finish('b')
  assert.ok(play(30).every((sample) => sample === 0))
})

test('the position is that of the reply being played, in its own time', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 100))
  buffer.push('b', constant(0.5, 100))
  play(30)
  assert.deepEqual(buffer.position, { reply: 'a', ms: 30 })
  play(90)
  assert.deepEqual(buffer.position, { reply: 'b', ms: 20 })
})

test('a reply that goes on after a flush keeps its own time: what was thrown away counts', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 100))
  play(30)
  buffer.flush()
  buffer.push('a', constant(0.5, 100))
  play(8)
  play(10)
  assert.deepEqual(buffer.position, { reply: 'a', ms: 110 })
})

test('a reply reports once when it can be heard, and once when it is over', () => {
  const { buffer, play, reports } = player()
  buffer.push('a', constant(0, 10))
  buffer.push('a', constant(0.5, 10))
  play(20)
  assert.deepEqual(reports, [{ type: 'audible', reply: 'a', index: ms(10) }])
  buffer.finish('a')
  play(20)
  play(20)
  assert.deepEqual(reports.slice(1), [{ type: 'finished', reply: 'a' }])
})

test('a reply that was flushed is not reported as played', () => {
  const { buffer, play, reports } = player()
  buffer.push('a', constant(0.5, 100))
  play(10)
  buffer.flush()
  buffer.finish('a')
  play(200)
  assert.deepEqual(
    reports.map(({ type }) => type),
    ['audible'],
  )
})

test('after running dry a little is gathered, so that there is one gap and not many', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 20))
  play(40)
  buffer.push('a', constant(0.5, 50))
  assert.ok(play(20).every((sample) => sample < 0.01))
  buffer.push('a', constant(0.5, 10))
  assert.ok(play(20).every((sample) => sample === 0.5))
})

test('the last words of a reply are not held back for more', () => {
  const { buffer, play } = player()
  buffer.push('a', constant(0.5, 20))
  play(40)
  buffer.push('a', constant(0.5, 20))
  buffer.finish('a')
  assert.ok(play(20).every((sample) => sample === 0.5))
})

test('an empty piece changes nothing', () => {
  const { buffer, play, reports } = player()
  buffer.push('a', new Int16Array(0))
  play(10)
  assert.equal(buffer.position, undefined)
  assert.deepEqual(reports, [])
})

test('a device at 44.1 kHz hears the same tone for the same time', () => {
  const { buffer, play, reports } = player(44_100)
  const tone = Int16Array.from(
    { length: ms(500) },
    (_, index) => 16_384 * Math.sin((2 * Math.PI * 400 * index) / RATE_HZ),
  )
  for (let at = 0; at < tone.length; at += ms(20)) buffer.push('a', tone.subarray(at, at + ms(20)))
  buffer.finish('a')
  const block = play(500)
  const expected = block.map((_, index) => 0.5 * Math.sin((2 * Math.PI * 400 * index) / 44_100))
  const worst = block.reduce(
    (most, sample, index) => Math.max(most, index < 100 ? 0 : Math.abs(sample - expected[index]!)),
    0,
  )
  // The very end is where the tone breaks off.
  assert.ok(worst < 0.05, `off by ${worst}`)
  play(10)
  assert.equal(reports.at(-1)?.type, 'finished')
})

test('more than a minute of waiting sound is left out, and what is there plays on', () => {
  const { buffer, play } = player()
  for (let second = 0; second < 70; second++) buffer.push('a', constant(0.5, 1000))
  buffer.finish('a')
  const sounding = play(70_000).filter((sample) => sample === 0.5).length
  assert.equal(sounding, ms(60_000))
})

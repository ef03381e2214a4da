// Resampling measured with tones: what is kept, what is kept out, and that pieces make no difference.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameCutter } from '../dist/frame-cutter.js'
import { Resampler } from '../dist/resampler.js'

const tone = (hz: number, rateHz: number, seconds = 0.5) =>
  Float32Array.from({ length: rateHz * seconds }, (_, index) => 0.5 * Math.sin((2 * Math.PI * hz * index) / rateHz))

const resampled = (input: Float32Array, from: number, to: number, pieceLength = 128) => {
  const resampler = new Resampler(from, to)
  const output: number[] = []
  for (let at = 0; at < input.length; at += pieceLength)
    output.push(...resampler.process(input.subarray(at, at + pieceLength)))
  output.push(...resampler.finish())
  return Float32Array.from(output)
}

/** Loudest difference, leaving out the edges where the tone begins and ends. */
const worst = (a: Float32Array, b: Float32Array) =>
  a.slice(500, -500).reduce((most, sample, index) => Math.max(most, Math.abs(sample - b[index + 500]!)), 0)

for (const [from, to] of [
  [48_000, 24_000],
  [44_100, 24_000],
  [16_000, 24_000],
  [24_000, 48_000],
  [24_000, 44_100],
  [8_000, 48_000],
] as const) {
  test(`a voice keeps its pitch, level and place from ${from} to ${to} Hz`, () => {
    for (const hz of [200, 1000, 3000]) {
      const output = resampled(tone(hz, from), from, to)
      assert.ok(Math.abs(output.length - to / 2) <= 1, `${output.length} samples of half a second`)
      assert.ok(worst(output, tone(hz, to)) < 0.001, `${hz} Hz is off by ${worst(output, tone(hz, to))}`)
    }
  })
}

test('what the lower rate cannot hold is kept out, not mirrored back as a whistle', () => {
  const output = resampled(tone(15_000, 48_000), 48_000, 24_000).slice(500, -500)
  const loudest = Math.max(...output.map(Math.abs))
  assert.ok(loudest < 0.0001, `left over: ${20 * Math.log10(loudest / 0.5)} dB`)
})

test('sound in pieces of any length comes out the same', () => {
  const input = tone(440, 44_100)
  const whole = resampled(input, 44_100, 24_000, input.length)
  for (const pieceLength of [1, 128, 997]) assert.deepEqual(resampled(input, 44_100, 24_000, pieceLength), whole)
})

test('at the same rate the sound is left as it is', () => {
  const input = tone(440, 24_000)
  assert.deepEqual(resampled(input, 24_000, 24_000), input)
})

test('frames have one length, and samples beyond full scale are held at it', () => {
  const cutter = new FrameCutter(4)
  const frames: Int16Array[] = []
  cutter.push(Float32Array.of(0, 0.5, -0.5), (frame) => frames.push(frame))
  assert.equal(frames.length, 0)
  cutter.push(Float32Array.of(1.7, -1.7, 1, -1), (frame) => frames.push(frame))
  cutter.push(Float32Array.of(0), (frame) => frames.push(frame))
  assert.deepEqual(frames, [Int16Array.of(0, 16_384, -16_384, 32_767), Int16Array.of(-32_768, 32_767, -32_768, 0)])
})

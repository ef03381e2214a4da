import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Resampler } from '../../dist/audio/resample.js'
import { cut } from './cut.js'
import { decibels, fitTone, tone } from './tone.js'

const rates = [8000, 16_000, 22_050, 24_000, 44_100, 48_000]
const pairs = rates.flatMap((from) => rates.filter((to) => to !== from).map((to) => [from, to] as const))

function resampled(samples: Int16Array, from: number, to: number, lengths = [samples.length]): Int16Array {
  const resampler = new Resampler(from, to)
  const pieces = cut(samples, lengths).map((piece) => resampler.process(piece))
  return Int16Array.from([...pieces, resampler.flush()].flatMap((piece) => [...piece]))
}

/** Without the first and last 20 ms, where the filter meets silence. */
const middle = (samples: Int16Array, rate: number) => samples.subarray(rate / 50, samples.length - rate / 50)

for (const [from, to] of pairs) {
  const lower = Math.min(from, to)

  test(`${from} to ${to} Hz: a tone stays itself, in place and at its level`, () => {
    for (const [hz, snr, loss] of [
      [997, 85, 0.01],
      [0.85 * (lower / 2), 75, 1.5],
    ] as const) {
      const output = middle(resampled(tone(hz, from, from / 2), from, to), to)
      const { level, rest } = fitTone(output, hz, to)
      assert.ok(decibels(level / rest) > snr, `${hz} Hz: signal to noise ${decibels(level / rest).toFixed(1)} dB`)
      assert.ok(Math.abs(decibels(level / 0.5)) < loss, `${hz} Hz: level ${decibels(level / 0.5).toFixed(2)} dB`)
    }
    const ideal = middle(tone(1000, to, to / 2), to)
    const shift = middle(resampled(tone(1000, from, from / 2), from, to), to).map((x, i) => x - ideal[i]!)
    assert.ok(Math.max(...shift.map(Math.abs)) <= 3, 'the tone moved')
  })

  test(`${from} to ${to} Hz: n samples become n * ${to} / ${from}, rounded up`, () => {
    for (const length of [0, 1, 2, 7, 333, 1200, 4097])
      assert.equal(resampled(new Int16Array(length), from, to).length, Math.ceil((length * to) / from))
  })
}

for (const [from, to] of pairs.filter(([from, to]) => from > to)) {
  test(`${from} to ${to} Hz: what lies above the lower rate's range does not fold back`, () => {
    for (const factor of [1.07, 1.25, 1.6]) {
      const hz = (factor * to) / 2
      if (hz >= from / 2) continue
      const output = middle(resampled(tone(hz, from, from / 2, 0.9), from, to), to)
      const loudest = Math.max(...output.map(Math.abs)) / (0.9 * 32_767)
      assert.ok(decibels(loudest) < -80, `${hz} Hz comes through at ${decibels(loudest).toFixed(1)} dB`)
    }
  })
}

test('how the sound is cut makes no difference to the bit', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs),
      fc.int16Array({ maxLength: 900 }),
      fc.array(fc.nat(300), { minLength: 1, maxLength: 8 }),
      ([from, to], samples, lengths) => {
        assert.deepEqual(resampled(samples, from, to, lengths), resampled(samples, from, to))
      },
    ),
    { numRuns: 200 },
  )
})

test('how much comes out is known before, and can be written into a given array', () => {
  const resampler = new Resampler(44_100, 16_000)
  for (const length of [10, 200, 0, 1, 441, 882]) {
    const output = new Int16Array(resampler.lengthAfter(length))
    assert.equal(resampler.process(tone(500, 44_100, length), output), output)
  }
  assert.equal(new Resampler(24_000, 16_000).lengthAfter(24_000), 16_000 - 20)
})

test('equal rates cost nothing: the same array comes back', () => {
  const resampler = new Resampler(16_000, 16_000)
  const samples = tone(440, 16_000, 320)
  assert.equal(resampler.process(samples), samples)
  assert.equal(resampler.delayMs, 0)
  assert.equal(resampler.lengthAfter(320), 320)
  assert.equal(resampler.flush().length, 0)
})

test('sound is held back no longer than the delay that is told', () => {
  for (const [from, to] of pairs) {
    const resampler = new Resampler(from, to)
    const out = resampler.process(new Int16Array(from)).length
    const heldMs = 1000 - (out / to) * 1000
    assert.ok(heldMs < resampler.delayMs + 1e-9 && heldMs > resampler.delayMs - 1, `${from} to ${to}: ${heldMs} ms`)
    assert.ok(resampler.delayMs <= 3)
  }
})

test('after a flush a new stream begins as if nothing had been before', () => {
  const resampler = new Resampler(24_000, 16_000)
  const first = tone(700, 24_000, 1000)
  const before = [...resampler.process(first), ...resampler.flush()]
  assert.deepEqual([...resampler.process(first), ...resampler.flush()], before)
})

test('the loudest sound does not wrap around', () => {
  const square = Int16Array.from({ length: 2400 }, (_, i) => (i % 48 < 24 ? 32_767 : -32_768))
  const output = resampled(square, 24_000, 16_000)
  for (let i = 100; i < output.length - 100; i++)
    if (i % 32 >= 2 && i % 32 <= 13) assert.ok(output[i]! > 25_000, `sample ${i} is ${output[i]}`)
})

test('rates that make no sense are refused', () => {
  assert.throws(() => new Resampler(0, 16_000), /whole numbers above 0/)
  assert.throws(() => new Resampler(16_000, 8000.5), /whole numbers above 0/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  amplify,
  bytesOf,
  fromFloat32,
  gainOf,
  PcmBytes,
  rms,
  samplesOf,
  saturated,
  silence,
  toFloat32,
} from '../../dist/audio/pcm.js'
import { cut } from './cut.js'

test('bytes are little-endian samples, wherever they begin', () => {
  const bytes = new Uint8Array([0xff, 0x01, 0x02, 0xfe, 0xff, 0x07])
  assert.deepEqual(samplesOf(bytes), new Int16Array([0x01ff, -0x1fe, 0x07ff]))
  assert.deepEqual(samplesOf(bytes.subarray(1)), new Int16Array([0x0201, -2]))
  assert.deepEqual(samplesOf(Buffer.from(bytes.buffer).subarray(1)), new Int16Array([0x0201, -2]))
  assert.deepEqual(bytesOf(new Int16Array([0x01ff, -2])), new Uint8Array([0xff, 0x01, 0xfe, 0xff]))
})

test('an odd byte waits for the next piece, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat(5), { minLength: 1 }), (bytes, lengths) => {
      const carry = new PcmBytes()
      const samples = cut(bytes, lengths).flatMap((piece) => [...carry.push(piece)])
      assert.deepEqual(samples, [...samplesOf(bytes.slice())])
    }),
  )
})

test('volume 100 and no volume leave sound as it is, 50 halves it, 0 silences it', () => {
  const samples = new Int16Array([1000, -1001, 32_767, -32_768])
  assert.deepEqual(amplify(samples, gainOf(null)), samples)
  assert.deepEqual(amplify(samples, gainOf(100)), samples)
  assert.deepEqual(amplify(samples, gainOf(50)), new Int16Array([500, -501, 16_384, -16_384]))
  assert.deepEqual(amplify(samples, gainOf(0)), new Int16Array(4))
})

test('what is too loud for 16 bits is held at the edge', () => {
  const samples = new Int16Array([20_000, -20_000, 100])
  assert.equal(amplify(samples, 2, samples), samples)
  assert.deepEqual(samples, new Int16Array([32_767, -32_768, 200]))
})

test('a value becomes the nearest sample', () => {
  for (const [value, sample] of [
    [0.49, 0],
    [0.5, 1],
    [-0.5, -1],
    [32_766.4, 32_766],
    [32_766.5, 32_767],
    [1e9, 32_767],
    [-32_767.4, -32_767],
    [-32_767.5, -32_768],
    [-1e12, -32_768],
  ] as const)
    assert.equal(saturated(value), sample)
})

test('loudness is that of full scale', () => {
  assert.equal(rms(new Int16Array(0)), 0)
  assert.equal(rms(new Int16Array([16_384, -16_384])), 0.5)
  const tone = Int16Array.from({ length: 8000 }, (_, i) => 32_767 * Math.sin((2 * Math.PI * 100 * i) / 8000))
  assert.ok(Math.abs(rms(tone) - Math.SQRT1_2) < 1e-3)
})

test('samples survive the way through floats, and floats beyond 1 are held', () => {
  const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768)
  assert.deepEqual(fromFloat32(toFloat32(everySample)), everySample)
  assert.deepEqual(fromFloat32(new Float32Array([1, -1, 7, -7])), new Int16Array([32_767, -32_768, 32_767, -32_768]))
  assert.deepEqual(toFloat32(new Int16Array([-32_768, 16_384])), new Float32Array([-1, 0.5]))
})

test('silence is as long as asked', () => {
  assert.deepEqual(silence(2.5, 8000), new Int16Array(20))
})

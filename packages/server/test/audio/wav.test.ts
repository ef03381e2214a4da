import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readWav, WavError, writeWav } from '../../dist/audio/wav.js'

const samples = new Int16Array([0, 1, -1, 32_767, -32_768, 513])
const plain = writeWav({ sampleRateHz: 22_050, samples })

const bytes = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  )
const format = (encoding: number, channels: number, rate: number, bits: number) => [
  ...[encoding, 0, channels, 0, rate & 255, (rate >> 8) & 255, rate >> 16, 0, 0, 0, 0, 0, 0, 0, bits, 0],
]
const riff = (...chunks: (string | number[] | Uint8Array)[]) => bytes('RIFF', [0, 0, 0, 0], 'WAVE', ...chunks)

test('what is written can be read', () => {
  assert.deepEqual(readWav(plain), { sampleRateHz: 22_050, samples })
  // whoever reads a file gets a buffer out of a larger one
  const inside = new Uint8Array(plain.length + 3)
  inside.set(plain, 3)
  assert.deepEqual(readWav(inside.subarray(3)), { sampleRateHz: 22_050, samples })
})

test('the header says what other programs look for', () => {
  const view = new DataView(plain.buffer)
  assert.equal(plain.length, 44 + 12)
  assert.equal(view.getUint32(4, true), plain.length - 8)
  assert.equal(view.getUint32(28, true), 44_100, 'bytes per second')
  assert.equal(view.getUint16(32, true), 2, 'bytes per frame')
  assert.equal(view.getUint32(40, true), 12)
})

test('two channels are mixed', () => {
  const file = riff(
    'fmt ',
    [16, 0, 0, 0],
    format(1, 2, 8000, 16),
    'data',
    [8, 0, 0, 0],
    [100, 0, 200, 0, 0, 128, 0, 128],
  )
  assert.deepEqual(readWav(file), { sampleRateHz: 8000, samples: new Int16Array([150, -32_768]) })
})

test('unknown chunks of odd length are passed over', () => {
  const list = bytes('LIST', [3, 0, 0, 0], 'abc', [0])
  const file = riff(list, 'fmt ', [16, 0, 0, 0], format(1, 1, 16_000, 16), list, 'data', [2, 0, 0, 0], [7, 0], list)
  assert.deepEqual(readWav(file), { sampleRateHz: 16_000, samples: new Int16Array([7]) })
})

test('the extensible form of PCM is read', () => {
  const rest = [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, ...new Array<number>(14).fill(0)]
  const file = riff('fmt ', [40, 0, 0, 0], format(0xfe, 1, 16_000, 16), rest, 'data', [2, 0, 0, 0], [7, 0])
  file[21] = 0xff
  assert.deepEqual(readWav(file).samples, new Int16Array([7]))
  file[44] = 3
  assert.throws(() => readWav(file), /format 3/)
})

test('a length that is wrong means: to the end', () => {
  for (const length of [0xffffffff, 4000]) {
    const streamed = plain.slice()
    new DataView(streamed.buffer).setUint32(40, length, true)
    assert.deepEqual(readWav(streamed).samples, samples)
  }
  assert.deepEqual(readWav(plain.subarray(0, 44 + 5)).samples, samples.subarray(0, 2))
})

test('what cannot be read is refused with what it would have to be', () => {
  const fmt = ['fmt ', [16, 0, 0, 0]]
  const refused: [Uint8Array, RegExp][] = [
    [new Uint8Array(0), /not a WAV file/],
    [bytes('RIFX', [0, 0, 0, 0], 'WAVE'), /not a WAV file/],
    [bytes('RIFF', [0, 0, 0, 0], 'AVI '), /not a WAV file/],
    [riff(), /no format/],
    [riff(...fmt, format(1, 1, 8000, 16)), /no sound/],
    [riff('data', [2, 0, 0, 0], [0, 0]), /before its format/],
    [riff('fmt ', [8, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0, 0]), /cut short/],
    [riff(...fmt, format(1, 1, 8000, 24)), /24-bit, format 1; it has to be 16-bit PCM/],
    [riff(...fmt, format(7, 1, 8000, 8)), /8-bit, format 7/],
    [riff(...fmt, format(1, 6, 8000, 16)), /6 channels/],
    [riff(...fmt, format(1, 0, 8000, 16)), /0 channels/],
    [riff(...fmt, format(1, 1, 0, 16)), /0 Hz/],
  ]
  for (const [file, message] of refused)
    assert.throws(
      () => readWav(file),
      (error) => error instanceof WavError && message.test(error.message),
    )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodings, sampleRateHz } from '@parley/protocol'
import fc from 'fast-check'
import { decoderFor, encoderFor } from '../../dist/audio/codec.js'
import { aLaw, muLaw } from '../../dist/audio/g711.js'
import { amplify, bytesOf, samplesOf } from '../../dist/audio/pcm.js'
import { Resampler } from '../../dist/audio/resample.js'
import { cut } from './cut.js'
import { decibels, fitTone, tone } from './tone.js'

const lengths = fc.array(fc.nat(200), { minLength: 1, maxLength: 6 })

for (const encoding of encodings) {
  const wireHz = sampleRateHz[encoding]

  test(`${encoding} is decoded the same however its bytes are cut`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8000, 16_000, 24_000),
        fc.uint8Array({ maxLength: 700 }),
        lengths,
        (hz, bytes, cuts) => {
          const whole = decoderFor(encoding, hz).push(bytes)
          const decoder = decoderFor(encoding, hz)
          const pieces = cut(bytes, cuts).map((piece) => {
            const samples = decoder.push(piece)
            // the caller may use its bytes again at once
            piece.fill(0)
            return samples
          })
          assert.deepEqual(
            pieces.flatMap((piece) => [...piece]),
            [...whole],
          )
        },
      ),
    )
  })

  test(`${encoding} is encoded the same however the samples are cut, in whole samples`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8000, 16_000, 24_000),
        fc.int16Array({ maxLength: 700 }),
        lengths,
        (hz, samples, cuts) => {
          const whole = encoderFor(encoding, hz)
          const expected = [...whole.push(samples), ...whole.flush()]
          const encoder = encoderFor(encoding, hz)
          const pieces = cut(samples, cuts).map((piece) => {
            const bytes = encoder.push(piece)
            piece.fill(0)
            return bytes
          })
          if (encoding === 'audio/pcm') for (const piece of pieces) assert.equal(piece.length % 2, 0)
          assert.deepEqual(
            [...pieces, encoder.flush()].flatMap((piece) => [...piece]),
            expected,
          )
        },
      ),
    )
  })

  test(`a tone goes out and comes back in ${encoding} from 16 kHz to 16 kHz`, () => {
    const encoder = encoderFor(encoding, 16_000)
    const decoder = decoderFor(encoding, 16_000)
    const sound = tone(1000, 16_000, 16_000)
    const back = decoder.push(Buffer.concat([encoder.push(sound), encoder.flush()]))
    const { level, rest } = fitTone(back.subarray(800, 15_000), 1000, 16_000)
    assert.ok(Math.abs(decibels(level / 0.5)) < 0.1)
    assert.ok(decibels(level / rest) > (encoding === 'audio/pcm' ? 85 : 33), `${decibels(level / rest).toFixed(1)} dB`)
  })

  test(`volume holds for what is encoded in ${encoding} after it was set (checklist 51, 111)`, () => {
    const encoder = encoderFor(encoding, wireHz, 50)
    const sound = tone(300, wireHz, 100)
    const reference = encoderFor(encoding, wireHz)
    assert.deepEqual(encoder.push(sound), reference.push(amplify(sound, 0.5)))
    encoder.volume = 0
    assert.deepEqual(encoder.push(sound), reference.push(new Int16Array(100)))
    encoder.volume = null
    assert.deepEqual(encoder.push(sound), reference.push(sound))
    assert.deepEqual(sound, tone(300, wireHz, 100), 'what was pushed is untouched')
  })
}

test('at the rate of the wire, decoding is the code alone', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
  assert.deepEqual(decoderFor('audio/pcmu', 8000).push(bytes), muLaw.decode(bytes))
  assert.deepEqual(decoderFor('audio/pcma', 8000).push(bytes), aLaw.decode(bytes))
  assert.deepEqual(decoderFor('audio/pcm', 24_000).push(bytes), samplesOf(bytes))
})

test('at another rate, it is the code and then the resampler', () => {
  const samples = tone(440, 24_000, 2000)
  assert.deepEqual(
    decoderFor('audio/pcm', 16_000).push(bytesOf(samples)),
    new Resampler(24_000, 16_000).process(samples),
  )
  const law = muLaw.encode(tone(440, 8000, 2000))
  assert.deepEqual(decoderFor('audio/pcmu', 16_000).push(law), new Resampler(8000, 16_000).process(muLaw.decode(law)))
})

test('what was handed out stays as it is when more is pushed', () => {
  for (const encoding of encodings) {
    const decoder = decoderFor(encoding, sampleRateHz[encoding])
    const first = decoder.push(new Uint8Array([1, 2, 3, 4]))
    const copy = first.slice()
    decoder.push(new Uint8Array([9, 9, 9, 9]))
    assert.deepEqual(first, copy)
  }
})

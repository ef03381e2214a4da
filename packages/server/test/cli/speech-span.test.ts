// Where speech ends in a recording.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silence } from '../../dist/audio/pcm.js'
import { speechSpan } from '../../dist/cli/talk/speech-span.js'
import { noise, sequence, tone } from './sounds.js'

for (const rateHz of [8000, 16_000, 24_000]) {
  test(`speech between silences is found to the frame at ${rateHz} Hz`, () => {
    const recording = sequence(silence(300, rateHz), tone(700, rateHz), silence(500, rateHz))
    assert.deepEqual(speechSpan(recording, rateHz), { startMs: 300, endMs: 1000 })
  })
}

test('the noise of a room does not count as speech', () => {
  const room = noise(2000, 16_000, 300)
  const voice = sequence(silence(500, 16_000), tone(800, 16_000, 6000), silence(700, 16_000))
  const recording = room.map((sample, index) => sample + voice[index]!)
  assert.deepEqual(speechSpan(recording, 16_000), { startMs: 500, endMs: 1300 })
})

test('a click after the last word is not the end of speech', () => {
  const recording = sequence(tone(600, 16_000), silence(400, 16_000), tone(20, 16_000), silence(400, 16_000))
  assert.equal(speechSpan(recording, 16_000)?.endMs, 600)
})

test('pauses between words are part of the speech', () => {
  const word = tone(200, 16_000)
  const recording = sequence(word, silence(300, 16_000), word, silence(600, 16_000))
  assert.deepEqual(speechSpan(recording, 16_000), { startMs: 0, endMs: 700 })
})

test('speech that lasts to the end of the file ends there', () => {
  assert.deepEqual(speechSpan(sequence(silence(200, 8000), tone(400, 8000)), 8000), { startMs: 200, endMs: 600 })
})

test('silence, faint noise and an empty file hold no speech', () => {
  assert.equal(speechSpan(silence(1000, 16_000), 16_000), undefined)
  assert.equal(speechSpan(noise(1000, 16_000, 60), 16_000), undefined)
  assert.equal(speechSpan(new Int16Array(0), 16_000), undefined)
})

test('a lone click is no speech', () => {
  assert.equal(speechSpan(sequence(silence(500, 16_000), tone(20, 16_000), silence(500, 16_000)), 16_000), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Decoded,
  padded,
  transcribe,
  trimmed,
  withoutRepeatedTail,
} from '@parley/server/engines/stt/transcription.js'

const SAMPLES_PER_MS = 16
const decoded = (text: string): Decoded => ({ text, tokens: text.split(/(?= )/) })
const tone = (ms: number, loudness: number) => new Float32Array(ms * SAMPLES_PER_MS).fill(loudness)
const joined = (...parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => Array.from(part)))

/** Decodes to the given texts in turn, and keeps what it was asked to decode. */
function decoder(...texts: readonly string[]) {
  const sounds: Float32Array[] = []
  const decode = async (sound: Float32Array) => decoded(texts[sounds.push(sound) - 1] ?? '')
  return { sounds, decode }
}

const lengths = (sounds: readonly Float32Array[]) => sounds.map((sound) => sound.length / SAMPLES_PER_MS)

test('sound is given room before and after, filled with a noise that nobody hears', async () => {
  const { sounds, decode } = decoder('Hello.')
  assert.deepEqual(await transcribe(tone(500, 0.5), decode), { text: 'Hello.', attempts: 1 })
  assert.deepEqual(lengths(sounds), [900])
  const before = sounds[0]!.subarray(0, 100 * SAMPLES_PER_MS)
  assert.ok(before.some((sample) => sample !== 0))
  assert.ok(before.every((sample) => Math.abs(sample) <= 1e-4))
  assert.ok(sounds[0]!.subarray(1600, 9600).every((sample) => sample === 0.5))
})

test('the same sound is always decoded in the same way', () => {
  assert.deepEqual(padded(tone(50, 0.1), 20, 60), padded(tone(50, 0.1), 20, 60))
})

test('when nothing was understood, the speech is cut out, made louder and tried with less and less room', async () => {
  const word = joined(tone(300, 0), tone(200, 0.1), tone(400, 0))
  const { sounds, decode } = decoder('', '', '', 'Yes.')
  assert.deepEqual(await transcribe(word, decode), { text: 'Yes.', attempts: 4 })
  assert.deepEqual(lengths(sounds), [1300, 660, 260, 340])
  assert.ok(Math.abs(Math.max(...sounds[2]!) - 0.9) < 1e-6)
})

test('what nobody can understand has an empty text', async () => {
  const { sounds, decode } = decoder()
  assert.deepEqual(await transcribe(tone(200, 0.1), decode), { text: '', attempts: 4 })
  assert.equal(sounds.length, 4)
})

test('long sound is not tried again: it is not a word that was missed', async () => {
  const { sounds, decode } = decoder()
  await transcribe(tone(3100, 0.1), decode)
  assert.equal(sounds.length, 1)
})

test('silence is not made louder until it speaks', async () => {
  const { sounds, decode } = decoder()
  await transcribe(tone(500, 0), decode)
  await transcribe(tone(500, 1e-5), decode)
  assert.equal(sounds.length, 2)
})

const STAMMER = `In eighteen thirteen${', eighteen thirteen'.repeat(12)}`

test('a decoder that stammers is tried again', async () => {
  const { decode } = decoder(STAMMER, 'In eighteen thirteen.')
  assert.deepEqual(await transcribe(tone(1000, 0.1), decode), { text: 'In eighteen thirteen.', attempts: 2 })
})

test('a stammer that does not go away is cut down to what was said once', async () => {
  const { decode } = decoder(STAMMER, ...Array(3).fill(`Out${STAMMER.slice(2)}`))
  assert.equal((await transcribe(tone(1000, 0.1), decode)).text, 'In eighteen thirteen,')
})

test('somebody who repeats a word at an ordinary pace is left alone', async () => {
  const { decode } = decoder('No, no, no, no.')
  assert.equal((await transcribe(tone(1000, 0.1), decode)).text, 'No, no, no, no.')
})

test('a repeated tail is cut wherever it begins and even if its last word is cut short', () => {
  assert.equal(withoutRepeatedTail('1813, 1813, 1813, 18'), '1813,')
  assert.equal(withoutRepeatedTail('It was in May of the, in May of the, in May of the'), 'It was in May of the,')
  assert.equal(withoutRepeatedTail('Nothing is said twice here.'), 'Nothing is said twice here.')
  assert.equal(withoutRepeatedTail('To be or not to be or'), 'To be or not to be or')
  assert.equal(withoutRepeatedTail('It is to be to'), 'It is to be to')
  assert.equal(withoutRepeatedTail(''), '')
})

test('sound is trimmed to its audible part with a little room', () => {
  const sound = trimmed(joined(tone(300, 0.0001), tone(200, 0.1), tone(400, 0.0001)))
  assert.equal(sound.length / SAMPLES_PER_MS, 260)
  assert.equal(trimmed(tone(100, 0)).length, 0)
})

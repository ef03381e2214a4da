import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fliteVoices, voiceNamed } from '../../dist/engines/tts/flite/voices.js'

const current =
  'alba anna charles estelle eve george giovanni iris jane jean juergen lola mary michael paul rafael reid vera'
const legacy = `ivy james tyler winter bella david kyle helen martha river emma victor eleanor arjun dmitri pierre giulia luca
  lucia mateo diego sam mia jack sophie oliver ethan mei lukas lena mina joon ren hana claire dawn`

test('every documented name, current and legacy, is a voice', () => {
  for (const name of [...current.split(' '), ...legacy.split(/\s+/)]) assert.equal(voiceNamed(name)?.id, name)
})

test('no two voices are the same', () => {
  const timbres = fliteVoices.map((voice) => JSON.stringify(voice.timbre))
  assert.equal(new Set(timbres).size, timbres.length)
  assert.equal(new Set(fliteVoices.map((voice) => voice.id)).size, fliteVoices.length)
})

test('a name that is meant for another language says that it speaks English here', () => {
  for (const name of ['lola', 'giovanni', 'juergen', 'rafael', 'estelle', 'pierre', 'mei']) {
    const voice = voiceNamed(name)
    assert.match(voice?.language ?? '', /^en-/)
    assert.match(voice?.description ?? '', /no other language/)
  }
})

test('every sample names its voice', () => {
  for (const { id, sample } of fliteVoices) assert.ok(sample.toLowerCase().includes(id))
})

test('brightness comes in steps that the resampler is quick at', () => {
  for (const { timbre } of fliteVoices) assert.ok(Number.isInteger(Math.round((timbre.brightness ?? 1) * 1e6) / 50_000))
})

// The plain tables: voices, limits, routes and encodings.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  bytesPerSample,
  defaultVoice,
  durationMs,
  limitRows,
  limits,
  restSchemas,
  routeList,
  sampleRateHz,
  sampleText,
  VoiceRecord,
  voiceNames,
  voices,
} from '@parley/protocol'

test('the voices of today come first, in the order in which they are listed (41)', () => {
  const current =
    'alba anna charles estelle eve george giovanni iris jane jean juergen lola mary michael paul rafael reid vera'
  assert.equal(
    voices
      .filter(({ generation }) => generation === 'current')
      .map(({ name }) => name)
      .join(' '),
    current,
  )
  assert.deepEqual(voiceNames.slice(0, 18).join(' '), current)
})

test('no two voices have one name, and the default is one of them', () => {
  assert.equal(new Set(voiceNames).size, voiceNames.length)
  assert.ok(voiceNames.includes(defaultVoice))
})

test('names of earlier generations stay valid', () => {
  for (const name of ['ivy', 'james', 'tyler', 'arjun', 'diego', 'sam', 'hana'])
    assert.ok(voiceNames.includes(name), name)
})

test('every voice has a sentence to try it with', () => {
  for (const { name, language, accent } of voices)
    assert.ok(VoiceRecord.safeParse({ voice_id: name, language, accent, sample_text: sampleText(language) }).success)
  assert.notEqual(sampleText('fr'), sampleText('en-US'))
  assert.equal(sampleText('en-US'), sampleText('en-GB'))
})

test('24,000 samples of PCM and 8,000 bytes of G.711 play for a second (104)', () => {
  assert.equal(durationMs('audio/pcm', 48_000), 1000)
  assert.equal(durationMs('audio/pcmu', 8000), 1000)
  assert.equal(durationMs('audio/pcma', 4000), 500)
  assert.deepEqual([sampleRateHz['audio/pcm'], bytesPerSample['audio/pcm']], [24_000, 2])
})

test('every limit is a number with a unit and a sentence', () => {
  assert.deepEqual(
    limitRows.map(({ name, value }) => [name, value]),
    Object.entries(limits),
  )
  for (const { value, unit, description } of limitRows) assert.ok(value > 0 && unit && description.endsWith('.'))
  assert.equal(limits.frameBytes, 1024 * 1024)
})

test('every route has its own method and path, and every schema that is bound is used', () => {
  const places = routeList.map(({ method, path }) => `${method} ${path}`)
  assert.equal(new Set(places).size, places.length)
  const named = new Set(routeList.flatMap(({ query, body, response }) => [query, body, response]).filter(Boolean))
  assert.deepEqual([...named].sort(), Object.keys(restSchemas).sort())
})

test('the route table can be used without a schema library', () => {
  const files = [new URL(import.meta.resolve('@parley/protocol/routes'))]
  for (const file of files)
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) .*from '(.*)'/gm)) {
      assert.match(name, /^\.\/[\w-]*routes?\.js$/, `${file} needs ${name}`)
      files.push(new URL(name, file))
    }
  assert.ok(files.length > 1)
})

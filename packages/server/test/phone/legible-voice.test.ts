// What is said in the voice that can be read is read back, by way of mu-law, whole and from the middle.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { muLaw } from '../../dist/audio/g711.js'
import { joined } from '../../dist/audio/pcm.js'
import legible, { lettersOf, toneIn, wordsOf } from './legible-voice.js'

async function spoken(...clauses: readonly string[]): Promise<Int16Array> {
  const voice = await legible.create({ framesPerLetter: 2 }, { dataDir: '.', log: () => {} })
  async function* texts(): AsyncGenerator<string> {
    yield* clauses
  }
  const pieces: Int16Array[] = []
  for await (const out of voice.open(texts(), { voice: 'alba' }, new AbortController().signal))
    if (out.type === 'audio') pieces.push(out.samples)
  return muLaw.decode(muLaw.encode(joined(pieces)))
}

const tonesOf = (sound: Int16Array) =>
  Array.from({ length: Math.floor(sound.length / 160) }, (_, index) =>
    toneIn(sound.subarray(index * 160, (index + 1) * 160)),
  )

test('every letter is read, doubled ones and the ends of clauses too', async () => {
  const sound = await spoken('Hello, Anna!', 'The bees of room 4477 sleep; jazz quiz vex fowl.')
  assert.equal(lettersOf(tonesOf(sound)), 'hello. anna. the bees of room 4477 sleep. jazz quiz vex fowl. ')
})

test('a piece from the middle is read from its first frame on, and silence says nothing', async () => {
  const tones = tonesOf(await spoken('Good morning.'))
  assert.equal(lettersOf([...tonesOf(new Int16Array(320)), ...tones.slice(5, 15)]), 'od mor')
})

test('words are compared without signs and capitals', () => {
  assert.deepEqual(wordsOf(' It is 7 o’clock,  Anna! '), ['it', 'is', '7', 'oclock', 'anna'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { piecesOf } from '../../dist/engines/tts/flite/pieces.js'
import { WordTimes } from '../../dist/engines/tts/flite/word-times.js'

const never = new AbortController().signal
/** Phones of 100 ms each, one after another. */
const utterance = (phones: number) => ({
  samples: new Int16Array(0),
  phones: Array.from({ length: phones }, (_, i) => ({ start: i * 100, end: (i + 1) * 100 })),
})
const pieceOf = (text: string) => piecesOf(text)[0]!

/** As many phones as letters; tells what it was asked. */
function lettersCounted() {
  const asked: string[][] = []
  const words = new WordTimes(async (parts) => {
    asked.push([...parts])
    return parts.map((part) => part.length)
  })
  return { asked, words }
}

test('each word takes as many phones as it counts', async () => {
  const { words } = lettersCounted()
  assert.deepEqual(await words.of(pieceOf('Is it 😀 five?'), utterance(8), never), [
    { text: 'Is', start: 0, end: 200 },
    { text: 'it', start: 200, end: 400 },
    { text: '😀', start: 400, end: 400 },
    { text: 'five?', start: 400, end: 800 },
  ])
})

test('counts that do not add up give no times at all', async () => {
  const { words } = lettersCounted()
  for (const phones of [0, 7, 9])
    assert.equal(await words.of(pieceOf('Is it five?'), utterance(phones), never), undefined)
})

test('what is counted once is known, part by part, without its punctuation', async () => {
  const { words, asked } = lettersCounted()
  for (const text of ['£5 at 10 a.m.', '(5, at "pounds")!', 'At 5 pounds.'])
    await words.of(pieceOf(text), utterance(1), never)
  assert.deepEqual(asked, [['5', 'pounds', 'at', '10', 'a.m.'], ['At']])
})

test('a voice that cannot count is asked again another time', async () => {
  let asked = 0
  const words = new WordTimes(async () => {
    asked++
    return undefined
  })
  for (let i = 0; i < 2; i++) assert.equal(await words.of(pieceOf('Hello.'), utterance(5), never), undefined)
  assert.equal(asked, 2)
})

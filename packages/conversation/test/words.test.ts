// Words and their places in the sound.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeWords, plainWords, spacedWords } from '../dist/words.js'

test('spaced words joined are the text', () => {
  for (const text of ['Hello.  How are you?', ' led by a space', 'one', '', 'trailing ', 'two\nlines'])
    assert.equal(spacedWords(text).join(''), text)
  assert.deepEqual(spacedWords(' Hello  you '), [' Hello  ', 'you '])
})

test('plain words are bare', () => {
  assert.deepEqual(plainWords('Well, “it’s” FIVE-thirty... (maybe)'), ['well', "it's", 'five-thirty', 'maybe'])
})

test('the times of the voice are used when they are of these words', () => {
  const timed = [
    { text: 'Hello', start: 10, end: 300 },
    { text: 'you', start: 320, end: 480 },
  ]
  assert.deepEqual(placeWords('Hello you.', { offset: 1000, length: 500 }, timed), [
    { text: 'Hello ', start: 1010, end: 1300 },
    { text: 'you.', start: 1320, end: 1480 },
  ])
})

test('otherwise each word has its share of the letters', () => {
  const places = placeWords('ab cdef', { offset: 100, length: 700 }, [{ text: 'abcdef', start: 0, end: 700 }])
  assert.deepEqual(places, [
    { text: 'ab ', start: 100, end: 400 },
    { text: 'cdef', start: 400, end: 800 },
  ])
})

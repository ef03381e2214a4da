// Where growing text is cut, and what of it is spoken.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutClauses, spoken } from '../dist/clauses.js'

/** The clauses with a bar between them; the rest that may still grow comes after the last bar. */
const cut = (text: string, first = false): string => {
  const { clauses, rest } = cutClauses(text, first)
  assert.equal([...clauses, rest].join(''), text, 'nothing is lost')
  return [...clauses, rest].join('|')
}

test('sentences are cut when the next one has begun', () => {
  assert.equal(cut('It is five.'), 'It is five.')
  assert.equal(cut('It is five. '), 'It is five. ')
  assert.equal(cut('It is five. A'), 'It is five. |A')
  assert.equal(cut('Is it? Yes! Good. So'), 'Is it? |Yes! |Good. |So')
  assert.equal(cut('all lower case. no capitals here'), 'all lower case. |no capitals here')
  assert.equal(cut('Really?! Yes'), 'Really?! |Yes')
  assert.equal(cut('He said "stop." Then he left'), 'He said "stop." |Then he left')
  assert.equal(cut('(It rained.) We left'), '(It rained.) |We left')
  assert.equal(cut('One thing. **Two** things'), 'One thing. |**Two** things')
})

test('a full stop within a sentence does not cut it', () => {
  for (const text of [
    'Dr. Smith is here',
    'Mr. and Mrs. Jones are here',
    'It costs 3.50 dollars',
    'Use e.g. this one',
    'It is i.e. that one',
    'J. K. Rowling wrote it',
    'We open at 9 a.m. on Mondays',
    'See No. 5 for this',
    'Go to example.com for more',
    'Version 1.2.3 is out',
    'Apples, pears, etc. are here',
    '1. First of all',
    'I thought... maybe not',
    '"Really?" he asked',
    'Wait… what happened',
    'The U.S. dollar is strong',
  ])
    assert.equal(cut(text), text)
})

test('an abbreviation may end a sentence', () => {
  assert.equal(cut('We open at 9 a.m. Then we close'), 'We open at 9 a.m. |Then we close')
  assert.equal(cut('Apples, pears, etc. We have all'), 'Apples, pears, etc. |We have all')
  assert.equal(cut('The answer is no. Sorry'), 'The answer is no. |Sorry')
  assert.equal(cut('It costs 5. Then tax'), 'It costs 5. |Then tax')
})

test('a new line ends a clause', () => {
  assert.equal(cut('Here they are:\n- one\n- two'), 'Here they are:\n|- one\n|- two')
  assert.equal(cut('One\n\nTwo'), 'One\n\n|Two')
})

test('languages without spaces are cut at their full stops', () => {
  assert.equal(cut('こんにちは。元気ですか。はい'), 'こんにちは。|元気ですか。|はい')
})

test('the first clause is cut at a comma', () => {
  assert.equal(cut('Sure thing, I can do that', true), 'Sure thing, |I can do that')
  assert.equal(cut('Of course; let me see', true), 'Of course; |let me see')
  assert.equal(cut('I checked that — it is fine', true), 'I checked that — |it is fine')
  assert.equal(cut('I checked that - it is fine', true), 'I checked that - |it is fine')
  assert.equal(cut('Sure thing, I can, of course, do that', true), 'Sure thing, |I can, of course, do that')
  assert.equal(cut('Sure thing, I can do that'), 'Sure thing, I can do that')
})

test('a first clause is not so short that it sounds chopped', () => {
  assert.equal(cut('Well, I can do', true), 'Well, I can do')
  assert.equal(cut('It is 1, 2 or 3', true), 'It is 1, 2 or 3')
  assert.equal(cut('We have 12, 13 or 14', true), 'We have 12, 13 or 14')
})

test('a long first clause is cut before a word that opens a phrase', () => {
  assert.equal(
    cut('I have found three good tables for you and two of them', true),
    'I have found three good tables |for you and two of them',
  )
  assert.equal(cut('I have found three good', true), 'I have found three good')
  assert.equal(cut('I have found three good tables fo', true), 'I have found three good tables fo')
  assert.equal(
    cut('one two three four five six seven eight nine ten eleven twelve thirteen', true),
    'one two three four five six seven eight nine ten eleven twelve |thirteen',
  )
})

test('a very long sentence is spoken in parts', () => {
  const long = 'word '.repeat(21)
  assert.equal(cut(`${long.trim()}, then more`), `${long.trim()}, |then more`)
  assert.equal(cut(`${'word '.repeat(33)}and more words`), `${'word '.repeat(33)}|and more words`)
  assert.equal(cut(`${'word '.repeat(50)}end`), `${'word '.repeat(45)}|${'word '.repeat(5)}end`)
})

test('text without spaces and full stops is cut between two words', () => {
  const sentence = '私は昨日友達と一緒に東京へ行きました、'
  const words = new Set(
    [...new Intl.Segmenter('ja', { granularity: 'word' }).segment(sentence)].map(({ index }) => index),
  )
  const { clauses, rest } = cutClauses(sentence.repeat(100), false)
  assert.equal([...clauses, rest].join(''), sentence.repeat(100))
  assert.ok(clauses.length > 3)
  let at = 0
  for (const clause of clauses) {
    at += clause.length
    assert.ok(clause.length > 100 && clause.length <= 220, `${clause.length}`)
    assert.ok(words.has(at % sentence.length), `${clause} ends in the middle of a word`)
  }
})

test('a word without end is cut all the same, and never within a letter', () => {
  for (const letter of ['a', '𝒜', 'e\u0301']) {
    const { clauses, rest } = cutClauses(letter.repeat(20_000), true)
    assert.equal([...clauses, rest].join(''), letter.repeat(20_000))
    assert.ok(rest.length <= 300)
    for (const clause of clauses)
      assert.ok(clause.length <= 220 && clause.length % letter.length === 0, `${clause.length} of ${letter}`)
  }
})

test('a clause is bounded however far away the next space is', () => {
  const { clauses } = cutClauses(`Look: ${'a'.repeat(1000)} and ${'b'.repeat(1000)} so`, false)
  assert.ok(clauses.every(({ length }) => length <= 300))
  assert.equal(cut(`It is ${'a'.repeat(200)} indeed`), `It is ${'a'.repeat(200)} indeed`)
})

test('marks alone are no clause', () => {
  assert.equal(cut('... And so'), '... And so')
  assert.equal(cut('Good. **'), 'Good. **')
  assert.equal(cut('Good. 🙂'), 'Good. 🙂')
  assert.equal(cut(`Good${'!'.repeat(1000)}`), `Good${'!'.repeat(1000)}`)
})

test('however the text arrives, the same clauses come out in the end', () => {
  const text =
    'Sure, Dr. Smith can see you. The price is 3.50, no more!\n1. Come early\n2. Bring **this**: a [map](http://a.b/c).'
  let rest = ''
  const clauses: string[] = []
  for (const letter of text) {
    const grown = cutClauses(rest + letter, clauses.length === 0)
    clauses.push(...grown.clauses)
    rest = grown.rest
  }
  assert.deepEqual([...clauses, rest], [...cutClauses(text, true).clauses, cutClauses(text, true).rest])
})

test('markdown is not spoken', () => {
  const said: readonly (readonly [string, string])[] = [
    ['It is **very** good.', 'It is very good.'],
    ['*really*', 'really'],
    ['Use `npm start` now', 'Use npm start now'],
    ['## A title', 'A title'],
    ['- one', 'one'],
    ['* two', 'two'],
    ['> quoted', 'quoted'],
    ['See [the map](https://example.com/a_b) here', 'See the map here'],
    ['the map](https://example.com/a) here', 'the map here'],
    ['See [the', 'See the'],
    ['~~old~~ new', 'old new'],
    ['_so_ it is', 'so it is'],
    ['snake_case stays', 'snake_case stays'],
    ['2 * 3 is 6', '2 * 3 is 6'],
    ['  two \n lines ', 'two lines'],
    ['It costs $5 - or 10 %', 'It costs $5 - or 10 %'],
  ]
  for (const [written, wanted] of said) assert.equal(spoken(written), wanted)
})

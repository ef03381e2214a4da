import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { piecesOf } from '../../dist/engines/tts/flite/pieces.js'
import { spokenWords } from '../../dist/engines/tts/flite/say.js'

const said = (text: string) =>
  spokenWords(text)
    .map((word) => word.spoken)
    .filter(Boolean)
    .join(' ')

function table(name: string, rows: Readonly<Record<string, string>>): void {
  test(name, () => {
    for (const [written, spoken] of Object.entries(rows)) assert.equal(said(written), spoken)
  })
}

table('plain English is said as it stands', {
  "I'll be there, won't I?": "I'll be there, won't I?",
  '"Quoted" (and aside).': 'Quoted (and aside).',
  '': '',
  ' \n ': '',
})

table('markdown, tags and emoji are not said', {
  '**Bold** and _quiet_ and `code`.': 'Bold and quiet and code.',
  '# Heading\n* one\n> two': 'Heading one two',
  '[the docs](https://x.com/a), please': 'the docs, please',
  '<b>hi</b> there': 'hi there',
  '😀 Great 👍🏽!': 'Great !',
  日本語: '',
})

table('typographic signs and accents become plain', {
  'it’s “fine”…': "it's fine...",
  'well — yes': 'well , yes',
  'well—yes': 'well, yes',
  'Café Müller, naïve Straße': 'Cafe Muller, naive Strasse',
  '½ done': '1/2 done',
})

table('money is said with its name after it', {
  '£5.50, €20 or 500¥': '5 pounds 50, 20 euros or 500 yen',
  '$5M and $20k': '$5 million and $20 thousand',
  '$1.5 billion, $3 thousand': '1.5 billion dollars, 3 thousand dollars',
  '€2m': '2 million euros',
  '$12.50': '$12.50',
})

table('dates and times are said as people say them', {
  '12/25/2024': 'December 25th, 2024',
  '31/12/2024': 'December 31st, 2024',
  '2026-11-02.': 'November 2nd, 2026.',
  '1987-10-23': 'October 23rd, nineteen 87',
  '9am, 10:30PM': '9 a.m., 10:30 P.M.',
  '3:30 pm or 10:00 am': '3:30 p.m. or 10 a.m.',
  'at 8:00, I am': "at 8 o'clock, I am",
  '14:05': '14:05',
})

table('years go in pairs, long numbers digit by digit', {
  'in 1999 and 1905': 'in nineteen 99 and nineteen oh 5',
  '1500 or 1100': 'fifteen hundred or eleven hundred',
  'since 2024': 'since 2024',
  'order #12345, room #7': 'order number 1 2 3 4 5, room number 7',
  '1,000,000 and 25000': '1,000,000 and 25000',
  '5k': '5 thousand',
  'No. 5, no.': 'number 5, no.',
})

table('telephone numbers are said in groups', {
  '555-123-4567.': '5 5 5, 1 2 3, 4 5 6 7.',
  '+1-800-555-0199': 'plus 1, 8 0 0, 5 5 5, 0 1 9 9',
  '(555) 123-4567': '(5 5 5) 1 2 3, 4 5 6 7',
})

table('addresses are said with their dots', {
  'https://www.example.com/path?x=1': 'example dot com slash path',
  'openai.com.': 'openai dot com.',
  'bob.smith@mail-box.org!': 'bob dot smith at mail dash box dot org!',
  'the end.Then': 'the end.Then',
})

table('abbreviations are said in full', {
  'e.g. this, i.e. that': 'for example this, that is that',
  'tea, milk, etc.': 'tea, milk, et cetera.',
  'Dr. Smith on Elm Dr. or St. James St.': 'Doctor Smith on Elm Drive or Saint James Street.',
  'and/or w/o 24/7, 100km/h': 'and or without twenty four seven, 100 kilometers per hour',
  '20°C, 5 & 6 @ 7 = 8%': '20 degrees Celsius, 5 and 6 at 7 equals 8%',
  '3/4 of A/B': '3/4 of A B',
})

table('short names in capitals are spelled, and joined names come apart', {
  'The AI API of IBM': 'The A.I. A.P.I. of I.B.M.',
  'YES, NASA': 'YES, NASA',
  'AssemblyAI, GitHub, McDonald, iPhone': 'Assembly A.I., Git Hub, McDonald, iPhone',
})

test('every word of the text is there, whatever is said for it, and only ASCII is said', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), (text) => {
      const words = spokenWords(text)
      assert.deepEqual(
        words.map((word) => word.text),
        text.split(/\s+/).filter(Boolean),
      )
      for (const { spoken } of words) assert.match(spoken, /^[\x20-\x7e]{0,420}$/)
    }),
  )
})

const texts = (clause: string) => piecesOf(clause).map((piece) => piece.text)

test('a clause is cut where its sentences end, or at a comma so that the first sound is not waited for', () => {
  assert.deepEqual(texts('Sure.'), ['Sure.'])
  assert.deepEqual(texts('Sure, I can help you with that, and the next free table is at seven.'), [
    'Sure, I can help you with that,',
    'and the next free table is at seven.',
  ])
  assert.deepEqual(texts('Good evening. How may I help you on this fine day?'), [
    'Good evening.',
    'How may I help you on this fine day?',
  ])
  assert.deepEqual(texts('I spoke with Mr. Miller of the garage down the road.'), [
    'I spoke with Mr. Miller of the garage down the road.',
  ])
})

test('a short rest is not cut off', () => {
  assert.deepEqual(texts('Would you like some tea, or a coffee?'), ['Would you like some tea, or a coffee?'])
})

test('a text without any punctuation is cut all the same', () => {
  const pieces = piecesOf('word '.repeat(200))
  assert.ok(pieces.length > 4)
  for (const piece of pieces) assert.ok(piece.text.length <= 180)
})

test('a pause that stands alone goes with the word before it', () => {
  assert.deepEqual(texts('Well — yes, — no —'), ['Well, yes, no,'])
})

test('no word is lost between the pieces, unless there is nothing to say', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('yes', 'no,', 'Stop.', '😀', '—', '1999', 'really?!', '***')), (words) => {
      const pieces = piecesOf(words.join(' '))
      const kept = pieces.flatMap((piece) => piece.words.map((word) => word.text))
      assert.deepEqual(kept, words.some((word) => /\w/.test(word)) ? words : [])
      for (const piece of pieces) assert.match(piece.text, /[A-Za-z0-9]/)
    }),
  )
})

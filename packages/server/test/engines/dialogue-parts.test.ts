// The parts of the dialogue engine by themselves.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meaningOf } from '../../dist/engines/llm/dialogue/classify.js'
import { daysIn, openDays } from '../../dist/engines/llm/dialogue/days.js'
import { linesOf } from '../../dist/engines/llm/dialogue/lines.js'
import { enumerated, inOwnVoice, plain, sentencesOf, shortened } from '../../dist/engines/llm/dialogue/phrase.js'
import { stem, words } from '../../dist/engines/llm/dialogue/words.js'

test('words are small, whole and counted', () => {
  assert.deepEqual(words("What's the price? It isn't twenty-five POUNDS, is it?"), [
    'what',
    'is',
    'the',
    'price',
    'it',
    'is',
    'not',
    '25',
    'pounds',
    'is',
    'it',
  ])
  assert.deepEqual(words('two hundred, 7am, 7:30 and 1,000'), ['200', '7', 'am', '7:30', 'and', '1,000'])
  assert.deepEqual(words('Check-in with the Wi-Fi'), ['checkin', 'with', 'the', 'wifi'])
})

test('words of one family share a stem', () => {
  for (const family of [
    ['open', 'opens', 'opening', 'opened'],
    ['deliver', 'delivery', 'deliveries', 'delivered', 'shipping'],
    ['cancel', 'cancelled', 'cancellation'],
    ['close', 'closed', 'closing', 'closes'],
    ['book', 'booking', 'reservation'],
    ['child', 'children', 'kids'],
    ['train', 'training', 'trainers'],
  ]) {
    assert.equal(new Set(family.map(stem)).size, 1, family.map(stem).join(' '))
  }
  assert.notEqual(stem('pool'), stem('poor'))
})

test('symbols are written out as they are spoken', () => {
  for (const [written, spoken] of [
    ['$10', '10 dollars'],
    ['$12.50', '12 dollars 50'],
    ['£1', '1 pound'],
    ['€3.00', '3 euros'],
    ['$40/month', '40 dollars a month'],
    ['20% off', '20 percent off'],
    ['24/7', '24 hours a day, 7 days a week'],
    ['Mon-Fri 9am-5pm', 'Monday to Friday 9 am to 5 pm'],
    ['8 a.m. to noon', '8 am to noon'],
    ['**Fish & chips** 🍟', 'Fish and chips'],
    ['Suite (sleeps 4)', 'Suite, sleeps 4,'],
    ['set OPENAI_BASE_URL', 'set OPENAI_BASE_URL'],
    ['$20-$30', '20 dollars to 30 dollars'],
  ]) {
    assert.equal(plain(written!), spoken)
  }
})

test('who is meant by "you" speaks of itself, and the caller becomes "you"', () => {
  assert.equal(inOwnVoice('You are open until 5.', 'we'), 'we are open until 5.')
  assert.equal(inOwnVoice('Your name is on the door.', 'I'), 'my name is on the door.')
  assert.equal(inOwnVoice("The caller's order is ready.", 'we'), 'your order is ready.')
  assert.equal(inOwnVoice('Customers can call you.', 'we'), 'you can call us.')
})

test('sentences do not end at abbreviations and figures', () => {
  assert.deepEqual(sentencesOf('Dr. Lee is in from 8 a.m. to noon. It costs 4.50. Really!'), [
    'Dr. Lee is in from 8 a.m. to noon.',
    'It costs 4.50.',
    'Really!',
  ])
})

test('a text that is too long is cut after a sentence, or else after a clause', () => {
  assert.equal(shortened('One two three. Four five six.', 4), 'One two three.')
  assert.equal(shortened('One two, three four, five six', 5), 'One two, three four.')
  assert.equal(shortened('Short enough.', 5), 'Short enough.')
})

test('lists are spoken with "and"', () => {
  assert.equal(enumerated([]), '')
  assert.equal(enumerated(['tea']), 'tea')
  assert.equal(enumerated(['tea', 'milk', 'sugar']), 'tea, milk and sugar')
})

test('days come from names, ranges and words for several', () => {
  const days = (text: string) => [...daysIn(words(text))].sort()
  assert.deepEqual(days('Monday to Friday'), [0, 1, 2, 3, 4])
  assert.deepEqual(days('from Friday through Monday'), [0, 4, 5, 6])
  assert.deepEqual(days('weekends and Wednesdays'), [2, 5, 6])
  assert.deepEqual(days('every day'), [0, 1, 2, 3, 4, 5, 6])
  assert.deepEqual(days('in March'), [])
})

test('a sentence tells on which days it is open and on which closed', () => {
  const told = (text: string) => {
    const { open, closed } = openDays(words(text))
    return { open: [...open].sort(), closed: [...closed].sort() }
  }
  assert.deepEqual(told('Open every day except Sunday'), { open: [0, 1, 2, 3, 4, 5], closed: [6] })
  assert.deepEqual(told('On Mondays we are closed'), { open: [], closed: [0] })
  assert.deepEqual(told('Open Monday to Friday, closed on weekends'), { open: [0, 1, 2, 3, 4], closed: [5, 6] })
})

test('a prompt falls into lines under their headings; items keep together with their lead-in', () => {
  assert.deepEqual(linesOf('# Menu\n- Rye: $4\nWe bake. We sell.\nSizes:\n1. Small\n\n**Hours**\nNine to five'), [
    { text: 'Rye: $4', heading: 'Menu', isItem: true },
    { text: 'We bake.', heading: 'Menu', isItem: false },
    { text: 'We sell.', heading: 'Menu', isItem: false },
    { text: 'Small', heading: 'Sizes', isItem: true },
    { text: 'Nine to five', heading: 'Hours', isItem: false },
  ])
})

test('a lead-in reaches to the next blank line', () => {
  const headings = linesOf('Plans:\n\nFree plan: 5 GB\nPro plan: 1 TB\n\nWe are nice.').map(({ heading }) => heading)
  assert.deepEqual(headings, ['Plans', 'Plans', ''])
})

test('a placeholder that nobody filled leaves no trace', () => {
  assert.deepEqual(linesOf('Hello {{name}}, dear. We open at 7.'), [
    { text: 'We open at 7.', heading: '', isItem: false },
  ])
})

for (const [line, is] of [
  ['You are a friendly agent of Acme.', 'identity'],
  ['You are friendly and calm.', 'style'],
  ['You are open from 9 to 5.', 'fact'],
  ['You are speaking with customers on the phone.', 'style'],
  ['Your name is Sam.', 'name'],
  ['You help callers book tables.', 'ability'],
  ['Your goal is to answer questions.', 'ability'],
  ['Keep answers short.', 'style'],
  ['Always be polite.', 'style'],
  ['Speak slowly.', 'style'],
  ["Don't use lists.", 'style'],
  ['The conversation is spoken aloud.', 'style'],
  ['Never give legal advice.', 'refusal'],
  ['You must not promise refunds.', 'refusal'],
  ['Ask for their name.', 'order'],
  ['If they ask about parking, tell them it is free.', 'rule'],
  ['When it rains, the terrace is closed.', 'fact'],
  ['If you return an item within 30 days, you get your money back.', 'fact'],
  ['Tell callers that we are closed in August.', 'fact'],
  ['Delivery is free.', 'fact'],
  ['Call us at 555 0100.', 'fact'],
  ['Open daily from 9 to 5.', 'fact'],
  ['Check-in is from 3.', 'fact'],
  ['Q: Where are you?', 'question'],
  ['A: In Leeds.', 'answer'],
] as const) {
  test(`"${line}" is ${is === 'style' ? 'a matter of style' : `for: ${is}`}`, () => {
    assert.equal(meaningOf(line, '').is, is)
  })
}

// Which values were said, and which were made up.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unsaidValues } from '../dist/said-values.js'

type Row = readonly [said: string | readonly string[], name: string, value: unknown, schema?: Record<string, unknown>]

const unsaid = ([said, name, value, schema = {}]: Row): readonly string[] =>
  unsaidValues(
    { [name]: value },
    { type: 'object', properties: { [name]: schema } },
    typeof said === 'string' ? [said] : said,
  )

/** What was said, an argument, and its value. */
const said: readonly Row[] = [
  // numbers
  ['a table for four please', 'party_size', 4],
  ['there will be twenty five of us', 'guests', 25],
  ['we are one hundred and twenty people', 'guests', 120],
  ['two thousand and twenty six', 'year', 2026],
  ['in twenty twenty six', 'year', 2026],
  ['nineteen eighty four', 'birth_year', 1984],
  ['fifteen hundred dollars', 'amount', 1500],
  ['five dollars', 'amount_in_cents', 500, { description: 'Amount in cents' }],
  ['four point five stars', 'rating', 4.5],
  ['twenty percent off', 'discount', 0.2],
  ['a pizza please', 'quantity', 1],
  ['just me', 'guests', 1],
  ['a couple of bagels', 'quantity', 2],
  ['my wife and I', 'guests', 2],
  ['two adults and three children', 'guests', 5],
  ['half an hour', 'minutes', 30],
  ['an hour and a half', 'duration_minutes', 90],
  ['for two weeks', 'days', 14],
  ['a dozen eggs', 'count', 12],
  ['no children', 'children', 0],
  ['minus five degrees', 'temperature', -5],
  ['I have 1,500 points', 'points', 1500],
  ['on the third floor', 'floor', 3],
  ['What is the weather in Paris', 'latitude', 48.85],
  // codes and telephone numbers
  ['My order is one two three four five six seven eight.', 'order_id', '12345678'],
  ['12 34, 56 78', 'order_id', '12345678'],
  [['One two three four.', 'Five six seven eight.'], 'order_id', '12345678'],
  ['double five five oh one two', 'code', '555012'],
  ['A B dash one two three four', 'booking_reference', 'AB-1234'],
  ['B as in Bravo, K as in Kilo, nine nine', 'plate', 'BK99'],
  ['b for bravo k for kilo nine nine', 'plate', 'BK99'],
  ['it is five five five, one two three, four five six seven', 'phone', '+1 (555) 123-4567'],
  ['07700 900123', 'phone', '+447700900123'],
  ['the last four are 4 2 4 2', 'last_four', '4242'],
  ['room twelve', 'room', '12'],
  ['{"orders": [{"id": "ord_8f3K-2"}]}', 'order_id', 'ord_8f3k-2'],
  ['{"slots": ["2026-03-05T10:00:00Z"]}', 'slot', '2026-03-05T10:00:00Z'],
  ['nine zero two one oh', 'zip', '90210'],
  // e-mail and addresses
  ['john at example dot com', 'email', 'john@example.com'],
  ['John dot Smith at mail dot example dot org', 'email', 'john.smith@mail.example.org'],
  ['j o h n underscore s at gmail', 'email', 'john_s@gmail.com'],
  ['It is john.smith@example.com.', 'email', 'John.Smith@example.com'],
  ['john twenty five at example dot com', 'email', 'john25@example.com'],
  ['my site is example dot com slash shop', 'url', 'https://www.example.com/shop'],
  ['twelve Main Street, Springfield', 'address', '12 Main St., Springfield'],
  ['flat three, 40 Queen Anne Street', 'address', '40 Queen Anne Street, Apt 3'],
  // dates and times
  ['tomorrow at three', 'date', '2026-03-04'],
  ['next Tuesday', 'date', '2026-03-10'],
  ['March 3rd', 'date', '2026-03-03'],
  ['the third of March', 'date', '2026-03-03'],
  ['on the fifteenth', 'date', '2026-03-15'],
  ['march third nineteen eighty four', 'date_of_birth', '1984-03-03'],
  ['3/15/2026', 'date', '2026-03-15'],
  ['in March', 'from', '2026-03-01'],
  ['in two weeks', 'date', '2026-03-17'],
  ['tomorrow at 3 pm', 'start', '2026-03-04T15:00:00'],
  ['tomorrow', 'start', '2026-03-04T00:00:00Z'],
  ['March 5th at half past three', 'start', '2026-03-05T15:30:00+01:00'],
  ['at 3 pm', 'time', '15:00'],
  ['at ten thirty', 'time', '10:30'],
  ['quarter to four', 'time', '15:45'],
  ['in the afternoon', 'time', '14:00'],
  // names and places
  ["I'm Anna Kovács", 'name', 'Anna Kovacs'],
  ['my name is jon smith', 'name', 'John Smith'],
  ['J O H N S O N', 'last_name', 'Johnson'],
  ["It's for Mr. O'Brien", 'name', "O'Brien"],
  ['the weather in paris', 'city', 'Paris, France'],
  ['San Francisco please', 'location', 'San Francisco, CA'],
  ['Anna', 'name', 'anna'],
  ['two sourdough loaves', 'product', 'Sourdough loaf'],
  // choices
  ['what is the weather', 'unit', 'celsius', { enum: ['celsius', 'fahrenheit'] }],
  ['I want a refund', 'urgent', true],
  ['I want a refund', 'priority', 'high'],
  ['how much is it in dollars', 'currency', 'USD'],
  ['book it', 'source', 'phone', { const: 'phone' }],
  ['book it', 'limit', 10, { default: 10 }],
  ['anything', 'note', null],
  ['anything', 'answer', 'yes', { enum: ['yes', 'no'] }],
  // texts in other words
  ['my kettle is broken and I want my money back', 'summary', 'Customer wants refund for broken kettle'],
  ['my tooth hurts badly since Monday', 'reason', 'Toothache'],
  ['what do you charge for deliveries to Leeds', 'query', 'delivery charges Leeds'],
  ['could you tell him I will be late', 'message', 'I will be late.'],
  // other languages
  ['Ich hätte gerne einen Tisch für fünfundzwanzig Personen am Freitag', 'guests', 25],
  ['Guten Tag, ich möchte bitte einen Termin für morgen um drei', 'date', '2026-03-04'],
  ['東京の天気を教えてください', 'city', 'Tokyo'],
  ['東京の天気を教えてください', 'city', '東京'],
]

/** The same where nobody said it. */
const madeUp: readonly Row[] = [
  ['a table please', 'party_size', 4],
  ['there will be twenty five of us', 'guests', 35],
  ['I would like a table for tomorrow', 'guests', 6],
  ['I want to pay', 'amount', 49.99],
  ['two adults and three children', 'guests', 8],
  ['what is my order status', 'order_id', '12345'],
  ['what is my order status', 'order_id', 'ORD-001'],
  ['My order is one two three four', 'order_id', '12345678'],
  ['one two three four five six seven eight', 'order_id', '12345679'],
  ['what is my order status', 'order_id', 'unknown'],
  ['please call me back', 'phone', '+1 555 123 4567'],
  ['five five five, one two three, four five six seven', 'phone', '555 123 4568'],
  ['send me the receipt', 'email', 'john@example.com'],
  ['john at example dot com', 'email', 'jane@example.com'],
  ['my name is john', 'email', 'john@gmail.com'],
  ['my name is john', 'email', 'john.doe@example.com'],
  ['book a table', 'name', 'John Doe'],
  ['I am Anna', 'name', 'Anna Smith'],
  ['I am Anna', 'name', 'Peter'],
  ['book a table', 'name', 'Customer 1'],
  ['book a table', 'name', ''],
  ['book a table', 'name', '   '],
  ['what is the weather', 'city', 'Paris'],
  ['the weather in London', 'city', 'Paris, France'],
  ['deliver it to me', 'address', '12 Main Street'],
  ['12 Main Street', 'address', '14 Main Street'],
  ['12 Main Street', 'address', '12 Main Street, 90210'],
  ['book a table', 'date', '2026-03-04'],
  ['March 3rd', 'date', '2026-04-03'],
  ['March 3rd', 'date', '2026-03-07'],
  ['march third nineteen eighty four', 'date_of_birth', '1985-03-03'],
  ['on March 5th', 'start', '2026-03-05T15:00:00'],
  ['book a table', 'start', '2026-03-05T15:00:00'],
  ['book a table', 'time', '19:00'],
  ['at three', 'time', '16:00'],
  ['at ten', 'time', '10:45'],
  ['my site is nice', 'url', 'https://example.com'],
  ['I need help', 'summary', 'Caller reports water damage in kitchen'],
  ['I need help', 'summary', 'Help with invoice 4471'],
  ['I need help', 'product', 'Sourdough bread'],
  ['book it', 'limit', '', { default: '' }],
  ['Guten Tag, ich möchte bitte meine Bestellung wissen und zwar bald', 'order_id', '12345678'],
]

test('what was said counts as said, in whatever form', () => {
  for (const row of said) assert.deepEqual(unsaid(row), [], JSON.stringify(row))
})

test('what nobody said is found', () => {
  for (const row of madeUp) assert.deepEqual(unsaid(row), [row[1]], JSON.stringify(row))
})

test('without a word said, everything but choices is made up', () => {
  const schema = { properties: { unit: { enum: ['c', 'f'] } } }
  assert.deepEqual(unsaidValues({ city: 'Paris', days: 3, unit: 'c', now: true }, schema, []), ['city', 'days'])
  assert.deepEqual(unsaidValues({}, schema, []), [])
})

test('values inside objects and lists are named by their dotted path', () => {
  const schema = {
    properties: {
      guests: { type: 'array', items: { $ref: '#/$defs/guest' } },
      contact: { anyOf: [{ type: 'null' }, { properties: { via: { enum: ['mail', 'phone'] } } }] },
    },
    $defs: { guest: { properties: { meal: { enum: ['fish', 'meat'] } } } },
  }
  const args = {
    guests: [
      { name: 'Anna', meal: 'fish' },
      { name: 'Otto', meal: 'meat' },
    ],
    contact: { via: 'phone', number: '5550100' },
    tags: ['vip'],
  }
  assert.deepEqual(unsaidValues(args, schema, ['I am Anna']), ['guests[1].name', 'contact.number', 'tags[0]'])
})

test('a schema that is broken, and arguments without end, do no harm', () => {
  let deep: unknown = 'x'
  for (let n = 0; n < 5000; n++) deep = { deep }
  const loop = { properties: { a: { $ref: '#/properties/a', anyOf: 5, enum: 'x' } } }
  assert.deepEqual(unsaidValues({ a: 'Otto' }, loop, ['hello']), ['a'])
  assert.deepEqual(unsaidValues({ a: deep }, { properties: 5 }, ['hello']), [])
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, `Otto${n}`]))
  assert.equal(unsaidValues(many, {}, ['hello']).length, 20)
  const long = 'a'.repeat(50_000)
  unsaidValues({ name: long }, {}, [`${long} b`.repeat(2), 'aa '.repeat(20_000)])
})

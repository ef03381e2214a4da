// What a tool needs and the agent asks for: its form, and when it is whole.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionPatch } from '@parley/protocol'
import { awaitedForm } from '../dist/awaited-value.js'
import { completenessOf } from '../dist/completeness.js'
import { configure } from '../dist/config.js'
import { patternLength } from '../dist/pattern-length.js'
import { silenceToWait } from '../dist/turn-taking.js'
import { nothingSaid } from '../dist/user-turn.js'

type Schema = Record<string, unknown>
const tool = (properties: Schema) => ({ parameters: { type: 'object', properties } })
const digits = (least: number, most = least) => ({ is: 'characters', least, most, letters: false })
const code = (least: number, most = least) => ({ is: 'characters', least, most, letters: true })

test('the length of a value is read off its pattern', () => {
  const rows: readonly (readonly [pattern: string, least: number, most: number, letters: boolean])[] = [
    ['^\\d{8}$', 8, 8, false],
    ['[0-9]{5}(-[0-9]{4})?', 5, 9, false],
    ['\\+?\\d{10,15}', 10, 15, false],
    ['^\\(?\\d{3}\\)?[ -]?\\d{3}-?\\d{4}$', 10, 10, false],
    ['ORD-\\d{6}', 6, 6, false],
    ['[A-Z]{2}-?\\d{4}', 6, 6, true],
    ['ORD-[A-Z]\\d{3}', 4, 7, true],
    ['[A-Z0-9]{6}', 6, 6, true],
    ['(?:\\d{4} ?){4}', 16, 16, false],
    ['(?P<n>\\d{3})|\\d{5}', 3, 5, false],
    ['0\\d{3}', 4, 4, false],
    ['\\d+', 1, Number.POSITIVE_INFINITY, false],
    ['[A-Za-z ]*', 0, Number.POSITIVE_INFINITY, true],
    ['\\d{3,}', 3, Number.POSITIVE_INFINITY, false],
    ['\\w.', 2, 2, true],
    ['[^0]\\D', 1, 1, true],
  ]
  for (const [pattern, least, most, letters] of rows)
    assert.deepEqual(patternLength(pattern), { least, most, letters }, pattern)
})

test('a pattern beyond these rules tells nothing', () => {
  for (const pattern of ['(', ')', '(?=\\d)\\d', '(\\d)\\1', 'a'.repeat(300), '('.repeat(50) + ')'.repeat(50)])
    assert.equal(patternLength(pattern), undefined, pattern)
})

test('the question tells which argument is asked for, and its schema what form it has', () => {
  const rows: readonly (readonly [properties: Schema, question: string, form: unknown])[] = [
    [{ order_id: { pattern: '\\d{8}' } }, 'Could you give me your order number, please?', digits(8)],
    [{ orderId: { pattern: '\\d{8}' } }, 'Thanks. What is the ID of the order?', digits(8)],
    [{ order_id: { pattern: '\\d{8}' } }, 'What would you like to order?', undefined],
    [{ order_id: { pattern: '\\d{8}' } }, 'How can I help you?', undefined],
    [{ order_id: { pattern: '\\d{8}' } }, 'I need your order number. Do you have it? It is on the receipt.', undefined],
    [{ ref: { pattern: '[A-Z]{6}', description: 'Booking reference' } }, 'What is the booking reference?', code(6)],
    [{ x: { description: 'The six digit verification code' } }, 'Which verification code did you get?', digits(6)],
    [{ member_number: { minLength: 7, maxLength: 9 } }, 'Your member number?', code(7, 9)],
    [{ zip: { minLength: 5, maxLength: 5 } }, 'And the zip?', digits(5)],
    [{ account: { type: 'integer', minimum: 100000, maximum: 999999 } }, 'Which account is it?', digits(6)],
    [{ guests: { type: 'integer', minimum: 1, maximum: 12 } }, 'How many guests?', undefined],
    [{ name: { pattern: '[A-Za-z ]+' } }, 'What is your name?', undefined],
    [{ email: {} }, 'What is your email?', { is: 'email' }],
    [
      { contact: { format: 'email', description: 'Where to send the receipt' } },
      'Where should we send the receipt?',
      { is: 'email' },
    ],
    [{ delivery_address: {} }, 'What is the delivery address?', { is: 'address' }],
    [{ order_id: { pattern: '\\d{8}' }, customer_id: { pattern: '\\d{5}' } }, 'What is your customer ID?', digits(5)],
    [
      { order_id: { pattern: '\\d{8}' }, customer_number: { pattern: '\\d{5}' } },
      'The order number, please?',
      digits(8),
    ],
    [{ id: { pattern: '\\d{4}' } }, 'What is the number?', digits(4)],
  ]
  for (const [properties, question, form] of rows)
    assert.deepEqual(awaitedForm([tool(properties)], question, []), form, `${JSON.stringify(properties)} ${question}`)
})

test('the words of the user tell it as well, and go before the question', () => {
  const tools = [tool({ order_id: { pattern: '\\d{8}' }, zip_code: { pattern: '\\d{5}' } })]
  const words = 'my zip code is'.split(' ')
  assert.deepEqual(awaitedForm(tools, 'What is your order number?', words), digits(5))
})

test('a schema that is broken awaits nothing', () => {
  for (const properties of [5, null, { id: null }, { id: { pattern: 5, description: {}, minLength: 'x' } }, { '': {} }])
    assert.equal(awaitedForm([{ parameters: { properties } }], 'What is the id number?', []), undefined)
})

/** After "What is your order number?" and the like: whether the value is in progress, whole, or neither. */
test('a value is waited for until it is whole', () => {
  const eight = [tool({ order_id: { type: 'string', pattern: '^\\d{8}$' } })]
  const plate = [tool({ plate_number: { pattern: '[A-Z]{2}\\d{4}' } })]
  const range = [tool({ customer_number: { pattern: '\\d{5,9}' } })]
  const mail = [tool({ email: { format: 'email' } })]
  const home = [tool({ home: { format: 'email', description: 'where to write' }, street: {} })]
  const rows: readonly (readonly [
    tools: typeof eight,
    question: string,
    text: string,
    is: 'progress' | 'whole' | 'neither',
  ])[] = [
    [eight, 'What is your order number?', 'One two three four.', 'progress'],
    [eight, 'What is your order number?', "It's 1234", 'progress'],
    [eight, 'What is your order number?', 'One two three four, five six seven eight.', 'whole'],
    [eight, 'What is your order number?', '1234 5678.', 'whole'],
    [eight, 'What is your order number?', 'Twenty one, double two, thirty three forty.', 'whole'],
    [eight, 'What is your order number?', '12 34 dash 56 78', 'whole'],
    [eight, 'What is your order number?', 'One two double.', 'progress'],
    [eight, 'What is your order number?', '123456789', 'neither'],
    [eight, 'What is your order number?', 'Why do you need it?', 'neither'],
    [eight, 'What is your order number?', 'I have no idea.', 'neither'],
    [eight, 'How can I help?', 'My order number is 1234.', 'progress'],
    [eight, 'How can I help?', 'My order number is 12345678.', 'whole'],
    [plate, 'What is the plate number?', 'K B', 'progress'],
    [plate, 'What is the plate number?', 'KB 12', 'progress'],
    [plate, 'What is the plate number?', 'KB 1234', 'whole'],
    [plate, 'What is the plate number?', 'K as in', 'progress'],
    [plate, 'What is the plate number?', 'K as in Kilo, B as in Bravo, one two three four', 'whole'],
    [plate, 'What is the plate number?', 'K for Kilo, B for Bravo, one two', 'progress'],
    [range, 'What is the customer number?', '123', 'progress'],
    [range, 'What is the customer number?', '12345', 'neither'],
    [range, 'What is the customer number?', '123456789', 'whole'],
    [mail, 'What is your email?', 'john dot smith', 'progress'],
    [mail, 'What is your email?', 'john dot smith at example dot com', 'whole'],
    [mail, 'What is your email?', 'Why?', 'neither'],
    [home, 'Where can we write to, where is home?', 'anna', 'progress'],
    [home, 'Which street is it?', 'Queen', 'progress'],
    [home, 'Which street is it?', '12 Queen Anne Street, Leeds', 'neither'],
  ]
  for (const [tools, question, text, is] of rows) {
    const { complete, dictating } = completenessOf(text, question, tools)
    assert.equal(dictating ? 'progress' : complete === 0.95 ? 'whole' : 'neither', is, `"${text}" after "${question}"`)
  }
})

test('with explicit turn detection the tools have no say (protocol.md 5.2)', () => {
  const tools: SessionPatch['tools'] = [
    {
      type: 'function',
      name: 'get_order',
      parameters: { type: 'object', properties: { order_id: { pattern: '\\d{8}' } } },
    },
  ]
  const wait = (text: string, input: NonNullable<SessionPatch['input']>) =>
    Math.round(
      silenceToWait(
        configure({ input, tools }, 'alba'),
        { ...nothingSaid, text, known: 'final' },
        'What is your order number?',
        {
          patience: 1,
        },
      ).ms,
    )
  assert.deepEqual([wait('1234', {}), wait('12345678', {})], [1920, 186])
  const explicit = { turn_detection: { min_silence: 500, max_silence: 2000 } }
  assert.deepEqual([wait('1234', explicit), wait('1234 5678', explicit)], [500, 700])
})

// What the model writes for arguments, against the rules of the tool.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkedArguments } from '../../dist/tools/arguments.js'

type Schema = Record<string, unknown>

const tool = (properties: Schema, more: Schema = {}) => ({ parameters: { type: 'object', properties, ...more } })
/** One argument `x` of this schema. */
const given = (schema: unknown, value: unknown, more: Schema = {}) =>
  checkedArguments(JSON.stringify({ x: value }), tool({ x: schema }, more))
const whys = (schema: unknown, value: unknown) => given(schema, value).problems.map(({ why }) => why)

/** What is refused of `x`, and the sentence that says so. */
const refused: readonly (readonly [schema: Schema, value: unknown, why: string])[] = [
  [{ type: 'string' }, true, 'x must be text.'],
  [{ type: 'string' }, { a: 1 }, 'x must be text.'],
  [{ type: 'string' }, 2 ** 64, 'x must be text.'],
  [{ type: 'integer' }, 'five', 'x must be a whole number.'],
  [{ type: 'integer' }, 5.5, 'x must be a whole number.'],
  [{ type: 'integer' }, '05', 'x must be a whole number.'],
  [{ type: 'number' }, '1e999', 'x must be a number.'],
  [{ type: 'boolean' }, 'yes', 'x must be true or false.'],
  [{ type: 'array' }, 'a, b', 'x must be a list.'],
  [{ type: 'object' }, [1], 'x must be an object.'],
  [{ type: ['integer', 'boolean'] }, 'x', 'x must be a whole number or true or false.'],
  [{ enum: ['small', 'large'] }, 'medium', 'x must be one of "small", "large".'],
  [{ enum: [1, 2] }, 3, 'x must be one of 1, 2.'],
  [{ const: 'a' }, 'b', 'x must be "a".'],
  [{ type: 'string', pattern: '\\d{8}' }, '123456789', 'x must match the pattern \\d{8} as a whole.'],
  [{ type: 'string', pattern: '^[A-Z]{2}' }, 'ABC', 'x must match the pattern ^[A-Z]{2} as a whole.'],
  [{ type: 'string', pattern: 'a|ab' }, 'abc', 'x must match the pattern a|ab as a whole.'],
  [
    { type: 'string', format: 'email' },
    'john at example.com',
    'x must be an e-mail address, such as name@example.com.',
  ],
  [{ type: 'string', format: 'date' }, '2026-02-30', 'x must be a date, such as 2026-03-31.'],
  [{ type: 'string', format: 'date' }, 'tomorrow', 'x must be a date, such as 2026-03-31.'],
  [{ type: 'string', format: 'date-time' }, '2026-03-31', 'x must be a date and time, such as 2026-03-31T15:00:00Z.'],
  [{ type: 'string', format: 'uri' }, 'example.com', 'x must be a whole address, such as https://example.com/page.'],
  [{ type: 'string', format: 'uri' }, 'https://a b', 'x must be a whole address, such as https://example.com/page.'],
  [{ type: 'string', minLength: 3 }, 'ab', 'x must have at least 3 characters.'],
  [{ type: 'string', maxLength: 1 }, '👋👋', 'x must have at most 1 characters.'],
  [{ type: 'integer', minimum: 1 }, 0, 'x must be at least 1.'],
  [{ type: 'integer', maximum: 8 }, 9, 'x must be at most 8.'],
  [{ type: 'number', exclusiveMinimum: 0 }, 0, 'x must be more than 0.'],
  [{ type: 'number', maximum: 5, exclusiveMaximum: true }, 5, 'x must be less than 5.'],
  [{ type: 'number', multipleOf: 0.1 }, 0.25, 'x must be a multiple of 0.1.'],
  [{ type: 'array', minItems: 1 }, [], 'x must have at least 1 entries.'],
  [{ type: 'array', maxItems: 1 }, [1, 2], 'x must have at most 1 entries.'],
  [{ type: 'array', uniqueItems: true }, ['a', 'a'], 'x must have no entry twice.'],
  [{ not: { enum: ['x'] } }, 'x', 'x must not have this form.'],
  [{ allOf: [{ type: 'string' }, { minLength: 2 }] }, 'a', 'x must have at least 2 characters.'],
  [{ anyOf: [{ type: 'string', minLength: 2 }, { type: 'null' }] }, 'a', 'x must have at least 2 characters.'],
  [{ oneOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'maybe', 'x must be true or false.'],
]

test('a value that breaks a rule is refused, and the model is told which (133, 134)', () => {
  for (const [schema, value, why] of refused)
    assert.deepEqual(given(schema, value).problems, [{ argument: 'x', why }], JSON.stringify([schema, value]))
})

/** What is taken for `x`, and as what; without a third part as it is. */
const taken: readonly (readonly [schema: unknown, value: unknown, as?: unknown])[] = [
  [{ type: 'string' }, ''],
  [{ type: 'string' }, 12345678, '12345678'],
  [{ type: 'integer' }, '5', 5],
  [{ type: 'integer' }, ' -12 ', -12],
  [{ type: 'number' }, '2.50', 2.5],
  [{ type: 'integer' }, 5],
  [{ type: 'boolean' }, 'true', true],
  [{ type: ['integer', 'string'] }, '5'],
  [{ type: 'array', items: { type: 'integer' } }, '["1", 2]', [1, 2]],
  [{ type: 'object' }, '{"a": 1}', { a: 1 }],
  [{ type: 'string' }, '["kept as text"]'],
  [{ enum: ['Celsius', 'Fahrenheit'] }, ' celsius', 'Celsius'],
  [{ enum: ['a', 'A'] }, 'A'],
  [{ enum: ['1', '2'] }, 1, '1'],
  [{ enum: [{ a: [1] }] }, { a: [1] }],
  [{ type: 'string', pattern: '\\d{8}' }, '12345678 ', '12345678'],
  [{ type: 'string', pattern: '^\\d{3}-\\d{4}$' }, '555-0199'],
  [{ type: 'string', pattern: '(?i)ab+\\Z' }, 'ABB'],
  [{ type: 'string', pattern: '(?P<year>\\d{4})' }, '2026'],
  [{ type: 'string', pattern: '[\\w-]+' }, 'Zoë-Größe'],
  [{ type: 'string', pattern: '\\u00e9+' }, 'éé'],
  [{ type: 'string', pattern: '^(?=.*\\d)(?!0)[a-z\\d]{3,}$' }, 'abc1'],
  [{ type: 'string', format: 'email' }, 'john.smith+1@mail.example.com'],
  [{ type: 'string', format: 'date' }, '2028-02-29'],
  [{ type: 'string', format: 'date-time' }, '2026-03-31T15:00:00'],
  [{ type: 'string', format: 'date-time' }, '2026-03-31T15:00:00+02:00'],
  [{ type: 'string', format: 'uri' }, 'mailto:a@b.c'],
  [{ type: 'string', format: 'ipv4' }, 'not held to'],
  [{ type: 'number', multipleOf: 0.1 }, 0.3],
  [{ type: 'array', uniqueItems: true }, [{}, {}]],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, '5'],
  [{ anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, '5', 5],
  [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 5],
  [{ type: 'string', nullable: true }, null],
  [{ type: ['string', 'null'] }, null],
  [{}, { anything: [null] }],
  [true, 'x'],
]

test('what means the same in another form is taken, and brought to the form of the schema', () => {
  for (const [schema, value, as = value] of taken) {
    const found = given(schema, value)
    assert.deepEqual(found.problems, [], JSON.stringify([schema, value]))
    assert.deepEqual(found.arguments, { x: as }, JSON.stringify([schema, value]))
    assert.deepEqual(found.notes, [], JSON.stringify([schema, value]))
  }
})

test('a lookahead at the beginning is a condition like any other', () => {
  const schema = { type: 'string', pattern: '^(?=.*\\d)(?!0)[a-z\\d]{3,}$' }
  assert.equal(whys(schema, 'abc').length, 1)
  assert.equal(whys(schema, '0ab').length, 1)
  assert.equal(whys(schema, 'a1').length, 1)
})

test('the arguments are one object, however the model wrapped it', () => {
  for (const text of ['', '  ', 'null', '{}', '"{}"'])
    assert.deepEqual(checkedArguments(text, tool({})), { arguments: {}, problems: [], notes: [] }, text)
  assert.deepEqual(checkedArguments('"{\\"x\\": 1}"', tool({})).arguments, { x: 1 })
  for (const text of ['[]', '5', '"x"', '{"x": 1', 'x: 1'])
    assert.deepEqual(
      checkedArguments(text, tool({})),
      { arguments: {}, problems: [{ argument: '', why: 'The arguments must be one JSON object.' }], notes: [] },
      text,
    )
})

test('a required argument is missing when it is left out or null; an optional null is left out', () => {
  const schema = { x: { type: 'string' }, y: { type: 'integer' } }
  const found = (text: string) => checkedArguments(text, tool(schema, { required: ['x'] }))
  const missing = [{ argument: 'x', why: 'x is required and was left out.' }]
  assert.deepEqual(found('{}').problems, missing)
  assert.deepEqual(found('').problems, missing)
  assert.deepEqual(found('{"x": null}').problems, missing)
  assert.deepEqual(found('{"x": "a", "y": null}'), { arguments: { x: 'a' }, problems: [], notes: [] })
})

test('problems name their place by a dotted path, inside objects and lists', () => {
  const schema = tool({
    guests: {
      type: 'array',
      items: {
        type: 'object',
        properties: { age: { type: 'integer' }, name: {} },
        required: ['name'],
        additionalProperties: false,
      },
    },
  })
  const found = checkedArguments('{"guests": [{"name": "A", "age": "7"}, {"age": "old", "pet": 1}]}', schema)
  assert.deepEqual(
    found.problems.map(({ argument }) => argument),
    ['guests[1].age', 'guests[1].pet', 'guests[1].name'],
  )
  assert.deepEqual(found.arguments.guests, [{ name: 'A', age: 7 }, { age: 'old' }])
})

test('an argument that the tool does not have is refused only where the schema says so', () => {
  assert.deepEqual(checkedArguments('{"z": 1}', tool({ x: {} })).problems, [])
  assert.deepEqual(checkedArguments('{"z": 1}', tool({ x: {} }, { additionalProperties: false })).problems, [
    { argument: 'z', why: 'The tool has no argument z: leave it out.' },
  ])
  assert.equal(
    checkedArguments('{"z": "a"}', tool({}, { additionalProperties: { type: 'integer' } })).problems[0]?.argument,
    'z',
  )
})

test('references are followed within the schema, and never out of it', () => {
  const more = { $defs: { code: { type: 'string', pattern: 'A\\d' }, loop: { $ref: '#/$defs/loop' } } }
  assert.deepEqual(given({ $ref: '#/$defs/code' }, 'A1', more).problems, [])
  assert.equal(given({ $ref: '#/$defs/code' }, 'B1', more).problems.length, 1)
  for (const $ref of ['https://example.com/schema.json', 'file:///etc/passwd', '#/$defs/none', '#/__proto__'])
    assert.match(given({ $ref }, 'x', more).notes.join(), /reference of x leads nowhere/, $ref)
  assert.match(given({ $ref: '#/$defs/loop' }, 'x', more).notes.join(), /too much work/)
})

test('a schema that is broken holds to what is left of it', () => {
  const broken: readonly unknown[] = [
    'string',
    7,
    null,
    [],
    { type: 'strnig' },
    { type: 5 },
    { enum: 'a' },
    { enum: [] },
    { minLength: 'long', maxLength: {}, pattern: 5, format: 7 },
    { minimum: '1', multipleOf: 0, exclusiveMinimum: {} },
    { items: 5, minItems: 'x', prefixItems: {} },
    { properties: [], required: 'x', additionalProperties: 'no' },
    { anyOf: {}, oneOf: [], allOf: 'x', not: 'y' },
    { $ref: 5 },
  ]
  for (const schema of broken)
    for (const value of ['a', 1, true, [1], { a: 1 }])
      assert.deepEqual(given(schema, value).problems, [], String(schema))
  assert.deepEqual(checkedArguments('{"x": 1}', { parameters: { properties: 5, required: [7] } }).problems, [])
})

test('a pattern that cannot be matched in linear time is not enforced, and that is noted', () => {
  for (const pattern of ['(a)\\1', '(?P<q>["\']).*(?P=q)', 'a(?=b)b', '[', '(?x) a', 'a++', 'x'.repeat(600)]) {
    const found = given({ type: 'string', pattern }, 'a person said this')
    assert.deepEqual(found.problems, [], pattern)
    assert.equal(found.notes.length, 1, pattern)
    assert.match(found.notes[0]!, /^The pattern of x is not enforced: /)
    assert.doesNotMatch(found.notes[0]!, /person/)
  }
})

/** Generous: what backtracking would need is beyond the age of the universe. */
const quickly = (check: () => void): void => {
  const start = process.hrtime.bigint()
  check()
  const tookMs = Number(process.hrtime.bigint() - start) / 1e6
  assert.ok(tookMs < 3000, `It took ${tookMs} ms.`)
}

test('no pattern and no schema holds up the server', () => {
  const evil = `${'a'.repeat(3000)}!`
  for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*a){20}', '(a|a?)+b', '(?:.{0,30}){0,30}', '(\\w+\\s?)*$'])
    quickly(() => given({ type: 'string', pattern }, evil))
  const doubling: Schema = { $defs: {} }
  for (let n = 0; n < 40; n++)
    Object.assign(doubling.$defs as Schema, {
      [`a${n}`]: { allOf: [{ $ref: `#/$defs/a${n + 1}` }, { $ref: `#/$defs/a${n + 1}` }] },
    })
  quickly(() => assert.match(given({ $ref: '#/$defs/a0' }, 'x', doubling).notes.join(), /too much work/))
  const patterns = Array.from({ length: 500 }, (_, n) => ({ pattern: `(?:[a-z${n}]{1,100}){1,9}` }))
  quickly(() => assert.match(given({ type: 'string', allOf: patterns }, 'a'.repeat(500)).notes.join(), /too /))
  quickly(() => given({ enum: Array.from({ length: 50_000 }, (_, n) => [n]) }, 'x'))
  const allOf = Array.from({ length: 5000 }, () => ({ uniqueItems: true, properties: { y: {} } }))
  const long = Array.from({ length: 5000 }, (_, n) => n)
  quickly(() => given({ allOf }, long))
  quickly(() => given({ allOf }, Object.fromEntries(long.map((n) => [`k${n}`, n]))))
  let deep: unknown = 1
  for (let n = 0; n < 60; n++) deep = [deep]
  quickly(() => given({ type: 'array', items: { $ref: '#/properties/x' } }, deep))
  quickly(() => checkedArguments(`{"x": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`, tool({ x: { enum: [[[[]]]] } })))
})

test('arguments named like parts of every object are arguments like any other', () => {
  const found = checkedArguments('{"__proto__": {"a": "1"}, "constructor": 5}', tool({ toString: { type: 'string' } }))
  assert.deepEqual(found.problems, [])
  assert.deepEqual(Object.keys(found.arguments), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(found.arguments), Object.prototype)
})

test('whatever schema meets whatever value, an answer comes', () => {
  const words = fc.constantFrom(
    'type',
    'properties',
    'items',
    'anyOf',
    'enum',
    'pattern',
    '$ref',
    'required',
    'not',
    'x',
  )
  const schemas = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('string', 'object', 'array', '#', '#/properties/x', '[', 1, null),
      fc.array(tie('schema'), { maxLength: 3 }),
      fc.dictionary(words, tie('schema'), { maxKeys: 4 }),
    ),
  })).schema
  fc.assert(
    fc.property(schemas, fc.jsonValue({ maxDepth: 3 }), (schema, value) => {
      const found = given(schema, value, { additionalProperties: schema })
      assert.ok(Array.isArray(found.problems))
      assert.ok(found.problems.every(({ why }) => /^[\w The].*[.]$/s.test(why)))
    }),
    { numRuns: 300 },
  )
})

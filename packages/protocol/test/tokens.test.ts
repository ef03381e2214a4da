// Tokens: what may be asked for, and the bodies of the errors, word for word.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  bareValidationError,
  CreatedToken,
  checkPageQuery,
  checkTokenBody,
  checkTokenQuery,
  invalidKey,
  missingHeader,
  QueriedToken,
  validationError,
} from '@parley/protocol'

/** The body of the answer to a query that is refused. */
function refusal(query: Record<string, unknown>) {
  const result = checkTokenQuery(query)
  assert.ok(!result.ok)
  const { status, body } = bareValidationError(result.errors)
  assert.equal(status, 422)
  return body
}

test('a token is asked for with its time to live (13)', () => {
  const value = { expires_in_seconds: 60, max_session_duration_seconds: 10_800 }
  assert.deepEqual(checkTokenQuery({ expires_in_seconds: '60' }), { ok: true, value })
  assert.ok(QueriedToken.safeParse({ token: 't', expires_in_seconds: 60 }).success)
})

test('query parameters that are not known are ignored (8)', () => {
  assert.ok(checkTokenQuery({ expires_in_seconds: '60', product: 'voice_agent' }).ok)
})

test('of a parameter that is given twice the last counts', () => {
  const result = checkTokenQuery({ expires_in_seconds: ['1', '90'] })
  assert.ok(result.ok && result.value.expires_in_seconds === 90)
})

test('the time to live must be given (14)', () => {
  assert.deepEqual(refusal({}), {
    detail: [{ type: 'missing', loc: ['query', 'expires_in_seconds'], msg: 'Field required', input: null }],
  })
})

for (const [number, name, input, type, msg, ctx] of [
  [15, 'expires_in_seconds', '601', 'less_than_equal', 'Input should be less than or equal to 600', { le: 600 }],
  [16, 'expires_in_seconds', '0', 'greater_than_equal', 'Input should be greater than or equal to 1', { ge: 1 }],
  [
    15,
    'expires_in_seconds',
    '9'.repeat(400),
    'less_than_equal',
    'Input should be less than or equal to 600',
    { le: 600 },
  ],
  [16, 'expires_in_seconds', '-5', 'greater_than_equal', 'Input should be greater than or equal to 1', { ge: 1 }],
  [
    17,
    'max_session_duration_seconds',
    '59',
    'greater_than_equal',
    'Input should be greater than or equal to 60',
    { ge: 60 },
  ],
  [
    17,
    'max_session_duration_seconds',
    '30',
    'greater_than_equal',
    'Input should be greater than or equal to 60',
    { ge: 60 },
  ],
  [
    17,
    'max_session_duration_seconds',
    '10801',
    'less_than_equal',
    'Input should be less than or equal to 10800',
    { le: 10_800 },
  ],
] as const)
  test(`${name}=${input.slice(0, 20)} is refused as ${type}, with the raw text (18, ${number})`, () => {
    assert.deepEqual(refusal({ expires_in_seconds: '60', [name]: input }), {
      detail: [{ type, loc: ['query', name], msg, input, ctx }],
    })
  })

for (const input of ['', 'ten', '1.5', '1e2', '0x10', 'Infinity', 'NaN', 'null'])
  test(`a time to live that is no integer is refused (18): "${input}"`, () => {
    assert.deepEqual(refusal({ expires_in_seconds: input }), {
      detail: [
        {
          type: 'int_parsing',
          loc: ['query', 'expires_in_seconds'],
          msg: 'Input should be a valid integer, unable to parse string as an integer',
          input,
        },
      ],
    })
  })

test('every bound of a range belongs to it (15, 16, 17)', () => {
  for (const [least, most] of [
    ['1', '60'],
    ['600', '10800'],
  ])
    assert.ok(checkTokenQuery({ expires_in_seconds: least, max_session_duration_seconds: most }).ok)
})

test('everything that is wrong with a query is told at once', () => {
  const { detail } = refusal({ max_session_duration_seconds: '1' })
  assert.deepEqual(
    detail.map(({ type }) => type),
    ['missing', 'greater_than_equal'],
  )
})

test('a request without a key is refused by the header that is missing (19)', () => {
  assert.deepEqual(bareValidationError([missingHeader('authorization')]), {
    status: 422,
    body: { detail: [{ type: 'missing', loc: ['header', 'authorization'], msg: 'Field required', input: null }] },
  })
})

test('a key that is not known is refused with a sentence (20)', () => {
  assert.deepEqual(invalidKey, { status: 401, body: { detail: 'Invalid API key' } })
})

test('the newer request needs no body (25)', () => {
  for (const body of [undefined, null, {}])
    assert.deepEqual(checkTokenBody(body), { ok: true, value: { expires_in_seconds: 60 } })
  assert.deepEqual(checkTokenBody({ expires_in_seconds: 600 }), { ok: true, value: { expires_in_seconds: 600 } })
  assert.ok(CreatedToken.safeParse({ token: 't', expires_at: '2026-09-24T00:53:06.150269Z' }).success)
})

for (const [value, message] of [
  [0, 'Input should be greater than or equal to 1'],
  [601, 'Input should be less than or equal to 600'],
  [1.5, 'Input should be a valid integer'],
  ['60', 'Input should be a valid number'],
  [null, 'Input should be a valid number'],
] as const)
  test(`the newer request is refused in the newer envelope (25): ${JSON.stringify(value)}`, () => {
    const result = checkTokenBody({ expires_in_seconds: value })
    assert.ok(!result.ok)
    const { body } = validationError(result.errors, 'req_1')
    assert.equal(body.message, `expires_in_seconds: ${message}`)
  })

test('a list is asked for page by page (149)', () => {
  assert.deepEqual(checkPageQuery({}), { ok: true, value: { limit: 50 } })
  assert.deepEqual(checkPageQuery({ limit: '200', cursor: 'c' }), { ok: true, value: { limit: 200, cursor: 'c' } })
  for (const limit of ['0', '201', 'all']) assert.ok(!checkPageQuery({ limit }).ok, limit)
})

// Errors: their standing sentences, when they end a session, and the envelopes they travel in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  closeCodeOf,
  problem,
  RestError,
  restError,
  restErrorCodes,
  restErrors,
  type SessionErrorCode,
  serverEvents,
  sessionError,
  sessionErrorCodes,
} from '@parley/protocol'

test('bad credentials are told with every key of the observed frame (10)', () => {
  assert.deepEqual(sessionError(problem('unauthorized')), {
    type: 'session.error',
    code: 'unauthorized',
    message: 'Authentication failed',
    session_id: null,
    param: null,
  })
})

for (const [number, code, message] of [
  [37, 'agent_not_found', 'Agent not found'],
  [38, 'agent_id_not_first', 'agent_id can only be set on the first session.update'],
  [60, 'invalid_format', 'Invalid JSON format.'],
  [63, 'invalid_audio', 'Invalid audio data'],
] as const)
  test(`${code} says "${message}" (${number})`, () => {
    assert.deepEqual(problem(code), { code, message })
  })

test('errors of the protocol itself carry neither param nor session_id (64)', () => {
  for (const code of ['invalid_format', 'invalid_audio', 'audio_rate_violation'] as const)
    assert.deepEqual(Object.keys(sessionError(problem(code), 'sess_1')), ['type', 'code', 'message'])
})

test('errors of a setting name it and the session (52)', () => {
  const message = "'output.voice' cannot be changed after the first session.update"
  assert.deepEqual(sessionError(problem('immutable_field', { message, param: 'output.voice' }), 'sess_1'), {
    type: 'session.error',
    code: 'immutable_field',
    message,
    session_id: 'sess_1',
    param: 'output.voice',
  })
})

test('every error makes an event of the documented shape (69)', () => {
  for (const code of sessionErrorCodes)
    assert.ok(serverEvents['session.error'].safeParse(sessionError(problem(code))).success, code)
})

const never: SessionErrorCode[] = [
  'agent_id_not_first',
  'invalid_format',
  'invalid_audio',
  'audio_rate_violation',
  'immutable_field',
]
const first: SessionErrorCode[] = ['invalid_value', 'invalid_config', 'invalid_webhook']

test('errors in the format never close the socket (38, 42, 59, 60, 61, 62, 63)', () => {
  for (const code of never) assert.deepEqual([closeCodeOf(code, true), closeCodeOf(code, false)], [null, null], code)
})

test('a bad value closes the socket with 1008 in the first update, and never later (36, 40, 41, 59)', () => {
  for (const code of first) assert.deepEqual([closeCodeOf(code, true), closeCodeOf(code, false)], [1008, null], code)
})

test('every other error closes the socket, with 1008 unless the server itself failed (11, 37)', () => {
  for (const code of sessionErrorCodes.filter((code) => !never.includes(code) && !first.includes(code))) {
    const expected = code === 'internal_error' ? 1011 : 1008
    assert.deepEqual([closeCodeOf(code, true), closeCodeOf(code, false)], [expected, expected], code)
  }
})

for (const [code, status] of [
  ['missing_authorization', 401],
  ['unauthorized', 401],
  ['validation_error', 422],
  ['invalid_request', 400],
  ['agent_not_found', 404],
  ['session_not_found', 404],
  ['idempotency_in_progress', 409],
  ['not_found', 404],
  ['method_not_allowed', 405],
  ['internal_error', 500],
] as const)
  test(`REST answers ${code} with ${status}`, () => {
    assert.equal(restError(code, 'req_1').status, status)
  })

test('a REST error is an envelope in which every key is there (158)', () => {
  assert.deepEqual(restError('agent_not_found', 'req_1'), {
    status: 404,
    body: {
      code: 'agent_not_found',
      message: 'Agent not found',
      param: null,
      request_id: 'req_1',
      errors: null,
      detail: 'Agent not found',
    },
  })
  const { body } = restError('invalid_request', 'req_1', { message: 'Body is not JSON', param: 'body' })
  assert.deepEqual([body.message, body.param, body.detail], ['Body is not JSON', 'body', 'Body is not JSON'])
})

test('every REST error is of the declared shape and has a status that says error', () => {
  for (const code of restErrorCodes) {
    assert.ok(RestError.safeParse(restError(code, 'req_1').body).success, code)
    assert.ok(restErrors[code].status >= 400 && restErrors[code].status < 600, code)
  }
})

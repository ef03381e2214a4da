// Messages of a client: which are understood, and the exact words for those that are not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accepted, refused } from './support.js'

const invalid = (message: string) => ({ code: 'invalid_format', message })

for (const text of ['', '{', 'hello', '{"type":"session.end"', '[]', '[{"type":"session.end"}]', '1', 'null', '"x"'])
  test(`text that is no JSON object is refused without naming a parameter (60, 64): ${text}`, () => {
    assert.deepEqual(refused(text), invalid('Invalid JSON format.'))
  })

for (const type of ['hello', 'session.ready', 'Session.end', '', '__proto__', 'constructor', 'toString'])
  test(`an unknown type is refused by its name (61, 64): "${type}"`, () => {
    assert.deepEqual(refused({ type }), invalid(`Unknown message type: ${type}`))
  })

test('a very long unknown type is not repeated in full', () => {
  assert.deepEqual(refused({ type: 'x'.repeat(1_000_000) }), invalid(`Unknown message type: ${'x'.repeat(64)}…`))
})

for (const message of [{}, { type: null }, { type: 7 }, { type: ['session.end'] }])
  test(`a message whose type is no text is refused: ${JSON.stringify(message)}`, () => {
    assert.deepEqual(refused(message), invalid("Invalid message format: 'type' must be a string"))
  })

for (const message of [
  { type: 'session.resume' },
  { type: 'session.resume', session_id: 5 },
  { type: 'input.audio' },
  { type: 'input.audio', audio: null },
  { type: 'tool.result', call_id: 'c' },
  { type: 'tool.result', result: '{}' },
  { type: 'tool.result', call_id: 'c', result: '{}', is_error: 'no' },
  { type: 'reply.create', instructions: 5 },
  { type: 'reply.cancel' },
  { type: 'conversation.message', role: 'assistant', content: 'x' },
  { type: 'conversation.message', role: 'user' },
  { type: 'conversation.message', content: 'x' },
])
  test(`a missing or mistyped field is refused by the type of its message (62, 64): ${JSON.stringify(message)}`, () => {
    assert.deepEqual(refused(message), invalid(`Invalid message format for type '${message.type}'`))
  })

test('a tool result that is an object instead of text is refused (68)', () => {
  assert.deepEqual(
    refused({ type: 'tool.result', call_id: 'c', result: { temp_c: 20 } }),
    invalid("Invalid message format for type 'tool.result'"),
  )
})

for (const session of [
  { greeting: null },
  { system_prompt: 5 },
  { agent_id: null },
  { input: null },
  { input: 'audio' },
  { input: { keyterms: 'one' } },
  { input: { keyterms: [1] } },
  { input: { transcription_mode: 3 } },
  { input: { format: { encoding: 5 } } },
  { input: { format: {} } },
  { input: { turn_detection: 'server_vad' } },
  { input: { turn_detection: { vad_threshold: '0.5' } } },
  { input: { turn_detection: { interrupt_response: 'no' } } },
  { output: { voice: null } },
  { output: { volume: '50' } },
  { tools: {} },
  { tools: null },
  { llm: {} },
  [],
  'x',
  null,
])
  test(`a setting of the wrong type refuses the whole update (42, 62, 64): ${JSON.stringify(session)}`, () => {
    assert.deepEqual(
      refused({ type: 'session.update', session }),
      invalid("Invalid message format for type 'session.update'"),
    )
  })

for (const session of ['{"colour":"red"}', '{"system_prompt":"x","tool":[]}', '{"__proto__":{"system_prompt":"x"}}'])
  test(`a setting that does not exist refuses the whole update (43): ${session}`, () => {
    assert.deepEqual(
      refused(`{"type":"session.update","session":${session}}`),
      invalid("Invalid message format for type 'session.update'"),
    )
  })

test('settings that do not exist deeper inside are ignored', () => {
  const session = { input: { colour: 'red', turn_detection: { colour: 'red' } }, output: { colour: 'red' } }
  assert.deepEqual(accepted({ type: 'session.update', session }), { type: 'session.update', session })
})

test('fields that an event does not have are ignored', () => {
  assert.deepEqual(accepted({ type: 'session.end', event_id: 'e1', session: 5 }), { type: 'session.end' })
  assert.deepEqual(accepted({ type: 'input.audio', audio: 'AAAA', track: 1 }), { type: 'input.audio', audio: 'AAAA' })
})

test('a tool result is a success unless it says otherwise', () => {
  const answer = { type: 'tool.result', call_id: 'c', result: '{"error":"none"}' }
  assert.deepEqual(accepted(answer), { ...answer, is_error: false })
  assert.deepEqual(accepted({ ...answer, is_error: true }), { ...answer, is_error: true })
})

for (const message of [
  { type: 'session.update' },
  { type: 'session.update', session: {} },
  { type: 'session.resume', session_id: 'sess_1' },
  { type: 'session.end' },
  { type: 'input.audio', audio: '' },
  { type: 'reply.create' },
  { type: 'reply.create', instructions: null },
  { type: 'reply.create', instructions: 'Say that the lookup is still running.' },
  { type: 'reply.cancel', reply_id: 'resp_1' },
  { type: 'conversation.message', role: 'system', content: 'The user opened the billing page.' },
  { type: 'conversation.message', role: 'user', content: '' },
])
  test(`a message in order is understood as it is: ${JSON.stringify(message)}`, () => {
    assert.deepEqual(accepted(message), message)
  })

test('values that are not allowed do not keep an update from being understood', () => {
  const session = { output: { voice: 'nobody' }, input: { format: 'audio/pcm', transcription_mode: 'fast' } }
  assert.deepEqual(accepted({ type: 'session.update', session }), { type: 'session.update', session })
})

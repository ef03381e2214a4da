import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { native } from '../../dist/transports/native.js'

const { decode, encode, encodeFrame } = native()
const text = (value: string) => decode(Buffer.from(value), false)

const soundOf = (value: string): Buffer => {
  const decoded = text(value)
  assert.equal(decoded.type, 'audio')
  return Buffer.from(decoded.type === 'audio' ? decoded.bytes : [])
}
const codeOf = (value: string) => {
  const decoded = text(value)
  return decoded.type === 'problem' ? decoded.problem.code : decoded.type
}

test('sound is the same bytes whatever the form of the JSON around it', () => {
  for (const length of [0, 1, 2, 3, 128, 256, 2400, 9600, 40_000]) {
    const bytes = randomBytes(length)
    const base64 = bytes.toString('base64')
    for (const form of [
      `{"type":"input.audio","audio":"${base64}"}`,
      `{"type": "input.audio", "audio": "${base64}"}`,
      `{"audio":"${base64}","type":"input.audio"}`,
      `{"type":"input.audio","audio":"${base64}","extra":1}`,
      `{"type":"input.audio","audio":"${base64.replaceAll('/', '\\/')}"}`,
      `{"type":"input.audio","audio":"${base64.replaceAll('=', '')}"}`,
    ])
      assert.deepEqual(soundOf(form), bytes)
  }
})

test('what is not base64 is invalid audio (63)', () => {
  for (const audio of ['%%%%', 'AAA*', 'A', 'AAAAA', 'AA AA', '====', 'AA=A', 'AAAA=', 'äöü='])
    assert.equal(codeOf(`{"type":"input.audio","audio":"${audio}"}`), 'invalid_audio')
})

test('sound of the wrong type is a format error, and never sound', () => {
  for (const audio of ['5', 'null', '{}', '["AAAA"]'])
    assert.equal(codeOf(`{"type":"input.audio","audio":${audio}}`), 'invalid_format')
})

test('a second field that hides behind the sound is not taken for sound', () => {
  assert.equal(codeOf('{"type":"input.audio","audio":"AAAA","type":"session.end"}'), 'event')
})

test('a binary frame is a format error (Q14)', () => {
  const decoded = decode(Buffer.from([1, 2, 3]), true)
  assert.equal(decoded.type === 'problem' && decoded.problem.code, 'invalid_format')
})

test('every event carries a timestamp that reads as a float, at the end (65)', () => {
  const sent = encode({ type: 'input.speech.started' }, 1_790_000_000_000)
  assert.equal(sent, '{"type":"input.speech.started","timestamp":1790000000.000000}')
})

test('a whole duration is still a float (113)', () => {
  assert.match(
    encode({ type: 'session.ended', session_duration_seconds: 35, audio_duration_seconds: null }, 0),
    /"session_duration_seconds":35\.\d+/,
  )
})

test('a frame of sound goes out as one JSON event with its data in base64 (77)', () => {
  const bytes = Buffer.from([9, 9, 1, 2, 3, 4, 9])
  assert.deepEqual(JSON.parse(encodeFrame('resp_1', bytes, 2, 6, 1500)), {
    type: 'reply.audio',
    reply_id: 'resp_1',
    data: Buffer.from([1, 2, 3, 4]).toString('base64'),
    timestamp: 1.5,
  })
})

// Telnyx in small: its signatures can be checked with its public key, and its streams speak its own messages.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { ManualClock, Stream } from '../../dist/phone/index.js'
import { telnyxCarrier, telnyxKeys } from '../../dist/phone/telnyx-carrier.js'

const clock = new ManualClock()

test('a request is signed over its time and its body', () => {
  const keys = telnyxKeys()
  assert.equal(Buffer.from(keys.publicKey, 'base64').length, 32)
  const body = new URLSearchParams({ CallSid: 'v3:1', From: '+15550111' })
  const headers = telnyxCarrier(keys, clock).sign('https://phone.example/voice', body)
  const x = Buffer.from(keys.publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signature = Buffer.from(headers['telnyx-signature-ed25519']!, 'base64')
  const signed = (time: string, text: string) => verify(null, Buffer.from(`${time}|${text}`), key, signature)
  assert.ok(signed(headers['telnyx-timestamp']!, String(body)))
  assert.ok(!signed('1', String(body)))
  assert.ok(!signed(headers['telnyx-timestamp']!, 'CallSid=other'))
  assert.equal(headers['telnyx-timestamp'], '1790000000')
})

test('a stream is told in the words of Telnyx', async () => {
  const sent: Record<string, unknown>[] = []
  const socket = { send: (text: string) => void sent.push(JSON.parse(text)), close() {}, cut() {} }
  const messages = telnyxCarrier(telnyxKeys(), clock).messages({
    streamId: 'stream-1',
    callId: 'v3:1',
    accountId: 'user-1',
    from: '+15550111',
    to: '+15550100',
    parameters: { ticket: 't' },
  })
  const stream = new Stream(socket, { id: 'stream-1', clock, messages })
  await clock.advance(20)
  stream.receive(JSON.stringify({ event: 'media', media: { payload: Buffer.alloc(160, 1).toString('base64') } }))
  stream.receive('{"event":"mark","mark":{"name":"one"}}')
  stream.receive('{"event":"clear"}')
  stream.press('5')
  stream.stop()
  const [connected, start, media, mark, dtmf, stop] = sent
  assert.deepEqual(connected, { event: 'connected', version: '1.0.0' })
  assert.deepEqual([start?.event, start?.sequence_number, start?.stream_id], ['start', '1', 'stream-1'])
  const { call_session_id, ...about } = (start?.start ?? {}) as Record<string, unknown>
  assert.equal(typeof call_session_id, 'string')
  assert.deepEqual(about, {
    user_id: 'user-1',
    call_control_id: 'v3:1',
    from: '+15550111',
    to: '+15550100',
    custom_parameters: { ticket: 't' },
    media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
  })
  assert.deepEqual(media?.media, {
    track: 'inbound',
    chunk: '1',
    timestamp: '0',
    payload: Buffer.alloc(160, 255).toString('base64'),
  })
  assert.deepEqual(mark, { event: 'mark', sequence_number: '3', stream_id: 'stream-1', mark: { name: 'one' } })
  assert.deepEqual(dtmf?.dtmf, { digit: '5' })
  assert.deepEqual(stop?.stop, { user_id: 'user-1', call_control_id: 'v3:1' })
})

// The signatures of webhooks, checked by programs that are not ours (checklist 166).
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { signatureHeaders, verifySignature } from '../../dist/webhooks/signature.js'

const secret = 'a-secret-of-more-than-32-characters!'
const former = 'another-secret-of-32-characters-or-so'
const body = '{"event":"session.started","name":"Zoë"}'
const now = Math.floor(Date.now() / 1000)
const headers = (keys: Parameters<typeof signatureHeaders>[3]) => ({ ...signatureHeaders('evt_1', now, body, keys) })

test('X-AAI-Signature is the HMAC-SHA256 of the time, a dot and the raw body, in hexadecimal (166)', () => {
  const expected = createHmac('sha256', secret)
    .update(Buffer.from(`${now}.${body}`, 'utf8'))
    .digest('hex')
  assert.equal(headers({ secret })['x-aai-signature'], `t=${now},v1=${expected}`)
})

test('the headers of Standard Webhooks are accepted by its own library', () => {
  const raw = new Webhook(secret, { format: 'raw' })
  assert.deepEqual(raw.verify(body, headers({ secret })), JSON.parse(body))
  assert.throws(() => raw.verify(`${body} `, headers({ secret })), /No matching signature/)
  assert.throws(() => raw.verify(body, headers({ secret: former })), /No matching signature/)
})

test('a secret in the form of Standard Webhooks stands for the bytes that its base64 holds', () => {
  const whsec = `whsec_${Buffer.from('thirty-two bytes of a secret key').toString('base64')}`
  assert.deepEqual(new Webhook(whsec).verify(body, headers({ secret: whsec })), JSON.parse(body))
  const plain = createHmac('sha256', whsec).update(`${now}.${body}`).digest('hex')
  assert.equal(headers({ secret: whsec })['x-aai-signature'], `t=${now},v1=${plain}`, 'the other header: as it stands')
})

test('a secret that only begins like one of Standard Webhooks stands for its characters', () => {
  const odd = 'whsec_this is not base64, whatever it says'.replaceAll(' ', '-')
  assert.ok(new Webhook(odd, { format: 'raw' }).verify(body, headers({ secret: odd })))
})

test('while a secret is being changed, receivers with either one accept; X-AAI-Signature holds one signature', () => {
  const both = headers({ secret, former })
  for (const one of [secret, former]) assert.ok(new Webhook(one, { format: 'raw' }).verify(body, both))
  assert.equal(both['x-aai-signature'], headers({ secret })['x-aai-signature'])
})

test('without a secret a delivery says which event it is, and nothing is signed', () => {
  assert.deepEqual(headers(undefined), { 'webhook-id': 'evt_1', 'webhook-timestamp': String(now) })
})

test('a signature is accepted for five minutes, for its body and its secret alone', () => {
  const header = headers({ secret })['x-aai-signature']!
  const verdicts = [
    verifySignature(header, body, secret, now),
    verifySignature(header, body, secret, now + 300),
    verifySignature(header, body, secret, now + 301),
    verifySignature(header, body, secret, now - 301),
    verifySignature(header, body, secret),
    verifySignature(header, `${body}\n`, secret, now),
    verifySignature(header, body, former, now),
    verifySignature(header.replace(/t=\d+/, `t=${now + 1}`), body, secret, now),
    verifySignature('v1=00', body, secret, now),
  ]
  assert.deepEqual(verdicts, [
    ...['valid', 'valid', 'too old', 'from the future', 'valid'],
    ...['wrong', 'wrong', 'wrong', 'malformed'],
  ])
})

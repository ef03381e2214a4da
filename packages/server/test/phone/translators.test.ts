// What carriers say and are told, by their documentation (checklist 175).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { telnyxStream } from '../../dist/phone/telnyx.js'
import { twilioStream } from '../../dist/phone/twilio.js'
import * as documented from './documented.js'

const carriers = [
  { name: 'Twilio', open: twilioStream, says: documented.twilio },
  { name: 'Telnyx', open: telnyxStream, says: documented.telnyx },
] as const

const sound = Buffer.from(Uint8Array.from({ length: 160 }, (_, index) => (index * 37) % 256))
const pieces = (text: string | undefined): unknown => JSON.parse(text ?? '')

for (const { name, open, says } of carriers) {
  test(`${name}: a stream begins with its call and the parameters that it was connected with`, () => {
    const stream = open()
    assert.equal(stream.decode(Buffer.from(says.connected)), undefined)
    assert.deepEqual(stream.decode(Buffer.from(says.start({ ticket: 'abc' }, 'the-call'))), {
      type: 'started',
      carrierCallId: 'the-call',
      parameters: { ticket: 'abc' },
      encoding: 'audio/pcmu',
    })
  })

  test(`${name}: sound comes byte for byte, with its time, in whatever form the message has`, () => {
    const stream = open()
    const message = says.media(sound.toString('base64'), 1234)
    const spaced = JSON.stringify(JSON.parse(message), undefined, 2)
    const escaped = message.replaceAll('/', '\\/')
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(pieces(message) as object).reverse()))
    for (const form of [message, spaced, escaped, reversed]) {
      const event = stream.decode(Buffer.from(form))
      assert.ok(event?.type === 'sound', form)
      assert.equal(event.at, 1234)
      assert.deepEqual(Buffer.from(event.bytes), sound)
    }
  })

  test(`${name}: keys, marks and the end are told`, () => {
    const stream = open()
    for (const key of '0123456789*#')
      assert.deepEqual(stream.decode(Buffer.from(says.dtmf(key))), { type: 'pressed', key })
    assert.deepEqual(stream.decode(Buffer.from(says.mark('resp_1/100/0'))), { type: 'reached', mark: 'resp_1/100/0' })
    assert.deepEqual(stream.decode(Buffer.from(says.stop)), { type: 'stopped' })
  })

  test(`${name}: the agent's own sound and what nobody understands is let be`, () => {
    const stream = open()
    const own = says.media('////', 20).replace('"inbound"', '"outbound"')
    const messages = [
      own,
      says.media('not base64!', 20),
      says.media('////', 20).replace('"timestamp":"20"', '"timestamp":"soon"'),
      says.dtmf('12'),
      says.dtmf('x'),
      says.media('////', 20).slice(0, -20),
      says.media('////', 20).replace('"},"stream', '" },,"stream'),
      `${says.media('////', 20).slice(0, -1)},`,
      '{"event":"media"}',
      '{"event":"something new"}',
      '[]',
      'null',
      '"media"',
      '',
      '{"event":',
    ]
    for (const message of messages) assert.equal(stream.decode(Buffer.from(message)), undefined, message)
  })

  test(`${name}: nothing that comes makes it throw`, () => {
    const stream = open()
    const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
    const json = fc.json().map((text) => Buffer.from(text))
    const event = fc.constantFrom('start', 'media', 'dtmf', 'mark', 'stop', 'error', 'connected')
    const nearly = fc
      .record({ event, start: fc.jsonValue(), media: fc.jsonValue(), dtmf: fc.jsonValue(), mark: fc.jsonValue() })
      .map((message) => Buffer.from(JSON.stringify(message)))
    const whole = [says.start({ ticket: 'abc' }), says.media('////', 20), says.dtmf('1'), says.mark('a'), says.stop]
    const broken = fc
      .record({ message: fc.constantFrom(...whole), at: fc.nat(1000), byte: fc.nat(255) })
      .map(({ message, at, byte }) => {
        const changed = Buffer.from(message)
        changed[at % changed.length] = byte
        return changed
      })
    fc.assert(
      fc.property(fc.oneof(bytes, json, nearly, broken), (message) => {
        const decoded = stream.decode(message)
        if (decoded?.type === 'sound') assert.ok(decoded.at >= 0 && decoded.bytes.length >= 0)
        JSON.parse(stream.sound(sound, 0, 160))
        JSON.parse(stream.mark(String(message)))
      }),
      { numRuns: 500 },
    )
  })

  test(`${name}: both ways of reading sound give the same`, () => {
    const quick = open()
    const slow = open()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(10_000_000), (bytes, at) => {
        const message = says.media(Buffer.from(bytes).toString('base64'), at)
        assert.deepEqual(quick.decode(Buffer.from(message)), slow.decode(Buffer.from(` ${message}`)))
      }),
    )
  })
}

test('Twilio is told which stream everything is for', () => {
  const stream = twilioStream()
  stream.decode(Buffer.from(documented.twilio.start()))
  const streamSid = 'MZ00000000000000000000000000000001'
  assert.deepEqual(pieces(stream.sound(sound, 10, 130)), {
    event: 'media',
    streamSid,
    media: { payload: sound.toString('base64', 10, 130) },
  })
  assert.deepEqual(pieces(stream.mark('a"b')), { event: 'mark', streamSid, mark: { name: 'a"b' } })
  assert.deepEqual(pieces(stream.clear()), { event: 'clear', streamSid })
})

test('Telnyx is sent no less than 20 ms at once: what is missing is silence', () => {
  const padding = { PCMU: 0xff, PCMA: 0xd5 } as const
  for (const encoding of ['PCMU', 'PCMA'] as const) {
    const stream = telnyxStream()
    stream.decode(Buffer.from(documented.telnyx.start({}, 'v3:one', encoding)))
    const whole = pieces(stream.sound(sound, 0, 160))
    assert.deepEqual(whole, { event: 'media', media: { payload: sound.toString('base64') } })
    const short = JSON.parse(stream.sound(sound, 0, 50)) as { media: { payload: string } }
    const expected = Buffer.concat([sound.subarray(0, 50), Buffer.alloc(110, padding[encoding])])
    assert.deepEqual(Buffer.from(short.media.payload, 'base64'), expected)
    assert.deepEqual(pieces(stream.mark('m')), { event: 'mark', mark: { name: 'm' } })
    assert.deepEqual(pieces(stream.clear()), { event: 'clear' })
  }
})

test('Telnyx streams mu-law or A-law; for anything else it is said what to set', () => {
  const encodings = { PCMU: 'audio/pcmu', PCMA: 'audio/pcma', 'audio/x-mulaw': 'audio/pcmu' } as const
  for (const [encoding, known] of Object.entries(encodings)) {
    const event = telnyxStream().decode(Buffer.from(documented.telnyx.start({}, 'v3:one', encoding)))
    assert.ok(event?.type === 'started')
    assert.equal(event.encoding, known)
  }
  const event = telnyxStream().decode(Buffer.from(documented.telnyx.start({}, 'v3:one', 'L16')))
  assert.ok(event?.type === 'trouble')
  assert.match(event.why, /L16.*PCMU or PCMA/)
  const error = telnyxStream().decode(Buffer.from(documented.telnyx.error))
  assert.deepEqual(error, { type: 'trouble', why: 'Telnyx reports error 100005: rate_limit_reached' })
})

test('Twilio streams mu-law; for anything else it is said so', () => {
  const event = twilioStream().decode(Buffer.from(documented.twilio.start().replace('audio/x-mulaw', 'audio/x-l16')))
  assert.ok(event?.type === 'trouble')
  assert.match(event.why, /audio\/x-l16/)
})

test('parameters that are no text are left out', () => {
  const message = documented.twilio.start().replace('"customParameters":{}', '"customParameters":{"ticket":"t","n":1}')
  const event = twilioStream().decode(Buffer.from(message))
  assert.ok(event?.type === 'started')
  assert.deepEqual(event.parameters, { ticket: 't' })
})

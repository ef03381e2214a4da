// A media stream in virtual time: what Twilio sends, how it is counted, and what it makes of what it is sent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LineQuality, ManualClock, Stream } from '../../dist/phone/index.js'
import { twilioMessages } from '../../dist/phone/twilio-carrier.js'

const names = {
  streamId: 'MZ1',
  callId: 'CA1',
  accountId: 'AC1',
  from: '+15550111',
  to: '+15550100',
  parameters: { ticket: 'secret' },
}

function begin(quality?: LineQuality) {
  const clock = new ManualClock()
  const sent: Record<string, unknown>[] = []
  const closings: string[] = []
  const socket = {
    send: (text: string) => void sent.push(JSON.parse(text)),
    close: () => void closings.push('closed'),
    cut: () => void closings.push('cut'),
  }
  const stream = new Stream(socket, { id: 'MZ1', clock, messages: twilioMessages(names), quality })
  const of = (event: string) => sent.filter((message) => message.event === event)
  const receive = (message: object) => stream.receive(JSON.stringify({ streamSid: 'MZ1', ...message }))
  const media = (ms: number, byte: number) =>
    receive({ event: 'media', media: { payload: Buffer.alloc(ms * 8, byte).toString('base64') } })
  const mark = (name: string) => receive({ event: 'mark', mark: { name } })
  return { clock, sent, closings, stream, of, receive, media, mark }
}

test('a stream begins with connected and start, as documented', () => {
  const { sent } = begin()
  assert.deepEqual(sent, [
    { event: 'connected', protocol: 'Call', version: '1.0.0' },
    {
      event: 'start',
      sequenceNumber: '1',
      start: {
        accountSid: 'AC1',
        streamSid: 'MZ1',
        callSid: 'CA1',
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { ticket: 'secret' },
      },
      streamSid: 'MZ1',
    },
  ])
})

test('then comes a frame every 20 ms, counted, with its place in time', async () => {
  const { clock, stream, of } = begin()
  stream.say(new Uint8Array(160).fill(9))
  await clock.advance(1000)
  assert.equal(of('media').length, 50)
  assert.deepEqual(of('media')[0], {
    event: 'media',
    sequenceNumber: '2',
    media: { track: 'inbound', chunk: '1', timestamp: '0', payload: Buffer.alloc(160, 9).toString('base64') },
    streamSid: 'MZ1',
  })
  assert.deepEqual(of('media')[49], {
    event: 'media',
    sequenceNumber: '51',
    media: { track: 'inbound', chunk: '50', timestamp: '980', payload: Buffer.alloc(160, 255).toString('base64') },
    streamSid: 'MZ1',
  })
})

test('frames that are late by chance come in order all the same', async () => {
  const chances = [0.9, 0.1, 0.5]
  const { clock, of } = begin({ jitterMs: 50, random: () => chances.shift() ?? 0 })
  await clock.advance(500)
  const chunks = of('media').map(({ media }) => Number((media as { timestamp: string }).timestamp))
  assert.deepEqual(
    chunks,
    [...chunks].sort((one, other) => one - other),
  )
  assert.ok(chunks.length >= 23)
})

test('a mark comes back when the caller has heard what was before it', async () => {
  const { clock, of, media, mark, stream } = begin()
  media(100, 1)
  mark('half')
  media(100, 2)
  mark('whole')
  await clock.advance(99)
  assert.deepEqual(of('mark'), [])
  await clock.advance(1)
  assert.deepEqual(of('mark'), [{ event: 'mark', sequenceNumber: '6', streamSid: 'MZ1', mark: { name: 'half' } }])
  await clock.advance(100)
  assert.deepEqual(
    stream.events.filter(({ what }) => what === 'reached'),
    [
      { at: 100, what: 'reached', name: 'half' },
      { at: 200, what: 'reached', name: 'whole' },
    ],
  )
  assert.equal(stream.heard.length, 1600)
  assert.deepEqual([stream.heard[799], stream.heard[800]], [1, 2])
})

test('clear makes silence at once, and all marks come back at once', async () => {
  const { clock, of, media, mark, receive, stream } = begin()
  media(100, 1)
  mark('one')
  media(200, 2)
  mark('two')
  await clock.advance(50)
  receive({ event: 'clear' })
  assert.deepEqual(
    of('mark').map((message) => message.mark),
    [{ name: 'one' }, { name: 'two' }],
  )
  await clock.advance(500)
  assert.equal(of('mark').length, 2)
  assert.deepEqual(stream.spans, [{ at: 0, from: 0, length: 400 }])
  assert.deepEqual(
    stream.events.find(({ what }) => what === 'clear'),
    { at: 50, what: 'clear', droppedMs: 250, marks: ['one', 'two'] },
  )
})

test('a key goes to the server, and what is no key does not exist', () => {
  const { stream, of } = begin()
  stream.press('#')
  assert.deepEqual(of('dtmf'), [
    { event: 'dtmf', streamSid: 'MZ1', sequenceNumber: '2', dtmf: { track: 'inbound_track', digit: '#' } },
  ])
  assert.throws(() => stream.press('12'), /no key 12/)
})

test('the company says stop and then nothing more', async () => {
  const { clock, stream, sent, closings, media, mark } = begin()
  media(100, 1)
  mark('never')
  await clock.advance(50)
  stream.stop()
  assert.deepEqual(sent.at(-1), {
    event: 'stop',
    sequenceNumber: '4',
    streamSid: 'MZ1',
    stop: { accountSid: 'AC1', callSid: 'CA1' },
  })
  assert.deepEqual(closings, ['closed'])
  const count = sent.length
  await clock.advance(1000)
  assert.equal(sent.length, count)
  assert.equal(stream.heard.length, 400)
  assert.equal(await stream.ended, 'company')
})

test('a connection that is cut says nothing at all', async () => {
  const { stream, of, closings } = begin()
  stream.cut()
  assert.deepEqual([of('stop').length, closings, await stream.ended], [0, ['cut'], 'cut'])
})

test('whatever is no message of Twilio is noted, and nothing comes of it', () => {
  const { stream, receive } = begin()
  receive({ event: 'media', media: { payload: 'not base64!' } })
  receive({ event: 'media', media: {} })
  receive({ event: 'mark' })
  receive({ event: 'speak' })
  receive({ event: 'clear', streamSid: 'MZ2' })
  stream.receive('{')
  stream.receive('null')
  assert.deepEqual(
    stream.events.map((event) => event.what === 'wrong' && event.why),
    [
      'media.payload is not base64',
      'media.payload is not base64',
      'a mark has no mark.name',
      'there is no event "speak"',
      ...Array(3).fill('its streamSid is not MZ1'),
    ],
  )
})

// TwiML is read into verbs, and what is not known is refused by name.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTwiml, TwimlError } from '../../dist/phone/index.js'

const read = (body: string) =>
  readTwiml(`<?xml version="1.0" encoding="UTF-8"?><Response>${body}</Response>`, 'https://phone.example/v1/voice?a=1')

test('every verb is read with what belongs to it', () => {
  const verbs = read(`
    <Connect action="after?call=1">
      <Stream url="/media?secret=1"><Parameter name="ticket" value="a &amp; b"/></Stream>
    </Connect>
    <Say voice="alice">One
      moment.</Say>
    <Pause/><Pause length="3"/>
    <Dial timeout="7" timeLimit="60" callerId="+15550100" action="https://other.example/dialed" method="GET"><Number>+15550122</Number></Dial>
    <Dial>+15550133</Dial>
    <Redirect>/again</Redirect><Hangup/><Reject reason="busy"/>`)
  assert.deepEqual(verbs, [
    {
      verb: 'Connect',
      action: { url: 'https://phone.example/v1/after?call=1', method: 'POST' },
      stream: { url: 'wss://phone.example/media', name: undefined, parameters: { ticket: 'a & b' } },
    },
    { verb: 'Say', text: 'One moment.' },
    { verb: 'Pause', seconds: 1 },
    { verb: 'Pause', seconds: 3 },
    {
      verb: 'Dial',
      number: '+15550122',
      callerId: '+15550100',
      timeoutSeconds: 7,
      longestSeconds: 60,
      action: { url: 'https://other.example/dialed', method: 'GET' },
    },
    {
      verb: 'Dial',
      number: '+15550133',
      callerId: undefined,
      timeoutSeconds: 30,
      longestSeconds: 14_400,
      action: undefined,
    },
    { verb: 'Redirect', to: { url: 'https://phone.example/again', method: 'POST' } },
    { verb: 'Hangup' },
    { verb: 'Reject', reason: 'busy' },
  ])
  assert.deepEqual(read(''), [])
})

const refused: readonly (readonly [string, RegExp, number])[] = [
  ['<Gather/>', /<Gather> is no verb/, 12200],
  ['<Hangup now="1"/>', /<Hangup> has the attribute now/, 12200],
  ['<Connect><Room>a</Room></Connect>', /<Connect> must hold one <Stream>/, 12200],
  ['<Connect/>', /<Connect> must hold one <Stream>/, 12200],
  ['<Connect><Stream url="ws://phone.example"/></Connect>', /is not wss:/, 12200],
  ['<Connect><Stream/></Connect>', /has no url/, 12200],
  ['<Connect><Stream url="wss://a"><Number/></Stream></Connect>', /<Number> has no place in <Stream>/, 12200],
  ['<Dial><Sip>a</Sip></Dial>', /<Dial> must hold one <Number>/, 12200],
  ['<Dial>5550133</Dial>', /no number in E\.164/, 12200],
  ['<Dial timeout="soon">+15550133</Dial>', /timeout="soon"> is no whole number/, 12200],
  ['<Redirect method="PUT">/a</Redirect>', /PUT is neither/, 12200],
  ['<Reject reason="rude"/>', /reason="rude"/, 12200],
  ['<Say>One', /not XML/, 12100],
]
for (const [body, message, code] of refused)
  test(`${body} is refused`, () => {
    assert.throws(
      () => read(body),
      (error) => error instanceof TwimlError && error.code === code && message.test(error.message),
    )
  })

test('a document that is no Response, or none at all, is refused', () => {
  assert.throws(() => readTwiml('<Answer/>', 'https://a'), /a <Answer>, not a <Response>/)
  assert.throws(() => readTwiml('', 'https://a'), { code: 12100 })
})

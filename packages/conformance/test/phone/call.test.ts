// Calls that come in: what the webhooks are told, what becomes of each verb, and who may end the call.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { type Callee, SimulatedTwilio, TwimlError } from '../../dist/phone/index.js'
import { Customer, mark, media, PUBLIC } from './customer.js'

const NUMBER = '+15550100'
const CALLER = '+15550111'
const connect =
  '<Connect action="/after"><Stream url="wss://phone.example/media"><Parameter name="ticket" value="t1"/></Stream></Connect>'

let customer: Customer
let twilio: SimulatedTwilio
let phones: (number: string) => Callee

before(async () => {
  customer = await Customer.start()
})
beforeEach(async () => {
  phones = () => ({ does: 'answers' })
  twilio = await SimulatedTwilio.start({
    numbers: { [NUMBER]: `${PUBLIC}/voice?agent_id=a` },
    route: customer.route,
    phones: (number) => phones(number),
    sayMsPerCharacter: 0,
  })
  customer.trust(twilio.authToken)
  customer.asked.length = 0
  customer.heard.length = 0
  customer.talk = () => {}
})
afterEach(async () => {
  await twilio.close()
  assert.deepEqual(customer.forged, [], 'a signature was not as Twilio makes it')
})
after(() => customer.close())

const statusOf = (path: string) => customer.of(path).map(({ fields }) => fields.CallStatus)

test('the voice webhook is told of the call as documented', async () => {
  customer.pages = { '/voice': '<Hangup/>' }
  const call = twilio.dial(CALLER, NUMBER, { CallerName: 'ANNA' })
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(customer.asked, [
    {
      path: '/voice?agent_id=a',
      fields: {
        CallSid: call.id,
        AccountSid: twilio.accountSid,
        From: CALLER,
        To: NUMBER,
        Caller: CALLER,
        Called: NUMBER,
        CallStatus: 'ringing',
        Direction: 'inbound',
        ApiVersion: '2010-04-01',
        CallerName: 'ANNA',
      },
    },
  ])
  assert.match(call.id, /^CA[0-9a-f]{32}$/)
})

test('a stream is opened with its parameters, and the action is asked when the server closes it', async () => {
  customer.pages = { '/voice': `${connect}<Say>never</Say>`, '/after': '<Say>Goodbye.</Say>' }
  customer.talk = (socket) => socket.close(1008, 'no ticket')
  const call = twilio.dial(CALLER, NUMBER)
  assert.equal(await call.ended, 'completed')
  const { at, ...ended } = call.streams[0]!.events.at(-1)!
  assert.deepEqual([at > 0, ended], [true, { what: 'ended', by: 'server', why: '1008 no ticket' }])
  const start = customer.heard.find(({ event }) => event === 'start')?.start
  assert.deepEqual((start as { customParameters: unknown }).customParameters, { ticket: 't1' })
  assert.deepEqual(statusOf('/after'), ['in-progress'])
  assert.deepEqual([call.said, call.errors], [['Goodbye.'], []])
})

test('without an action the next verb follows', async () => {
  customer.pages = { '/voice': `${connect.replace(' action="/after"', '')}<Say>Sorry.</Say>` }
  customer.talk = (socket) => socket.close()
  const call = twilio.dial(CALLER, NUMBER)
  await call.ended
  assert.deepEqual(call.said, ['Sorry.'])
})

test('a caller who hangs up ends the stream with stop, and the action is told that the call is over', async () => {
  customer.pages = { '/voice': connect, '/after': '<Say>Nobody hears this.</Say>' }
  const call = twilio.dial(CALLER, NUMBER)
  await call.stream()
  call.hangUp()
  assert.equal(await call.ended, 'completed')
  assert.deepEqual([statusOf('/after'), call.said], [['completed'], []])
  await twilio.wait(50)
  assert.equal(customer.heard.at(-1)?.event, 'stop')
})

test('what an action answers after the end is not even read', async () => {
  customer.pages = { '/voice': connect.replace('/after', '/plain') }
  const call = twilio.dial(CALLER, NUMBER)
  await call.stream()
  call.hangUp()
  assert.deepEqual([await call.ended, call.errors, customer.of('/plain').length], ['completed', [], 1])
})

test('what the server sends is heard, and its marks come back over the socket', async () => {
  customer.pages = { '/voice': connect }
  customer.talk = (socket, streamSid) => {
    socket.send(media(streamSid, 60))
    socket.send(mark(streamSid, 'done'))
    socket.on('message', (data) => void (String(data).includes('"mark"') && socket.close()))
  }
  const call = twilio.dial(CALLER, NUMBER)
  const line = await call.stream()
  assert.equal(await line.ended, 'server')
  assert.equal(line.heard.filter((byte) => byte === 1).length, 60 * 8)
  const reached = line.events.find(({ what }) => what === 'reached')
  assert.equal(reached?.at, line.spans[0]!.at / 8 + 60)
  await call.ended
})

test('a socket that is cut is an error of the stream, and the action is asked', async () => {
  customer.pages = { '/voice': connect, '/after': connect.replace('t1', 't2').replace(' action="/after"', '') }
  const call = twilio.dial(CALLER, NUMBER)
  ;(await call.stream()).cut()
  const second = await call.stream(2)
  assert.notEqual(second.id, call.streams[0]?.id)
  call.hangUp()
  await call.ended
  assert.deepEqual(
    call.errors.map(({ code }) => code),
    [31921],
  )
})

test('a socket that the server drops without closing it is an error, too', async () => {
  customer.pages = { '/voice': connect }
  customer.talk = (socket) => socket.terminate()
  const call = twilio.dial(CALLER, NUMBER)
  await call.ended
  assert.deepEqual(
    call.errors.map(({ code }) => code),
    [31921],
  )
})

test('a socket that is refused is an error, and the call goes on', async () => {
  customer.pages = { '/voice': connect.replace('/media', '/refused'), '/after': '<Say>Sorry.</Say>' }
  const call = twilio.dial(CALLER, NUMBER)
  await call.ended
  assert.deepEqual(
    [call.errors[0]?.code, call.errors[0]?.url, call.said],
    [31920, 'wss://phone.example/refused', ['Sorry.']],
  )
  assert.match(call.errors[0]?.message ?? '', /403/)
  await assert.rejects(call.stream(), /ended \(completed\) before stream number 1/)
})

test('a webhook that fails ends the call with words of apology', async () => {
  customer.pages = { '/voice': 500 }
  const call = twilio.dial(CALLER, NUMBER)
  assert.equal(await call.ended, 'completed')
  assert.deepEqual(
    call.errors.map(({ code }) => code),
    [11200],
  )
  assert.match(call.said[0] ?? '', /application error/)
})

test('a verb that nobody knows makes the call fail loudly', async () => {
  customer.pages = { '/voice': '<Gather/>' }
  const call = twilio.dial(CALLER, NUMBER)
  await assert.rejects(call.ended, TwimlError)
  assert.equal(call.status, 'failed')
})

test('an answer that is no XML makes it fail, too', async () => {
  twilio.connect(NUMBER, `${PUBLIC}/plain`)
  await assert.rejects(twilio.dial(CALLER, NUMBER).ended, { code: 12100 })
})

const dial = '<Dial timeout="1" timeLimit="1" callerId="+15550100" action="/after"><Number>+15550122</Number></Dial>'
const outcomes: readonly (readonly [Callee, string])[] = [
  [{ does: 'answers', talksMs: 30 }, 'completed'],
  [{ does: 'is busy' }, 'busy'],
  [{ does: 'cannot be reached' }, 'failed'],
  [{ does: 'lets it ring' }, 'no-answer'],
  [{ does: 'answers', afterMs: 5000 }, 'no-answer'],
]
for (const [callee, outcome] of outcomes)
  test(`a number that is dialed and ${callee.does} (${Object.values(callee).at(-1)}): the action is told ${outcome}`, async () => {
    phones = () => callee
    customer.pages = { '/voice': dial, '/after': '<Hangup/>' }
    const call = twilio.dial(CALLER, NUMBER)
    await call.ended
    const [told] = customer.of('/after')
    assert.equal(told?.fields.DialCallStatus, outcome)
    assert.equal(told?.fields.DialCallDuration !== undefined, outcome === 'completed')
    assert.deepEqual(call.dials, [{ number: '+15550122', callerId: '+15550100', timeoutSeconds: 1, status: outcome }])
  })

test('two who talk for longer than they may are parted', async () => {
  phones = () => ({ does: 'answers', talksMs: 60_000 })
  customer.pages = { '/voice': dial, '/after': '<Hangup/>' }
  await twilio.dial(CALLER, NUMBER).ended
  const [told] = customer.of('/after')
  assert.equal(told?.fields.DialCallStatus, 'completed')
  const seconds = Number(told?.fields.DialCallDuration)
  assert.ok(seconds >= 1 && seconds < 30, `They talked for ${seconds} s.`)
})

test('a caller who hangs up while it rings elsewhere cancels that', async () => {
  phones = () => ({ does: 'lets it ring' })
  customer.pages = { '/voice': dial }
  const call = twilio.dial(CALLER, NUMBER)
  await twilio.wait(100)
  call.hangUp()
  await call.ended
  assert.deepEqual(
    customer.of('/after').map(({ fields }) => [fields.CallStatus, fields.DialCallStatus]),
    [['completed', 'canceled']],
  )
})

test('a call is redirected, refused, paused and called off', async () => {
  customer.pages = { '/voice': '<Redirect>/busy</Redirect>', '/busy': '<Reject reason="busy"/>' }
  assert.equal(await twilio.dial(CALLER, NUMBER).ended, 'busy')
  customer.pages = { '/voice': '<Reject/>' }
  assert.equal(await twilio.dial(CALLER, NUMBER).ended, 'no-answer')
  customer.pages = { '/voice': '<Pause length="60"/><Say>late</Say>' }
  const call = twilio.dial(CALLER, NUMBER)
  await twilio.wait(50)
  assert.equal(call.status, 'ringing')
  call.hangUp()
  assert.deepEqual([await call.ended, call.said], ['canceled', []])
})

test('the end of a call is told to the number, with how long it lasted', async () => {
  customer.pages = { '/voice': '<Say>Hello.</Say>' }
  twilio.connect(NUMBER, `${PUBLIC}/voice`, `${PUBLIC}/status`)
  const call = twilio.dial(CALLER, NUMBER)
  await call.ended
  const [told, ...more] = customer.of('/status')
  assert.deepEqual([told?.fields.CallStatus, told?.fields.SequenceNumber, more.length], ['completed', '0', 0])
  assert.match(told?.fields.CallDuration ?? '', /^[01]$/)
  assert.match(told?.fields.Timestamp ?? '', /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000$/)
})

// The REST side, asked by the real `twilio` package.
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import twilioClient from 'twilio'
import { type Callee, SimulatedTwilio } from '../../dist/phone/index.js'
import { Customer, PUBLIC } from './customer.js'

const NUMBER = '+15550100'
const CALLED = '+15550122'

let customer: Customer
let twilio: SimulatedTwilio
let client: ReturnType<typeof twilioClient>
let callee: Callee

before(async () => {
  customer = await Customer.start()
})
beforeEach(async () => {
  callee = { does: 'answers' }
  twilio = await SimulatedTwilio.start({
    numbers: { [NUMBER]: '' },
    route: customer.route,
    phones: () => callee,
    sayMsPerCharacter: 0,
  })
  client = twilioClient(twilio.accountSid, twilio.authToken)
  client.api.baseUrl = twilio.url
  customer.trust(twilio.authToken)
  customer.asked.length = 0
  customer.pages = { '/voice': '<Say>Hello.</Say>' }
})
afterEach(async () => {
  await twilio.close()
  assert.deepEqual(customer.forged, [])
})
after(() => customer.close())

const news = {
  statusCallback: `${PUBLIC}/status`,
  statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
}
const place = (more: object = {}) => client.calls.create({ to: CALLED, from: NUMBER, url: `${PUBLIC}/voice`, ...more })
const last = () => twilio.calls.at(-1)!
const told = (path: string, field: string) => customer.of(path).map(({ fields }) => fields[field])

test('a call is placed, answered, carried out, and told of from ring to end', async () => {
  const made = await place(news)
  assert.deepEqual([made.status, made.to, made.from, made.direction], ['queued', CALLED, NUMBER, 'outbound-api'])
  assert.equal(await last().ended, 'completed')
  assert.deepEqual(told('/voice', 'CallStatus'), ['in-progress'])
  assert.deepEqual(told('/status', 'CallStatus'), ['initiated', 'ringing', 'in-progress', 'completed'])
  assert.deepEqual(told('/status', 'SequenceNumber'), ['0', '1', '2', '3'])
  const fetched = await client.calls(made.sid).fetch()
  assert.deepEqual([fetched.status, fetched.duration], ['completed', '1'])
  assert.ok(fetched.startTime.getTime() <= fetched.endTime.getTime())
})

const unanswered: readonly (readonly [Callee, string])[] = [
  [{ does: 'is busy' }, 'busy'],
  [{ does: 'cannot be reached' }, 'failed'],
  [{ does: 'lets it ring' }, 'no-answer'],
]
for (const [other, status] of unanswered)
  test(`a telephone that ${other.does}: ${status}, and nobody is asked what to do`, async () => {
    callee = other
    await place({ ...news, timeout: 1 })
    assert.equal(await last().ended, status)
    assert.deepEqual(told('/status', 'CallStatus'), ['initiated', 'ringing', status])
    assert.deepEqual(customer.of('/voice'), [])
  })

test('only the events that were asked for are told; without a word, the end alone', async () => {
  await place({ statusCallback: `${PUBLIC}/status` })
  await last().ended
  assert.deepEqual(told('/status', 'CallStatus'), ['completed'])
})

test('a machine is told of while the call goes on already', async () => {
  callee = { does: 'answers', by: 'machine', detectedAfterMs: 30 }
  customer.pages = { '/voice': '<Pause length="1"/>' }
  await place({
    machineDetection: 'DetectMessageEnd',
    asyncAmd: 'true',
    asyncAmdStatusCallback: `${PUBLIC}/machine`,
  })
  await last().ended
  assert.deepEqual(told('/machine', 'AnsweredBy'), ['machine_end_beep'])
  assert.deepEqual(told('/machine', 'MachineDetectionDuration'), ['30'])
  assert.deepEqual(told('/voice', 'AnsweredBy'), [undefined])
})

test('when the call waits for it, the voice webhook is told who answered', async () => {
  callee = { does: 'answers', by: 'machine' }
  await place({ machineDetection: 'Enable' })
  await last().ended
  assert.deepEqual(told('/voice', 'AnsweredBy'), ['machine_start'])
})

test('a call is ended and redirected over the interface, and not when it is over', async () => {
  customer.pages = { '/voice': '<Pause length="60"/>' }
  const { sid } = await place()
  await twilio.wait(100)
  await client.calls(sid).update({ twiml: '<Response><Say>Elsewhere.</Say><Pause length="60"/></Response>' })
  await twilio.wait(50)
  assert.deepEqual(last().said, ['Elsewhere.'])
  const ended = await client.calls(sid).update({ status: 'completed' })
  assert.deepEqual([ended.status, await last().ended], ['completed', 'completed'])
  await assert.rejects(client.calls(sid).update({ status: 'completed' }), { status: 400, code: 21220 })
})

test('calls are listed by page, newest first, and by whom they went to', async () => {
  for (const to of [CALLED, CALLED, '+15550133']) await place({ to })
  const listed = await client.calls.list({ pageSize: 2 })
  assert.deepEqual(
    listed.map(({ to }) => to),
    ['+15550133', CALLED, CALLED],
  )
  assert.equal((await client.calls.list({ to: CALLED, limit: 10 })).length, 2)
})

test('a number is found and connected to another address', async () => {
  const [found] = await client.incomingPhoneNumbers.list({ phoneNumber: NUMBER })
  assert.deepEqual([found?.phoneNumber, found?.voiceUrl], [NUMBER, ''])
  const number = client.incomingPhoneNumbers(String(found?.sid))
  const changed = await number.update({ voiceUrl: `${PUBLIC}/voice`, voiceMethod: 'POST' })
  assert.equal(changed.voiceUrl, `${PUBLIC}/voice`)
  assert.equal((await number.fetch()).voiceUrl, `${PUBLIC}/voice`)
  assert.equal(await twilio.dial(CALLED, NUMBER).ended, 'completed')
  assert.deepEqual(await client.incomingPhoneNumbers.list({ phoneNumber: '+49' }), [])
})

test('an account is shown to whoever has its token, or a key of it', async () => {
  const byKey = twilioClient(twilio.apiKey.sid, twilio.apiKey.secret, { accountSid: twilio.accountSid })
  byKey.api.baseUrl = twilio.url
  for (const each of [client, byKey])
    assert.equal((await each.api.accounts(twilio.accountSid).fetch()).status, 'active')
  await assert.rejects(client.api.accounts(`AC${'0'.repeat(32)}`).fetch(), { status: 404 })
})

test('errors have the form and the codes of Twilio', async () => {
  const wrong = twilioClient(twilio.accountSid, 'wrong')
  wrong.api.baseUrl = twilio.url
  await assert.rejects(wrong.calls.list(), {
    status: 401,
    code: 20003,
    message: 'Authenticate',
    moreInfo: 'https://www.twilio.com/docs/errors/20003',
  })
  await assert.rejects(place({ from: '+15550999' }), { status: 400, code: 21210 })
  await assert.rejects(place({ to: 'anna' }), { status: 400, code: 21211 })
  await assert.rejects(place({ url: 'phone.example' }), { status: 400, code: 21205 })
  await assert.rejects(place({ sendDigits: '1' }), { status: 400, code: 20001 })
  await assert.rejects(client.calls(`CA${'0'.repeat(32)}`).fetch(), { status: 404, code: 20404 })
  assert.deepEqual(twilio.calls, [])
  assert.deepEqual(twilio.requests.map(({ method, path, status }) => `${method} ${path} ${status}`).slice(0, 2), [
    'GET /Calls.json 401',
    'POST /Calls.json 400',
  ])
})

// Calls that agents make: through Twilio's own library to a stand-in of its API, and what keeps a stolen key from becoming a bill.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { hashOf, newApiKey } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import type { Answer } from '../http/app.js'
import {
  accountSid,
  afterIn,
  authToken,
  newSid,
  type Office,
  ours,
  publicUrl,
  startOffice,
  ticketIn,
} from './office.js'
import { startTwilioApi, type TwilioApi } from './twilio-api.js'

let api: TwilioApi
let store: Store
let office: Office
let agentId: string

const to = '+4930123456'
const settings = () => ({ PARLEY_TWILIO_API_URL: api.url, PARLEY_CALL_DESTINATIONS: '+49' })

before(async () => {
  api = await startTwilioApi()
  store = await openStore('memory')
})
beforeEach(async (t) => {
  api.asked.length = 0
  api.refusal = undefined
  api.beforeAnswer = undefined
  const end = { status: 'ended', reason: 'another test', endedAt: new Date(0) } as const
  for (const line of ['none', 'up', 'lost', 'transferred'] as const)
    await store.calls.endForgotten(line, new Date(Date.now() * 2), end)
  office = await startOffice(settings(), store)
  agentId = await office.agent()
  await store.phoneNumbers.assign(defaultAccountId, ours, agentId, 'phone_1', new Date(0))
  if ('after' in t) t.after(() => office.close())
})
after(async () => {
  await store.close()
  await api.close()
})

const calls = (body: object = {}, where = office): Promise<Answer> =>
  where.app.send('POST', '/v1/calls', { agent_id: agentId, to, ...body })
const refusedWith = async (body: object, status: number, code: string, where = office): Promise<string> => {
  const answer = await calls(body, where)
  assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text)
  assert.equal(api.asked.length, 0)
  return answer.body.message
}
const answered = (id: string, sid: string, fields: object = {}) =>
  office.asks('twilio', `/v1/twilio/voice?call=${id}`, {
    fields: { CallSid: sid, From: ours, To: to, CallStatus: 'in-progress', ...fields },
  })

describe('a call of an agent', () => {
  it('is asked for at Twilio, with what it is to come back with', async () => {
    const { status, body } = await calls({ ring_timeout_seconds: 20, variables: { order: '4711' } })
    assert.equal(status, 201)
    assert.deepEqual(
      [body.status, body.direction, body.from_number, body.to_number, body.agent_id, body.session_id],
      ['dialing', 'outbound', ours, to, agentId, null],
    )
    const [asked] = api.asked
    assert.deepEqual([asked?.method, asked?.path], ['POST', '/Calls.json'])
    assert.equal(asked?.authorization, `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)
    const url = (what: string) => `${publicUrl}/v1/twilio/${what}?call=${body.id}`
    assert.deepEqual(Object.fromEntries(asked?.form ?? []), {
      From: ours,
      To: to,
      Url: url('voice'),
      Timeout: '20',
      TimeLimit: '10800',
      StatusCallback: url('status'),
      StatusCallbackEvent: 'completed',
      MachineDetection: 'DetectMessageEnd',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: url('machine'),
    })
    assert.deepEqual(asked?.form.getAll('StatusCallbackEvent'), ['initiated', 'ringing', 'answered', 'completed'])
    assert.match(body.carrier_call_id, /^CA/)
  })

  it('is answered, talked on and counted from the answer', async () => {
    const { body } = await calls({ variables: { order: '4711' } })
    office.says.beforeAnswer = async () => ({ reject: false, variables: { order: '0', name: 'Ada' }, greeting: 'Hi.' })
    await office.clock.to(office.clock.now() + 4_000)
    const answer = await answered(body.id, body.carrier_call_id)
    const { call, over } = await office.connect(answer)
    assert.deepEqual([call.variables, call.greeting], [{ order: '4711', name: 'Ada' }, 'Hi.'])
    await office.clock.to(office.clock.now() + 6_000)
    await over({ reason: 'agent_end', transfer: undefined })
    const record = (await office.app.send('GET', `/v1/calls/${body.id}`)).body
    assert.deepEqual([record.status, record.reason, record.duration_seconds], ['ended', 'agent_end', 6])
  })

  it('may be answered before Twilio has said how it is called', async () => {
    const { body } = await calls()
    await store.calls.change(body.id, { carrierCallId: undefined })
    assert.notEqual(ticketIn(await answered(body.id, body.carrier_call_id)), '')
    assert.equal((await office.call(body.id)).carrierCallId, body.carrier_call_id)
  })

  it('lets nobody else in who was answered: another call, one that is over, one that is connected', async () => {
    const { body } = await calls()
    const hangsUp = async (answer: Promise<Answer>) => assert.match((await answer).text, /<Response><Hangup\/>/)
    await hangsUp(answered(body.id, newSid()))
    await hangsUp(answered(`call_${'0'.repeat(32)}`, body.carrier_call_id))
    const { over } = await office.connect(await answered(body.id, body.carrier_call_id))
    await hangsUp(answered(body.id, body.carrier_call_id))
    await over({ reason: 'agent_end', transfer: undefined })
    await hangsUp(answered(body.id, body.carrier_call_id))
    const inbound = await office.comesIn(agentId)
    await hangsUp(answered(inbound.call.id, inbound.call.carrierCallId ?? ''))
  })

  it('is hung up where that is said before it is answered, or where the agent is gone', async () => {
    const first = (await calls()).body
    office.says.beforeAnswer = async () => ({ reject: true, variables: {}, greeting: undefined })
    assert.match((await answered(first.id, first.carrier_call_id)).text, /<Response><Hangup\/>/)
    assert.equal((await office.call(first.id)).status, 'refused')
    const second = (await calls()).body
    await store.agents.remove(defaultAccountId, agentId)
    assert.match((await answered(second.id, second.carrier_call_id)).text, /<Response><Hangup\/>/)
    assert.equal((await office.call(second.id)).reason, 'agent_not_found')
  })

  it('that Twilio refuses is recorded as failed; the answer says why, and holds no secret', async () => {
    for (const [status, code, says] of [
      [400, 21_210, /Twilio refused: The source number is not verified \(error 21210\)/],
      [401, 20_003, /does not accept the credentials.*TWILIO_AUTH_TOKEN/],
    ] as const) {
      api.refusal = { status, body: { code, message: 'The source number is not verified', status } }
      const answer = await calls()
      assert.deepEqual([answer.status, answer.body.code], [502, 'telephony_provider_error'])
      assert.match(answer.body.message, says)
      assert.ok(!(answer.text + office.logged.join()).includes(authToken))
    }
    const { calls: listed } = (await office.app.send('GET', '/v1/calls?status=failed&limit=2')).body
    assert.deepEqual(
      listed.map(({ reason }: { reason: string }) => reason),
      ['carrier_error', 'carrier_error'],
    )
  })

  it('is made once, however often one idempotency key asks', async () => {
    const once = () =>
      office.app.send('POST', '/v1/calls', { agent_id: agentId, to }, { 'idempotency-key': `call-${agentId}` })
    const [first, second] = [await once(), await once()]
    assert.deepEqual([first.status, second.body.id], [201, first.body.id])
    assert.equal(api.asked.length, 1)
  })

  it('may be asked for by the names that records have, and is then spoken by the agent of the number', async () => {
    const body = { agent_id: undefined, to: undefined, to_number: to, from_number: ours, machine_detection: false }
    const answer = await calls(body)
    assert.deepEqual([answer.status, answer.body.agent_id], [201, agentId])
    assert.equal(api.asked[0]?.form.get('MachineDetection'), null)
  })
})

describe('who may be called', () => {
  it('is nobody, until the settings say it', async (t) => {
    const quiet = await startOffice({ PARLEY_TWILIO_API_URL: api.url }, store)
    t.after(() => quiet.close())
    assert.match(await refusedWith({}, 403, 'destination_not_allowed', quiet), /Set PARLEY_CALL_DESTINATIONS/)
  })

  it('is who has a number that begins as they say', async () => {
    const says = await refusedWith({ to: '+15550123' }, 403, 'destination_not_allowed')
    assert.match(says, /does not call \+15550123.*begin with \+49/)
    for (const wrong of ['030123456', '+49abc', 'sip:x@y', '+', '+4930123456;+1900', 49])
      await refusedWith({ to: wrong }, 422, 'validation_error')
  })

  it('is nobody where Telnyx alone is set up', async (t) => {
    const telnyx = await startOffice({ TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '' }, store)
    t.after(() => telnyx.close())
    const { status, body } = await calls({}, telnyx)
    assert.deepEqual([status, body.code], [502, 'telephony_provider_error'])
    assert.match(
      body.message,
      /Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, PARLEY_PUBLIC_URL and PARLEY_CALL_DESTINATIONS/,
    )
  })
})

describe('the number that is called from', () => {
  it('is one of the account, and of no other', async () => {
    await store.accounts.create('acct_from', 'From')
    const theirs = await office.agent({}, 'acct_from')
    await store.phoneNumbers.assign('acct_from', '+15550188', theirs, 'phone_2', new Date(0))
    for (const from of ['+15550188', '+15550199'])
      assert.match(await refusedWith({ from }, 404, 'phone_number_not_found'), /not a phone number of this account/)
    await refusedWith({ agent_id: theirs }, 404, 'agent_not_found')
    await store.accounts.remove('acct_from')
  })

  it("is the agent's own, or else the only one of the account", async () => {
    await store.phoneNumbers.assign(defaultAccountId, '+15550101', agentId, 'phone_3', new Date(0))
    assert.match(await refusedWith({}, 422, 'validation_error'), /^from: .*does not have one number alone/)
    agentId = await office.agent({ caller_id: '+15550101' })
    assert.equal((await calls()).body.from_number, '+15550101')
    agentId = await office.agent({ caller_id: '+15559999' })
    api.asked.length = 0
    await refusedWith({}, 404, 'phone_number_not_found')
    await store.phoneNumbers.remove(defaultAccountId, '+15550101')
  })

  it('needs an agent when none is named', async () => {
    await store.phoneNumbers.unassign(defaultAccountId, ours, new Date(0))
    await refusedWith({ agent_id: undefined }, 409, 'phone_number_has_no_agent')
  })
})

describe('how many calls there may be', () => {
  for (const [name, limit, says] of [
    ['PARLEY_CALLS_PER_KEY', '1', /most calls at once, 1 \(PARLEY_CALLS_PER_KEY\)/],
    ['PARLEY_MAX_CALLS', '1', /server makes its most calls at once, 1 \(PARLEY_MAX_CALLS\)/],
    ['PARLEY_CALLS_PER_KEY_PER_DAY', '1', /1 calls of 24 hours \(PARLEY_CALLS_PER_KEY_PER_DAY\)/],
  ] as const)
    it(`is bounded by ${name}`, async (t) => {
      const accountId = `acct_${name}`
      await store.accounts.create(accountId, name)
      const key = newApiKey()
      await store.keys.add(accountId, { name, hash: hashOf(key), prefix: 'parley_sk' })
      const strict = await startOffice({ ...settings(), [name]: limit }, store)
      t.after(async () => {
        await strict.close()
        await store.accounts.remove(accountId)
      })
      const caller = await strict.agent({}, accountId)
      await store.phoneNumbers.assign(accountId, `+1555017${limit}`, caller, `phone_${name}`, new Date(0))
      const place = () => strict.app.send('POST', '/v1/calls', { agent_id: caller, to }, { authorization: key })
      const first = await place()
      assert.equal(first.status, 201)
      const second = await place()
      assert.deepEqual([second.status, second.body.code, api.asked.length], [429, 'call_limit_reached', 1])
      assert.match(second.body.message, says)
      await strict.phone.switchboard.end(first.body.id, 'failed', 'busy')
      assert.equal((await place()).status, name.endsWith('DAY') ? 429 : 201)
    })
})

describe('the limit of sessions of a key', () => {
  it('counts for the calls that the key places', async (t) => {
    await store.accounts.create('acct_limit', 'Limit')
    const key = newApiKey()
    await store.keys.add('acct_limit', { name: 'One', hash: hashOf(key), prefix: 'parley_sk', maxSessions: 1 })
    t.after(() => store.accounts.remove('acct_limit'))
    const caller = await office.agent({}, 'acct_limit')
    await store.phoneNumbers.assign('acct_limit', '+15550177', caller, 'phone_limit', new Date(0))
    const place = () => office.app.send('POST', '/v1/calls', { agent_id: caller, to }, { authorization: key })
    const { body } = await place()
    const { call } = await office.connect(await answered(body.id, body.carrier_call_id))
    assert.equal(call.maxSessions, 1)
    assert.ok(call.keyId)
    api.asked.length = 0
    office.refusal = { code: 'at_capacity', message: 'Full.' }
    const refused = await place()
    assert.deepEqual([refused.status, refused.body.code, refused.body.message], [429, 'call_limit_reached', 'Full.'])
    assert.deepEqual(
      [office.refused.at(-1), api.asked.length],
      [{ accountId: 'acct_limit', keyId: call.keyId, max: 1 }, 0],
    )
  })
})

describe('hanging up', () => {
  const hangUp = async (id: string) => (await office.app.send('DELETE', `/v1/calls/${id}`)).status

  it('ends a call at Twilio and its line, and nothing of one that is over', async () => {
    const { body } = await calls()
    const { line } = await office.connect(await answered(body.id, body.carrier_call_id))
    api.asked.length = 0
    assert.equal(await hangUp(body.id), 204)
    const [asked] = api.asked
    assert.deepEqual([asked?.path, asked?.form.get('Status')], [`/Calls/${body.carrier_call_id}.json`, 'completed'])
    assert.deepEqual(line.done, ['hung up'])
    const { status, reason } = await office.call(body.id)
    assert.deepEqual([status, reason], ['ended', 'hung_up_by_api'])
    assert.equal(await hangUp(body.id), 204)
    assert.equal(api.asked.length, 1)
    assert.equal(await hangUp('call_nobody'), 404)
  })

  it('is why the call ended, though the line is gone before Twilio has answered', async () => {
    const { body } = await calls()
    const { over } = await office.connect(await answered(body.id, body.carrier_call_id))
    api.beforeAnswer = () => void over({ reason: 'client_end', transfer: undefined })
    assert.equal(await hangUp(body.id), 204)
    await office.phone.switchboard.settled(body.id)
    assert.equal((await office.call(body.id)).reason, 'hung_up_by_api')
  })

  it('ends a call that Twilio has forgotten, and leaves one that Twilio does not end', async () => {
    const [forgotten, stuck] = [(await calls()).body, (await calls()).body]
    api.refusal = { status: 404, body: { code: 20_404, message: 'not found' } }
    assert.equal(await hangUp(forgotten.id), 204)
    api.refusal = { status: 503, body: { code: 20_503, message: 'Service unavailable' } }
    assert.equal(await hangUp(stuck.id), 502)
    assert.equal((await office.call(stuck.id)).status, 'dialing')
  })

  it('reaches a call that has no name yet', async () => {
    const { body } = await calls()
    await store.calls.change(body.id, { carrierCallId: undefined })
    assert.equal(await hangUp(body.id), 204)
    assert.match((await answered(body.id, body.carrier_call_id)).text, /<Response><Hangup\/>/)
  })
})

describe('a machine that answers', () => {
  const detected = (id: string, sid: string, AnsweredBy: string) =>
    office.asks('twilio', `/v1/twilio/machine?call=${id}`, { fields: { CallSid: sid, AnsweredBy } })
  const connected = async () => {
    const { body } = await calls()
    const { line } = await office.connect(await answered(body.id, body.carrier_call_id))
    api.asked.length = 0
    return { id: body.id, sid: body.carrier_call_id, line }
  }

  it('is hung up on, if the agent does not say otherwise', async () => {
    const { id, sid, line } = await connected()
    assert.equal((await detected(id, sid, 'machine_end_beep')).status, 204)
    assert.deepEqual(line.done, ['hung up'])
    assert.equal(api.asked[0]?.form.get('Status'), 'completed')
    const { status, reason } = await office.call(id)
    assert.deepEqual([status, reason], ['ended', 'machine'])
  })

  it('is left a message, once, or is talked to', async () => {
    office.says.machineAnswer = () => ({ do: 'leave', message: 'Please call back.' })
    const left = await connected()
    await detected(left.id, left.sid, 'machine_end_silence')
    await detected(left.id, left.sid, 'machine_end_silence')
    assert.deepEqual(left.line.done, ['machine: Please call back.'])
    office.says.machineAnswer = () => ({ do: 'continue' })
    const talked = await connected()
    await detected(talked.id, talked.sid, 'fax')
    assert.deepEqual([talked.line.done, (await office.call(talked.id)).status], [[], 'active'])
  })

  it('is not a person, nor somebody who is not known', async () => {
    const { id, sid, line } = await connected()
    for (const who of ['human', 'unknown', '']) await detected(id, sid, who)
    await detected(id, newSid(), 'machine_start')
    assert.deepEqual([line.done, api.asked.length], [[], 0])
    const inbound = await office.comesIn(agentId)
    await detected(inbound.call.id, inbound.call.carrierCallId ?? '', 'machine_start')
    assert.equal((await office.call(inbound.call.id)).status, 'dialing')
  })
})

it('a call that an agent makes is handed on from its own number', async () => {
  agentId = await office.agent({ transfer_targets: [{ name: 'desk', phone_number: '+4930999' }] })
  const { body } = await calls({ from: ours })
  const answer = await answered(body.id, body.carrier_call_id)
  const { over } = await office.connect(answer)
  await over({ reason: 'transferred', transfer: 'desk' })
  const dial = await office.asks('twilio', afterIn(answer), { fields: { CallSid: body.carrier_call_id } })
  assert.match(dial.text, new RegExp(`callerId="\\${ours}" timeout="30" timeLimit="10800"><Number>\\+4930999<`))
})

it('an API key of Twilio places calls in place of the auth token', async (t) => {
  const key = { TWILIO_API_KEY: `SK${'1'.repeat(32)}`, TWILIO_API_SECRET: 'the-secret-of-the-key' }
  const keyed = await startOffice({ ...settings(), ...key }, store)
  t.after(() => keyed.close())
  assert.equal((await calls({}, keyed)).status, 201)
  const expected = Buffer.from(`${key.TWILIO_API_KEY}:${key.TWILIO_API_SECRET}`).toString('base64')
  assert.equal(api.asked[0]?.authorization, `Basic ${expected}`)
})

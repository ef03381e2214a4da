// A call comes in: who may say so, who answers, and what a carrier hears that asks twice.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import {
  afterIn,
  attribute,
  authToken,
  caller,
  newSid,
  type Office,
  ours,
  publicUrl,
  queryOf,
  startOffice,
  telnyxSignature,
  ticketIn,
  twilioSignature,
} from './office.js'

let store: Store
let office: Office
let agentId: string

before(async () => {
  store = await openStore('memory')
})
beforeEach(async (t) => {
  office = await startOffice({}, store)
  agentId = await office.agent()
  // each test has an office of its own
  if ('after' in t) t.after(() => office.close())
})
after(() => store.close())

const voice = () => `/v1/twilio/voice?agent_id=${agentId}`
const ringing = (sid = newSid()) => ({ CallSid: sid, From: caller, To: ours, CallStatus: 'ringing' })

describe('a call that comes in', () => {
  it('is connected to the agent that the address names, by a ticket and with a way back', async () => {
    const { answer, call } = await office.comesIn(agentId)
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^text\/xml/)
    assert.equal(attribute(answer, 'url'), 'wss://voice.example.com/v1/twilio/media')
    assert.deepEqual(queryOf(afterIn(answer)), { call: call.id, leg: '1' })
    assert.match(ticketIn(answer), /^[\w-]{43}$/)
    assert.deepEqual(
      [call.status, call.direction, call.agentId, call.from, call.to, call.accountId],
      ['dialing', 'inbound', agentId, caller, ours, 'default'],
    )
  })

  it('is connected to the agent that its number is assigned to, of whichever account', async () => {
    await store.accounts.create('acct_numbers', 'Numbers')
    const theirs = await office.agent({}, 'acct_numbers')
    await store.phoneNumbers.assign('acct_numbers', ours, theirs, 'phone_1', new Date(0))
    const sid = newSid()
    await office.asks('twilio', '/v1/twilio/voice', { fields: ringing(sid) })
    const call = await store.calls.withCarrierId('twilio', sid)
    assert.deepEqual([call?.accountId, call?.agentId], ['acct_numbers', theirs])
    await store.accounts.remove('acct_numbers')
  })

  it('is rejected, at no cost, where nobody is to answer it; the log says what to do', async () => {
    for (const path of ['/v1/twilio/voice', `/v1/twilio/voice?agent_id=agent_${'0'.repeat(32)}`]) {
      const sid = newSid()
      const { text } = await office.asks('twilio', path, { fields: ringing(sid) })
      assert.match(text, /<Reject reason="rejected"\/>/)
      assert.equal(await store.calls.withCarrierId('twilio', sid), undefined)
    }
    assert.match(office.logged.join('\n'), /no agent is assigned to the number.*parley numbers assign/)
    assert.match(office.logged.join('\n'), /no agent with the id in its address/)
  })

  it('hears the busy tone while the server is full, and is recorded as refused', async () => {
    office.refusal = { code: 'at_capacity', message: 'Full.' }
    const { answer, call } = await office.comesIn(agentId)
    assert.match(answer.text, /<Reject reason="busy"\/>/)
    assert.deepEqual([call.status, call.reason], ['refused', 'at_capacity'])
    assert.deepEqual(
      office.happenings.map(({ event, callId }) => [event, callId]),
      [['call.failed', call.id]],
    )
  })

  it('brings along what was found out before it is answered', async () => {
    office.says.beforeAnswer = async (call, agent) => {
      assert.deepEqual([call.from, call.direction, agent.id], [caller, 'inbound', agentId])
      return { reject: false, variables: { name: 'Ada' }, greeting: 'Hello Ada.' }
    }
    const { answer } = await office.comesIn(agentId)
    const { call } = await office.connect(answer)
    assert.deepEqual([call.variables, call.greeting], [{ name: 'Ada' }, 'Hello Ada.'])
  })

  it('is rejected where that says so, and answered where it fails', async () => {
    office.says.beforeAnswer = async () => ({ reject: true, variables: {}, greeting: undefined })
    const rejected = await office.comesIn(agentId)
    assert.match(rejected.answer.text, /<Reject reason="rejected"\/>/)
    assert.deepEqual([rejected.call.status, rejected.call.reason], ['refused', 'rejected'])
    office.says.beforeAnswer = () => Promise.reject(new Error('down'))
    assert.match((await office.comesIn(agentId)).answer.text, /<Stream/)
  })

  it('gets another ticket when the carrier asks again, until one was used', async () => {
    const sid = newSid()
    const first = await office.comesIn(agentId, sid)
    const second = await office.comesIn(agentId, sid)
    assert.equal(second.call.id, first.call.id)
    assert.notEqual(ticketIn(second.answer), ticketIn(first.answer))
    assert.equal(await office.phone.switchboard.redeem('twilio', ticketIn(first.answer), sid), undefined)
    const connected = await office.connect(second.answer)
    assert.match((await office.comesIn(agentId, sid)).answer.text, /^<\?xml[^>]*><Response><Hangup\/><\/Response>$/)
    await connected.over()
    assert.match((await office.comesIn(agentId, sid)).answer.text, /<Response><Hangup\/>/)
    await office.asks('twilio', '/v1/twilio/status', { fields: { CallSid: sid, CallStatus: 'completed' } })
    assert.match((await office.comesIn(agentId, sid)).answer.text, /<Response><Hangup\/>/)
  })

  it('is one call however many times at once the carrier asks', async () => {
    const sid = newSid()
    const answers = await Promise.all(Array.from({ length: 5 }, () => office.comesIn(agentId, sid)))
    assert.equal(new Set(answers.map(({ call }) => call.id)).size, 1)
    const tickets = answers.map(({ answer }) => ticketIn(answer)).filter((ticket) => ticket !== '')
    const redeemed = await Promise.all(tickets.map((ticket) => office.phone.switchboard.redeem('twilio', ticket, sid)))
    assert.equal(redeemed.filter((call) => call !== undefined).length, 1)
  })

  it('is carried by Telnyx with sound both ways, and a way back that is told apart', async () => {
    const fields = ringing('v3:a-call')
    const answer = await office.asks('telnyx', `/v1/telnyx/voice?agent_id=${agentId}`, { fields })
    assert.equal(attribute(answer, 'url'), 'wss://voice.example.com/v1/telnyx/media')
    assert.deepEqual(
      [attribute(answer, 'bidirectionalMode'), attribute(answer, 'bidirectionalCodec'), attribute(answer, 'action')],
      ['rtp', 'PCMU', ''],
    )
    const call = await store.calls.withCarrierId('telnyx', 'v3:a-call')
    assert.deepEqual(queryOf(afterIn(answer)), { call: call?.id, leg: '1' })
    assert.match(afterIn(answer), /^\/v1\/telnyx\/after\?/)
    assert.equal((await office.connect(answer, 'telnyx')).call.id, call?.id)
  })
})

describe('a request of a carrier', () => {
  const refused = async (asking: Parameters<Office['asks']>[2], path = voice()) => {
    const { status, body } = await office.asks('twilio', path, { fields: ringing(), ...asking })
    assert.deepEqual([status, body.code], [403, 'wrong_signature'])
    return String(body.message)
  }

  it('that is not signed, or not by Twilio, is refused, and told what to check', async () => {
    assert.match(await refused({ headers: { 'x-twilio-signature': 'bm8=' } }), /PARLEY_PUBLIC_URL .* TWILIO_AUTH_TOKEN/)
    assert.match(await refused({ signedUrl: `http://voice.example.com${voice()}` }), /does not fit the address https:/)
    assert.match(await refused({ tampered: (body) => body.replace('ringing', 'completed') }), /does not fit/)
    const { statusCode, body } = await office.app.app.inject({ method: 'POST', url: voice() })
    assert.equal(statusCode, 403)
    assert.match(body, /no header X-Twilio-Signature/)
    assert.ok(!office.app.logged().includes(authToken))
  })

  it('cannot be turned to another agent: the whole address is signed', async () => {
    const other = await office.agent()
    await refused({ signedUrl: publicUrl + voice() }, `/v1/twilio/voice?agent_id=${other}`)
  })

  it('of Telnyx is refused when it is old, of the future, changed or not signed', async () => {
    const path = `/v1/telnyx/voice?agent_id=${agentId}`
    const body = new URLSearchParams(ringing()).toString()
    const at = (seconds: number) => ({ headers: telnyxSignature(body, office.clock.unixMs() + seconds * 1000) })
    const asks = async (asking: object) => {
      const answer = await office.asks('telnyx', path, asking)
      return [answer.status, answer.body?.message]
    }
    const [late, why] = await asks({ ...at(-301), tampered: () => body })
    assert.deepEqual([late, /five minutes.*clock of this machine/.test(why)], [403, true])
    assert.equal((await asks({ ...at(301), tampered: () => body }))[0], 403)
    assert.equal((await asks({ ...at(-299), tampered: () => body }))[0], 200)
    assert.equal((await asks({ ...at(0), tampered: () => body.replace('Sid', 'Sjd') }))[0], 403)
    const [missing, text] = await asks({ headers: { 'telnyx-timestamp': '', 'telnyx-signature-ed25519': '' } })
    assert.deepEqual([missing, /clock|no header|does not fit/.test(text)], [403, true])
  })

  it('is found to be right behind a proxy that is named, and by what it names alone', async (t) => {
    const environment = { PARLEY_PUBLIC_URL: '', PARLEY_TRUST_PROXY: 'loopback' }
    const proxied = await startOffice(environment, store)
    const bare = await startOffice({ PARLEY_PUBLIC_URL: '' }, store)
    t.after(() => Promise.all([proxied.close(), bare.close()]))
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'behind.example.com', host: 'inside:8080' }
    const asking = { fields: ringing(), headers, signedUrl: `https://behind.example.com${voice()}` }
    const answer = await proxied.asks('twilio', voice(), asking)
    assert.equal(attribute(answer, 'url'), 'wss://behind.example.com/v1/twilio/media')
    assert.equal((await bare.asks('twilio', voice(), asking)).status, 403)
    const direct = { ...asking, signedUrl: `http://inside:8080${voice()}` }
    assert.equal(attribute(await bare.asks('twilio', voice(), direct), 'url'), 'ws://inside:8080/v1/twilio/media')
  })

  it('is wrong, and no fault of the server, where the host that a stranger names is none', async (t) => {
    const bare = await startOffice({ PARLEY_PUBLIC_URL: '' }, store)
    t.after(() => bare.close())
    for (const host of ['[', 'a b', 'a:b:c'])
      assert.equal((await bare.asks('twilio', voice(), { fields: ringing(), headers: { host } })).status, 403, host)
  })

  it('may come as often as it likes while it is signed; who fails is slowed down', async (t) => {
    const busy = await startOffice({ PARLEY_RATE_LIMIT: '3' }, store)
    t.after(() => busy.close())
    const status = { fields: { CallSid: newSid(), CallStatus: 'ringing' } }
    for (let count = 0; count < 10; count++)
      assert.equal((await busy.asks('twilio', '/v1/twilio/status', status)).status, 204)
    const wrong = { ...status, signedUrl: 'https://elsewhere.example/' }
    const statuses: number[] = []
    for (let count = 0; count < 5; count++)
      statuses.push((await busy.asks('twilio', '/v1/twilio/status', wrong)).status)
    assert.deepEqual(statuses, [403, 403, 403, 429, 429])
    assert.equal((await busy.asks('twilio', '/v1/twilio/status', status)).status, 204)
  })

  it('that is about no call, or not a form, is refused', async () => {
    assert.equal((await office.asks('twilio', voice(), { fields: { From: caller } })).status, 400)
    assert.equal((await office.asks('twilio', voice(), { fields: { ...ringing(), CallSid: 'a\0b' } })).status, 400)
    const { statusCode } = await office.app.app.inject({
      method: 'POST',
      url: '/v1/agents',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: office.app.config.apiKey ?? '' },
      payload: 'name=x',
    })
    assert.equal(statusCode, 400)
    assert.equal((await office.app.app.inject({ method: 'GET', url: '/v1/twilio/voice' })).statusCode, 405)
  })

  it('to open a stream is signed over the address with wss', async () => {
    const upgrade = (url: string) => ({
      url: '/v1/twilio/media',
      headers: { 'x-twilio-signature': twilioSignature(url, {}) },
      socket: {},
    })
    const verify = (url: string) =>
      // only what the check looks at is there
      office.phone.signatures.twilio?.upgrade(upgrade(url) as never)
    const media = 'voice.example.com/v1/twilio/media'
    for (const right of [`wss://${media}`, `https://${media}`, `wss://${media}/`])
      assert.equal(verify(right), undefined)
    for (const wrong of [`wss://${media}x`, 'wss://elsewhere.example/v1/twilio/media'])
      assert.match(verify(wrong) ?? '', /^The signature does not fit the address wss:/)
    assert.equal(office.phone.signatures.telnyx?.upgrade({} as never), undefined)
  })
})

it('without a carrier there is no telephone, and the address says how to have one', async () => {
  const { testApp, apiKey } = await import('../http/app.js')
  const { send } = testApp(store)
  for (const path of ['/v1/calls', '/v1/phone-numbers']) {
    const { status, body } = await send('GET', path, undefined, { authorization: apiKey })
    assert.deepEqual([status, body.code], [404, 'not_found'])
    assert.match(body.message, /Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TELNYX_PUBLIC_KEY/)
  }
  assert.equal((await send('POST', '/v1/twilio/voice')).status, 404)
})

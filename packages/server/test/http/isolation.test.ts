// Two accounts on one server: no route shows or changes anything of the other.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import { type RouteName, routeList } from '@parley/protocol'
import { readConfig } from '../../dist/config.js'
import { createGuard } from '../../dist/net/guard.js'
import { agentAnswers } from '../../dist/phone/agent-answers.js'
import { type Phone, phoneOf } from '../../dist/phone/phone.js'
import { hashOf, newApiKey, SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'
import { type Answer, type TestApp, testApp } from './app.js'

/** With a telephone that may call Germany, and where nobody answers for Twilio. */
const twilioSettings = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'the-token-of-twilio',
  PARLEY_TWILIO_API_URL: 'http://127.0.0.1:1',
  PARLEY_PUBLIC_URL: 'https://voice.example.com',
  PARLEY_CALL_DESTINATIONS: '+49',
}

type Ask = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object) => Promise<Answer>

/** Shows for one route that `theirs` learns and changes nothing of what `mine` has. */
type Check = (mine: Ask, theirs: Ask) => Promise<void>

let store: Store
let server: TestApp
let phone: Phone | undefined
const clock = new VirtualClock()
let mine: Ask
let theirs: Ask

async function member(id: string): Promise<Ask> {
  await store.accounts.create(id, id)
  const key = newApiKey()
  await store.keys.add(id, { name: 'Admin', hash: hashOf(key), prefix: 'parley_sk' })
  return (method, url, body) => server.send(method, url, body, { authorization: key })
}

before(async () => {
  store = await openStore('memory')
  const publish = () => {}
  const refusal = () => undefined
  const [log, secrets, guard] = [() => {}, new SecretBox(randomBytes(32)), createGuard({ allowPrivate: true, clock })]
  const agents = agentAnswers({ clock, log, secrets, guard })
  phone = await phoneOf(readConfig(twilioSettings).config, { store, clock, log, publish, refusal, agents })
  server = testApp(store, twilioSettings, { phone })
  ;[mine, theirs] = [await member('acct_a'), await member('acct_b')]
})
after(async () => {
  await phone?.close()
  await store.close()
})

const agent = { name: 'Mine', system_prompt: 'A secret prompt.', voice: { voice_id: 'alba' } }
const newAgent = async (ask: Ask): Promise<string> => (await ask('POST', '/v1/agents', agent)).body.id
/** A session of the first account that has ended, with a file. */
const newSession = async (): Promise<string> => {
  const id = `sess_${randomBytes(16).toString('hex')}`
  const ended = { closeReason: 'client_end', durationSeconds: 3, endedAt: new Date(3000) }
  await store.sessions.complete(
    { id, accountId: 'acct_a', agentId: undefined, config: {}, retentionDays: undefined, createdAt: new Date(0) },
    ended,
  )
  await store.sessions.publish(id, [{ type: 'timeline', place: 'disk' }])
  return id
}
const webhook = { events: ['session.started'], secret: 's'.repeat(32) }
let webhooks = 0
const webhookPath = '/v1/webhook-subscriptions'
const newWebhook = async (ask: Ask): Promise<string> =>
  (await ask('POST', webhookPath, { ...webhook, url: `https://example.com/${++webhooks}` })).body.id
/** Something that was posted about a session of the first account; its id and that of the session. */
const newDelivery = async (): Promise<{ readonly id: string; readonly session: string }> => {
  const session = await newSession()
  await newWebhook(mine)
  await store.deliveries.publish(
    eventOf(
      sessionHappening({
        ...{ id: session, accountId: 'acct_a', agentId: undefined, startedAt: 0, ended: undefined },
      }),
    ),
    new Date(0),
  )
  const [delivery] = await store.deliveries.latest('acct_a', session)
  assert.ok(delivery)
  return { id: delivery.id, session }
}

let sids = 0
/** A call to an agent of the first account. */
const newCall = async (): Promise<string> => {
  const id = `call_${randomBytes(16).toString('hex')}`
  await store.calls.admit(
    {
      ...{ id, accountId: 'acct_a', keyId: undefined, agentId: await newAgent(mine), direction: 'inbound' },
      ...{ carrier: 'twilio', carrierCallId: `CA${++sids}`, from: '+15550123', to: '+15550100', variables: {} },
    },
    new Date(0),
  )
  return id
}
let numbers = 0
/** A telephone number of the first account. */
const newNumber = async (): Promise<string> => {
  const number = `+1555010${++numbers}`
  await mine('PUT', `/v1/phone-numbers/${number}/agent`, { agent_id: await newAgent(mine) })
  return number
}

const notTheirs = async (answer: Promise<Answer>, code: string) => {
  const { status, body } = await answer
  assert.deepEqual([status, body.code], [404, code])
}

/** A secret of one account is accepted as its own, whoever holds it; `find` says whose it is. */
const belongsTo = async (token: string, account: string) =>
  assert.equal((await store.tokens.redeem(hashOf(token), { reuse: true }))?.accountId, account)

/** The same for everybody: there is nothing of an account in it. */
const everybodys =
  (url: string): Check =>
  async (mine, theirs) =>
    assert.deepEqual((await theirs('GET', url)).body, (await mine('GET', url)).body)

/** Only the account that runs the server has it at all. */
const operatorsAlone =
  (method: 'GET' | 'POST' | 'DELETE', url: string): Check =>
  async (mine, theirs) => {
    for (const ask of [mine, theirs]) {
      const { status, body } = await ask(method, url, method === 'POST' ? { name: 'x' } : undefined)
      assert.deepEqual([status, body.code], [403, 'insufficient_scope'])
    }
    assert.ok(await store.accounts.exists('acct_a'))
  }

const checks: { readonly [Name in RouteName]?: Check } = {
  async createAgent(mine, theirs) {
    const before = (await mine('GET', '/v1/agents?limit=200')).body.agents.length
    await newAgent(theirs)
    assert.equal((await mine('GET', '/v1/agents?limit=200')).body.agents.length, before)
  },
  async listAgents(mine, theirs) {
    const id = await newAgent(mine)
    assert.ok((await mine('GET', '/v1/agents')).text.includes(id))
    assert.ok(!(await theirs('GET', '/v1/agents?limit=200')).text.includes(id))
    // a cursor is a place in the order of all agents, and leads only to one's own
    const { response_metadata } = (await mine('GET', '/v1/agents?limit=1')).body
    const page = await theirs('GET', `/v1/agents?limit=200&cursor=${response_metadata.next_cursor}`)
    assert.ok(!page.text.includes(id))
  },
  async getAgent(mine, theirs) {
    await notTheirs(theirs('GET', `/v1/agents/${await newAgent(mine)}`), 'agent_not_found')
  },
  async updateAgent(mine, theirs) {
    const id = await newAgent(mine)
    await notTheirs(theirs('PUT', `/v1/agents/${id}`, { name: 'Stolen' }), 'agent_not_found')
    assert.equal((await mine('GET', `/v1/agents/${id}`)).body.name, 'Mine')
  },
  async deleteAgent(mine, theirs) {
    const id = await newAgent(mine)
    await notTheirs(theirs('DELETE', `/v1/agents/${id}`), 'agent_not_found')
    assert.equal((await mine('GET', `/v1/agents/${id}`)).status, 200)
  },
  async getToken(mine, theirs) {
    await belongsTo((await mine('GET', '/v1/token?expires_in_seconds=60')).body.token, 'acct_a')
    await belongsTo((await theirs('GET', '/v1/token?expires_in_seconds=60')).body.token, 'acct_b')
  },
  async createToken(mine, theirs) {
    await belongsTo((await mine('POST', '/v1/tokens')).body.token, 'acct_a')
    await belongsTo((await theirs('POST', '/v1/tokens')).body.token, 'acct_b')
  },
  async listSessions(mine, theirs) {
    const id = await newSession()
    assert.ok((await mine('GET', '/v1/sessions')).text.includes(id))
    assert.deepEqual((await theirs('GET', '/v1/sessions')).body.sessions, [])
  },
  async getSession(mine, theirs) {
    const id = await newSession()
    await notTheirs(theirs('GET', `/v1/sessions/${id}`), 'session_not_found')
    assert.equal((await mine('GET', `/v1/sessions/${id}`)).status, 200)
  },
  async deleteSession(mine, theirs) {
    const id = await newSession()
    await notTheirs(theirs('DELETE', `/v1/sessions/${id}`), 'session_not_found')
    assert.equal((await mine('GET', `/v1/sessions/${id}`)).status, 200)
  },
  /** Whoever has an address may fetch what is there, so nobody can make one up from the id of a session. */
  async getArtifact(mine, theirs) {
    const id = await newSession()
    const [artifact] = (await mine('GET', `/v1/sessions/${id}`)).body.artifacts
    assert.ok(server.history.fileAt(artifact.url.split('/').at(-1)))
    const unsigned = Buffer.from(JSON.stringify({ id, type: 'timeline' })).toString('base64url')
    for (const address of [id, unsigned]) {
      assert.equal(server.history.fileAt(address), undefined)
      await notTheirs(theirs('GET', `/v1/artifacts/${address}`), 'not_found')
    }
  },
  async createWebhookSubscription(mine, theirs) {
    const id = await newWebhook(theirs)
    assert.ok((await theirs('GET', webhookPath)).text.includes(id))
    assert.ok(!(await mine('GET', `${webhookPath}?limit=200`)).text.includes(id))
    const ofMine = { ...webhook, url: 'https://example.com/', agent_id: await newAgent(mine) }
    const { status, body } = await theirs('POST', webhookPath, ofMine)
    assert.deepEqual([status, body.param], [422, 'agent_id'])
  },
  async listWebhookSubscriptions(mine, theirs) {
    const id = await newWebhook(mine)
    assert.ok((await mine('GET', webhookPath)).text.includes(id))
    assert.ok(!(await theirs('GET', `${webhookPath}?limit=200&include_disabled=true`)).text.includes(id))
  },
  async getWebhookSubscription(mine, theirs) {
    await notTheirs(theirs('GET', `${webhookPath}/${await newWebhook(mine)}`), 'webhook_subscription_not_found')
  },
  async updateWebhookSubscription(mine, theirs) {
    const id = await newWebhook(mine)
    await notTheirs(theirs('PATCH', `${webhookPath}/${id}`, { enabled: false }), 'webhook_subscription_not_found')
    assert.equal((await mine('GET', `${webhookPath}/${id}`)).body.enabled, true)
  },
  async deleteWebhookSubscription(mine, theirs) {
    const id = await newWebhook(mine)
    await notTheirs(theirs('DELETE', `${webhookPath}/${id}`), 'webhook_subscription_not_found')
    assert.equal((await mine('GET', `${webhookPath}/${id}`)).status, 200)
  },
  async listWebhookDeliveries(mine, theirs) {
    const path = `/v1/sessions/${(await newDelivery()).session}/webhook-deliveries`
    await notTheirs(theirs('GET', path), 'webhook_deliveries_not_found')
    assert.ok((await mine('GET', path)).body.deliveries.length > 0)
  },
  async latestWebhookDeliveries(mine, theirs) {
    const path = `/v1/sessions/${(await newDelivery()).session}/webhook-deliveries/latest`
    await notTheirs(theirs('GET', path), 'webhook_deliveries_not_found')
    assert.equal((await mine('GET', path)).status, 200)
  },
  async redeliverWebhook(mine, theirs) {
    const { id, session } = await newDelivery()
    const before = (await mine('GET', `/v1/sessions/${session}/webhook-deliveries`)).text
    await notTheirs(theirs('POST', `/v1/webhook-deliveries/${id}/redeliver`), 'webhook_deliveries_not_found')
    assert.equal((await mine('GET', `/v1/sessions/${session}/webhook-deliveries`)).text, before)
  },
  async createCall(mine, theirs) {
    const from = await newNumber()
    const to = '+4930123456'
    await notTheirs(theirs('POST', '/v1/calls', { to, from, agent_id: await newAgent(mine) }), 'agent_not_found')
    await notTheirs(
      theirs('POST', '/v1/calls', { to, from, agent_id: await newAgent(theirs) }),
      'phone_number_not_found',
    )
    assert.deepEqual((await mine('GET', '/v1/calls?direction=outbound')).body.calls, [])
  },
  async listCalls(mine, theirs) {
    const id = await newCall()
    assert.ok((await mine('GET', '/v1/calls')).text.includes(id))
    assert.deepEqual((await theirs('GET', '/v1/calls')).body.calls, [])
  },
  async getCall(mine, theirs) {
    const id = await newCall()
    await notTheirs(theirs('GET', `/v1/calls/${id}`), 'call_not_found')
    assert.equal((await mine('GET', `/v1/calls/${id}`)).status, 200)
  },
  async hangUpCall(mine, theirs) {
    const id = await newCall()
    await notTheirs(theirs('DELETE', `/v1/calls/${id}`), 'call_not_found')
    assert.equal((await mine('GET', `/v1/calls/${id}`)).body.status, 'dialing')
  },
  async listPhoneNumbers(mine, theirs) {
    const number = await newNumber()
    assert.ok((await mine('GET', '/v1/phone-numbers')).text.includes(number))
    assert.deepEqual((await theirs('GET', '/v1/phone-numbers')).body.phone_numbers, [])
  },
  async getPhoneNumber(mine, theirs) {
    const number = await newNumber()
    await notTheirs(theirs('GET', `/v1/phone-numbers/${number}`), 'phone_number_not_found')
    assert.equal((await mine('GET', `/v1/phone-numbers/${number}`)).body.phone_number, number)
  },
  async deletePhoneNumber(mine, theirs) {
    const number = await newNumber()
    await notTheirs(theirs('DELETE', `/v1/phone-numbers/${number}`), 'phone_number_not_found')
    assert.equal((await mine('GET', `/v1/phone-numbers/${number}`)).status, 200)
  },
  async assignPhoneNumber(mine, theirs) {
    const path = `/v1/phone-numbers/${await newNumber()}`
    const { body: before } = await mine('GET', path)
    await notTheirs(theirs('PUT', `${path}/agent`, { agent_id: before.agent_id }), 'agent_not_found')
    const { status, body } = await theirs('PUT', `${path}/agent`, { agent_id: await newAgent(theirs) })
    assert.deepEqual([status, body.code], [409, 'phone_number_conflict'])
    assert.deepEqual((await mine('GET', path)).body, before)
  },
  async unassignPhoneNumber(mine, theirs) {
    const path = `/v1/phone-numbers/${await newNumber()}`
    await notTheirs(theirs('DELETE', `${path}/agent`), 'phone_number_not_found')
    assert.ok((await mine('GET', path)).body.agent_id)
  },
  async createKey(mine, theirs) {
    const { key } = (await theirs('POST', '/v1/keys', { name: 'Theirs' })).body
    assert.equal((await store.keys.find(hashOf(key)))?.accountId, 'acct_b')
    const { status } = await theirs('POST', '/v1/keys', { name: 'Stolen', account_id: `acct_${'a'.repeat(32)}` })
    assert.equal(status, 403)
    assert.ok(!(await mine('GET', '/v1/keys')).text.includes('Theirs'))
  },
  async listKeys(mine, theirs) {
    const { id } = (await mine('POST', '/v1/keys', { name: 'Mine' })).body
    assert.ok((await mine('GET', '/v1/keys')).text.includes(id))
    assert.ok(!(await theirs('GET', '/v1/keys?limit=200')).text.includes(id))
  },
  async revokeKey(mine, theirs) {
    const { id } = (await mine('POST', '/v1/keys', { name: 'Mine' })).body
    await notTheirs(theirs('DELETE', `/v1/keys/${id}`), 'key_not_found')
    assert.ok((await mine('GET', '/v1/keys')).text.includes(id))
  },
  createAccount: operatorsAlone('POST', '/v1/accounts'),
  listAccounts: operatorsAlone('GET', '/v1/accounts'),
  deleteAccount: operatorsAlone('DELETE', '/v1/accounts/acct_a'),
  listVoices: everybodys('/v1/voices'),
  health: everybodys('/healthz'),
  readiness: everybodys('/readyz'),
}

for (const { name, method, path } of routeList)
  it(`${method} ${path} keeps two accounts apart`, async () => {
    const check = checks[name]
    assert.ok(check, `${name} is a new route: say in the table of this file how it keeps two accounts apart.`)
    await check(mine, theirs)
  })

it('one idempotency key of two accounts stands for two requests', async () => {
  const once = async (key: string) =>
    (await server.send('POST', '/v1/agents', agent, { authorization: key, 'idempotency-key': 'same' })).body
      .id as string
  const ids: string[] = []
  for (const account of ['acct_a', 'acct_b'] as const) {
    const key = newApiKey()
    await store.keys.add(account, { name: 'Once', hash: hashOf(key), prefix: 'parley_sk' })
    ids.push(await once(key), await once(key))
  }
  assert.deepEqual([ids[0] === ids[1], ids[2] === ids[3], ids[0] === ids[2]], [true, true, false])
})

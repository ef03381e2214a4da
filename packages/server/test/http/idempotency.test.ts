// A POST that is sent again with its Idempotency-Key: answered as the first time, and nothing is made twice.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { routeList } from '@parley/protocol'
import { hashOf } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'
import { type Answer, type TestApp, testApp } from './app.js'

let store: Store
let server: TestApp
before(async () => {
  store = await openStore('memory')
  server = testApp(store)
})
after(() => store.close())

const agent = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
const post = (url: string, key: string, body?: object, to = server) =>
  to.send('POST', url, body, { 'idempotency-key': key })
const refused = ({ status, body }: Answer, expected: number, code: string) =>
  assert.deepEqual([status, body.code], [expected, code])

/** A body for every POST; one that is missing here fails the test, so that new ones are not forgotten. */
const bodies: Readonly<Record<string, object>> = {
  createAgent: agent,
  createToken: {},
  createKey: { name: 'Again' },
  createAccount: { name: 'Again' },
  createWebhookSubscription: { url: 'https://example.com/again', events: ['session.started'], secret: 's'.repeat(32) },
}

describe('an idempotency key', () => {
  // a call needs a telephone company: phone/outgoing.test.ts makes one twice
  for (const { name, path, method, secured } of routeList)
    if (method === 'POST' && secured && !path.includes(':') && name !== 'createCall')
      it(`has ${path} answered as the first time, secrets and all (159)`, async () => {
        const body = bodies[name]
        assert.ok(body, `Say in the table of this file what ${name} can be asked.`)
        const first = await post(path, `key-${name}`, body)
        assert.equal(first.status, 201)
        assert.equal(first.headers['idempotency-replayed'], undefined)
        const again = await post(path, `key-${name}`, body)
        assert.deepEqual([again.status, again.text], [first.status, first.text])
        assert.equal(again.headers['idempotency-replayed'], 'true')
        assert.equal(again.headers['content-type'], first.headers['content-type'])
        assert.notEqual((await post(path, `other-${name}`, body)).text, first.text)
      })

  it('has an event posted once more only once', async () => {
    const at = new Date(0)
    const webhook = { url: 'https://example.com/events', events: ['session.started'], secret: undefined } as const
    await store.webhooks.bring(defaultAccountId, { ...webhook, id: 'session.sess_1', sessionId: 'sess_1' }, at)
    await store.deliveries.publish(
      eventOf(
        sessionHappening({
          ...{ id: 'sess_1', accountId: defaultAccountId, agentId: undefined, startedAt: 0, ended: undefined },
        }),
      ),
      at,
    )
    const deliveries = async () =>
      (await store.deliveries.ofSession(defaultAccountId, 'sess_1', { limit: 10, after: undefined })).deliveries
    const before = await deliveries()
    const id = before.at(-1)?.id
    const first = await post(`/v1/webhook-deliveries/${id}/redeliver`, 'redeliver')
    assert.equal(first.status, 201)
    assert.equal((await post(`/v1/webhook-deliveries/${id}/redeliver`, 'redeliver')).text, first.text)
    assert.equal((await deliveries()).length, before.length + 1)
  })

  it('keeps an answer that nobody can read in the database', async () => {
    const { body } = await post('/v1/tokens', 'sealed')
    const requests: string[] = []
    const isSame = (request: string) => requests.push(request) > 0
    const claim = await store.repeats.claim(defaultAccountId, { key: 'sealed', request: '', isSame })
    assert.ok(claim.outcome === 'answered' && !claim.answer.body.includes(body.token))
    // neither can what was asked for be guessed and tried
    const place = `idempotency.${defaultAccountId}.sealed`
    const asked = JSON.stringify(['POST', '/v1/tokens', null])
    assert.equal(server.secrets.open(requests[0]!, place), hashOf(asked).toString('base64url'))
  })

  it('stands for one route and one body', async () => {
    await post('/v1/agents', 'one', agent)
    refused(await post('/v1/agents', 'one', { ...agent, name: 'Other' }), 422, 'idempotency_key_reuse')
    refused(await post('/v1/tokens', 'one'), 422, 'idempotency_key_reuse')
    refused(await post('/v1/accounts', 'one', agent), 422, 'idempotency_key_reuse')
  })

  it('makes one thing of two requests at once: the second is told that the first still runs', async () => {
    let proceed = () => {}
    const held = new Promise<void>((resolve) => {
      proceed = resolve
    })
    let began = () => {}
    const running = new Promise<void>((resolve) => {
      began = resolve
    })
    const slow = testApp({
      ...store,
      agents: {
        ...store.agents,
        async create(...given) {
          began()
          await held
          return store.agents.create(...given)
        },
      },
    })
    const first = post('/v1/agents', 'twice', agent, slow)
    await running
    const second = await post('/v1/agents', 'twice', agent, slow)
    refused(second, 409, 'idempotency_in_progress')
    assert.equal(second.headers['retry-after'], '1')
    proceed()
    // the answer was sealed by this server, and is repeated by it
    assert.equal((await post('/v1/agents', 'twice', agent, slow)).text, (await first).text)
  })

  it('is free again when the request was refused, or failed', async () => {
    refused(await post('/v1/agents', 'refused', {}), 422, 'validation_error')
    assert.equal((await post('/v1/agents', 'refused', agent)).status, 201)
    const broken = testApp({
      ...store,
      tokens: { ...store.tokens, issue: () => Promise.reject(new Error('The database is gone.')) },
    })
    refused(await post('/v1/tokens', 'failed', undefined, broken), 500, 'internal_error')
    assert.equal((await post('/v1/tokens', 'failed')).status, 201)
  })

  it('of a server with another secret key is of no use here', async () => {
    const [one, other] = [testApp(store), testApp(store)].map((app) => app)
    assert.equal((await post('/v1/tokens', 'moved', undefined, one)).status, 201)
    refused(await post('/v1/tokens', 'moved', undefined, other), 422, 'idempotency_key_reuse')
  })

  it('is refused when it is none, and means nothing to other methods', async () => {
    for (const key of ['with a space', 'k'.repeat(257), ''])
      refused(await post('/v1/tokens', key), 400, 'idempotency_key_invalid')
    const { status } = await server.send('GET', '/v1/agents', undefined, { 'idempotency-key': 'with a space' })
    assert.equal(status, 200)
  })

  it('gets nobody in', async () => {
    await post('/v1/tokens', 'known')
    const response = await server.app.inject({
      method: 'POST',
      url: '/v1/tokens',
      headers: { authorization: 'wrong', 'idempotency-key': 'known' },
    })
    assert.equal(response.statusCode, 401)
  })
})

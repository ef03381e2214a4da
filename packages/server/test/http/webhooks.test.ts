// Webhook subscriptions and deliveries over REST (protocol section 6.5; checklist 167).
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { WebhookDeliveryRecord, WebhookSubscriptionRecord } from '@parley/protocol'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'
import { type Answer, openDoor, type TestApp, testApp } from './app.js'

const path = '/v1/webhook-subscriptions'
const secret = 'a-secret-of-more-than-32-characters!'
const other = 'another-secret-of-32-characters-or-so'
const minimal = { url: 'https://example.com/hook', events: ['session.completed', 'session.started'], secret }

let store: Store
let server: TestApp
let nudges = 0
const webhooks = {
  checkUrl: async (url: string) => (url.includes('10.0.0.1') ? 'URL host 10.0.0.1 is not a public address' : undefined),
  nudge: () => {
    nudges += 1
  },
}
before(async () => {
  store = await openStore('memory')
  server = testApp(store, { PARLEY_ALLOW_PRIVATE_URLS: 'off' }, { webhooks })
})
after(() => store.close())
beforeEach(async () => {
  const page = await store.webhooks.list(defaultAccountId, { limit: 200, after: undefined, includeDisabled: true })
  for (const { id } of page.webhooks) await store.webhooks.remove(defaultAccountId, id)
})

const create = (more: object = {}) => server.send('POST', path, { ...minimal, ...more })
const created = async (more: object = {}) => {
  const answer = await create(more)
  assert.equal(answer.status, 201, answer.text)
  return answer.body
}
const assertRefused = (answer: Answer, status: number, code: string, param: string | null = null) =>
  assert.deepEqual([answer.status, answer.body.code, answer.body.param], [status, code, param], answer.text)

describe('a webhook subscription', () => {
  it('is answered with everything but its secret', async () => {
    const body = await created()
    assert.deepEqual(WebhookSubscriptionRecord.parse(body), body)
    const { id, created_at, updated_at, ...rest } = body
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.equal(updated_at, created_at)
    const { secret: _, ...shown } = minimal
    assert.deepEqual(rest, {
      ...{ ...shown, events: ['session.started', 'session.completed'] },
      ...{ agent_id: null, enabled: true, secret_version: 1 },
    })
    assert.deepEqual((await server.send('GET', `${path}/${id}`)).body, body)
    assert.doesNotMatch(server.logged(), new RegExp(secret))
    const stored = await store.webhooks.find(defaultAccountId, id)
    assert.ok(stored?.signing.secret && !stored.signing.secret.includes(secret), 'the secret is sealed')
  })

  for (const [what, change, param] of [
    ['whose secret is shorter than 32 characters (167)', { secret: 'x'.repeat(31) }, 'secret'],
    ['whose secret is longer than 256 characters', { secret: 'x'.repeat(257) }, 'secret'],
    ['whose secret has a space', { secret: `${secret} ` }, 'secret'],
    ['without a secret', { secret: undefined }, 'secret'],
    ['over plain http', { url: 'http://example.com' }, 'url'],
    ['at what is no URL', { url: 'example.com' }, 'url'],
    ['at a URL of more than 2048 characters', { url: `https://example.com/${'x'.repeat(2048)}` }, 'url'],
    ['at an address of a private network', { url: 'https://10.0.0.1/' }, 'url'],
    ['without events', { events: [] }, 'events'],
    ['with an event twice', { events: ['session.started', 'session.started'] }, 'events'],
    ['with an event that there is not', { events: ['session.paused'] }, 'events[0]'],
    ['of an agent that there is not', { agent_id: 'agent_of_nobody' }, 'agent_id'],
    ['that is neither enabled nor not', { enabled: 'yes' }, 'enabled'],
  ] as const)
    it(`${what} is refused with 422`, async () => {
      assertRefused(await create(change), 422, 'validation_error', param)
      if (param === 'secret' && change.secret) assert.ok(!(await create(change)).text.includes(change.secret.trim()))
    })

  it('may have a secret of 32 and of 256 characters', async () => {
    await created({ secret: 'x'.repeat(32) })
    await created({ secret: 'x'.repeat(256), url: 'https://example.com/long' })
  })

  it('is there once: the same again is refused with 409', async () => {
    const { id } = await created()
    assertRefused(await create({ events: [...minimal.events].reverse() }), 409, 'webhook_subscription_already_exists')
    const second = await created({ events: ['session.started'] })
    const change = { events: minimal.events }
    assertRefused(
      await server.send('PATCH', `${path}/${second.id}`, change),
      409,
      'webhook_subscription_already_exists',
    )
    assert.equal((await server.send('PATCH', `${path}/${id}`, change)).status, 200)
  })

  it('can be changed in parts; a new secret raises its version', async () => {
    const { id } = await created()
    const patch = async (change: object) => (await server.send('PATCH', `${path}/${id}`, change)).body
    assert.deepEqual((await patch({ events: ['call.ended'] })).events, ['call.ended'])
    assert.equal((await patch({ url: 'https://example.com/new' })).url, 'https://example.com/new')
    assert.equal((await patch({ secret })).secret_version, 1)
    assert.equal((await patch({ secret: other })).secret_version, 2)
    assert.equal((await patch({ enabled: false })).enabled, false)
    assert.deepEqual(await patch({}).then(({ url, events, enabled }) => ({ url, events, enabled })), {
      url: 'https://example.com/new',
      events: ['call.ended'],
      enabled: false,
    })
    assertRefused(await server.send('PATCH', `${path}/${id}`, { secret: 'short' }), 422, 'validation_error', 'secret')
    assertRefused(await server.send('PATCH', `${path}/${id}`, { url: 'http://a.b' }), 422, 'validation_error', 'url')
  })

  it('can be for one agent, and then for all', async () => {
    const agent = await server.send('POST', '/v1/agents', {
      ...{ name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } },
    })
    const { id, agent_id } = await created({ agent_id: agent.body.id })
    assert.equal(agent_id, agent.body.id)
    assert.equal((await server.send('PATCH', `${path}/${id}`, { agent_id: null })).body.agent_id, null)
  })

  it('is listed page by page, and while it is disabled only on request', async () => {
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) ids.push((await created({ url: `https://example.com/${name}` })).id)
    await server.send('PATCH', `${path}/${ids[1]}`, { enabled: false })
    const list = async (query = '') => (await server.send('GET', `${path}${query}`)).body
    const idsOf = (page: { subscriptions: { id: string }[] }) => page.subscriptions.map(({ id }) => id)
    const first = await list('?limit=1')
    assert.deepEqual([idsOf(first), first.has_more], [[ids[2]], true])
    const second = await list(`?limit=1&cursor=${first.response_metadata.next_cursor}`)
    assert.deepEqual([idsOf(second), second.has_more, second.response_metadata], [[ids[0]], false, { next_cursor: '' }])
    assert.deepEqual(idsOf(await list('?include_disabled=true')), [...ids].reverse())
    for (const [query, param] of [
      ['?limit=0', 'limit'],
      ['?cursor=nonsense', 'cursor'],
      ['?include_disabled=perhaps', 'include_disabled'],
    ] as const)
      assertRefused(await server.send('GET', `${path}${query}`), 422, 'validation_error', param)
  })

  it('is gone once it is deleted', async () => {
    const { id } = await created()
    const answer = await server.send('DELETE', `${path}/${id}`)
    assert.deepEqual([answer.status, answer.text], [204, ''])
    for (const method of ['GET', 'PATCH', 'DELETE'] as const)
      assertRefused(
        await server.send(method, `${path}/${id}`, method === 'PATCH' ? {} : undefined),
        404,
        'webhook_subscription_not_found',
      )
  })
})

describe('webhook deliveries', () => {
  const publish = (accountId = defaultAccountId, sessionId = 'sess_1') =>
    store.deliveries.publish(
      eventOf(sessionHappening({ id: sessionId, accountId, agentId: undefined, startedAt: 0, ended: undefined })),
      new Date(),
    )

  it('are listed for their session, and can be made again', async () => {
    const { id } = await created()
    await publish()
    const list = await server.send('GET', '/v1/sessions/sess_1/webhook-deliveries')
    const [delivery] = list.body.deliveries
    assert.deepEqual(WebhookDeliveryRecord.parse(delivery), delivery)
    assert.deepEqual(
      [delivery.subscription_id, delivery.session_id, delivery.event, delivery.status, delivery.attempt_count],
      [id, 'sess_1', 'session.started', 'pending', 0],
    )
    assert.deepEqual([list.body.has_more, list.body.response_metadata], [false, { next_cursor: '' }])
    const before = nudges
    const again = await server.send('POST', `/v1/webhook-deliveries/${delivery.id}/redeliver`)
    assert.equal(again.status, 201)
    assert.equal(again.body.event_id, delivery.event_id)
    assert.notEqual(again.body.id, delivery.id)
    assert.equal(nudges, before + 1)
    const latest = await server.send('GET', '/v1/sessions/sess_1/webhook-deliveries/latest')
    assert.deepEqual(latest.body.deliveries, [again.body])
    const page = await server.send('GET', '/v1/sessions/sess_1/webhook-deliveries?limit=1')
    assert.deepEqual([page.body.deliveries, page.body.has_more], [[again.body], true])
  })

  it('are not found where nothing was delivered', async () => {
    for (const url of ['/v1/sessions/sess_none/webhook-deliveries', '/v1/sessions/sess_none/webhook-deliveries/latest'])
      assertRefused(await server.send('GET', url), 404, 'webhook_deliveries_not_found')
    const answer = await server.send('POST', '/v1/webhook-deliveries/none/redeliver')
    assertRefused(answer, 404, 'webhook_deliveries_not_found')
  })

  it('cannot be made again for a subscription that is disabled or deleted', async () => {
    const { id } = await created()
    await publish(defaultAccountId, 'sess_2')
    const [{ id: delivery }] = (await server.send('GET', '/v1/sessions/sess_2/webhook-deliveries')).body.deliveries
    const again = () => server.send('POST', `/v1/webhook-deliveries/${delivery}/redeliver`)
    await server.send('PATCH', `${path}/${id}`, { enabled: false })
    assertRefused(await again(), 400, 'invalid_request')
    await server.send('DELETE', `${path}/${id}`)
    assertRefused(await again(), 404, 'webhook_subscription_not_found')
  })
})

describe('another account', () => {
  it('sees, changes and repeats nothing of this one', async () => {
    const { id } = await created()
    await store.deliveries.publish(
      eventOf(
        sessionHappening({
          ...{ id: 'sess_mine', accountId: defaultAccountId, agentId: undefined, startedAt: 0, ended: undefined },
        }),
      ),
      new Date(),
    )
    const [mine] = await store.deliveries.latest(defaultAccountId, 'sess_mine')
    const { send } = testApp(store, {}, { webhooks, doorkeeper: openDoor })
    const stranger = {
      send: (method: 'GET' | 'PATCH' | 'DELETE' | 'POST', url: string, body?: object) =>
        send(method, url, body, { authorization: 'stranger' }),
    }
    const asks = [
      ['GET', `${path}/${id}`],
      ['PATCH', `${path}/${id}`],
      ['DELETE', `${path}/${id}`],
      ['GET', '/v1/sessions/sess_mine/webhook-deliveries'],
      ['GET', '/v1/sessions/sess_mine/webhook-deliveries/latest'],
      ['POST', `/v1/webhook-deliveries/${mine!.id}/redeliver`],
    ] as const
    for (const [method, url] of asks)
      assert.equal((await stranger.send(method, url, method === 'PATCH' ? { enabled: false } : undefined)).status, 404)
    assert.deepEqual((await stranger.send('GET', path)).body.subscriptions, [])
    assert.equal((await server.send('GET', `${path}/${id}`)).body.enabled, true)
  })

  it('nobody without a key is let in', async () => {
    for (const [method, url] of [
      ['GET', path],
      ['POST', path],
      ['GET', '/v1/sessions/sess_mine/webhook-deliveries'],
      ['POST', '/v1/webhook-deliveries/x/redeliver'],
    ] as const)
      assert.equal((await server.send(method, url, undefined, { authorization: 'wrong' })).status, 401)
  })
})

// What holds for every route of the interface: it is described, it has a door, and it shows nobody what is another's.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { routeList } from '@parley/protocol'
import { openApi } from '@parley/protocol/documents'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { newWebhook } from '../../dist/webhooks/content.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'
import { answerOf, type TestApp, testApp } from './app.js'

let store: Store
let owner: TestApp
let stranger: TestApp
/** What the owner has, by what its path is called. */
const owned = new Map<string, string>()

before(async () => {
  store = await openStore('memory')
  owner = testApp(store)
  const asStranger = async () => ({ ok: true, accountId: 'stranger', via: 'key' }) as const
  stranger = testApp(store, {}, { authenticator: { request: asStranger, connection: asStranger } })
  const agent = await owner.send('POST', '/v1/agents', {
    ...{ name: 'Mine', system_prompt: 'Be mine.', voice: { voice_id: 'alba' } },
  })
  const now = new Date()
  const session = `sess_${'a'.repeat(32)}`
  await store.sessions.complete(
    {
      ...{ id: session, accountId: defaultAccountId, agentId: agent.body.id, config: {} },
      ...{ retentionDays: undefined, createdAt: now },
    },
    { closeReason: 'client_end', durationSeconds: 0, endedAt: now },
  )
  const subscription = randomUUID()
  const webhook = { url: 'https://x.example/', events: ['session.started' as const], secret: 's'.repeat(32) }
  await store.webhooks.create(defaultAccountId, subscription, newWebhook(subscription, webhook, owner.secrets), now)
  const facts = { id: session, accountId: defaultAccountId, agentId: agent.body.id, startedAt: 0, ended: undefined }
  await store.deliveries.publish(eventOf(sessionHappening(facts)), now)
  const [delivery] = await store.deliveries.latest(defaultAccountId, session)
  owned.set('agents', agent.body.id).set('sessions', session)
  owned.set('webhook-subscriptions', subscription).set('webhook-deliveries', delivery!.id)
})
after(() => store.close())

const secured = routeList.filter(({ secured }) => secured)
const addressOf = (path: string): string => path.replace(':id', owned.get(path.split('/')[2]!) ?? 'unknown')

describe('every route', () => {
  it('is in the OpenAPI document, but for those that are not of the REST interface', async () => {
    // the WebSocket, which AsyncAPI describes; figures; the document itself; what the page of the server asks
    const others = ['/v1/ws', '/metrics', '/openapi.json', '/console/config']
    await owner.app.ready()
    const described = Object.entries(openApi().paths).map(([path, operations]) => ({
      path: path.replace(/\{(\w+)\}/g, ':$1'),
      methods: Object.keys(operations).map((method) => method.toUpperCase()),
    }))
    const served = pathsIn(owner.app.printRoutes({ commonPrefix: false }))
    assert.deepEqual(
      served.filter((path) => !others.includes(path)),
      described.map(({ path }) => path).sort(),
    )
    for (const { path, methods } of described) {
      const { headers } = answerOf(await owner.app.inject({ method: 'OPTIONS', url: path }))
      const expected = new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])
      assert.deepEqual(new Set(String(headers.allow).split(', ')), expected, path)
    }
  })

  it('that needs a key answers nobody without one', async () => {
    for (const { method, path } of secured) {
      const { statusCode } = await owner.app.inject({ method, url: addressOf(path) })
      // the older route tells a missing header as a missing field (checklist 19)
      assert.equal(statusCode, path === '/v1/token' ? 422 : 401, `${method} ${path}`)
    }
  })

  it('shows another account nothing of this one, and changes nothing', async () => {
    for (const { method, path } of secured) {
      const what = `${method} ${path}`
      const answer = await stranger.send(
        method,
        addressOf(path),
        method === 'GET' || method === 'DELETE' ? undefined : {},
      )
      if (path.includes(':id')) assert.equal(answer.status, 404, what)
      for (const id of owned.values()) assert.ok(!answer.text.includes(id), what)
    }
    for (const { method, path } of secured)
      if (method === 'GET' && path.includes(':id'))
        assert.equal((await owner.send('GET', addressOf(path))).status, 200, path)
    const scoped = { url: 'https://x.example/', events: ['session.started'], secret: 's'.repeat(32) }
    const answer = await stranger.send('POST', '/v1/webhook-subscriptions', {
      ...scoped,
      agent_id: owned.get('agents'),
    })
    assert.deepEqual([answer.status, answer.body.param], [422, 'agent_id'])
  })
})

/** The paths in Fastify's drawing of its tree, in which each line adds to the one that it is indented below. */
function pathsIn(tree: string): readonly string[] {
  const above: string[] = []
  return tree
    .split('\n')
    .flatMap((line) => {
      const [, indent, part] = /^([│ ]*)[├└]── (\S+) \(/.exec(line) ?? []
      if (indent === undefined || part === undefined) return []
      const depth = indent.length / 4
      above[depth] = (above[depth - 1] ?? '') + part
      return [above[depth]]
    })
    .sort()
}

// Webhooks end to end: a session on a real socket, a receiver on another (checklist 166, 167; protocol section 6.5).
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { WebhookDeliveryList, WebhookSessionEvent } from '@parley/protocol'
import { Webhook } from 'standardwebhooks'
import { type Receiver, startReceiver } from '../helpers/receiver.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

const secret = 'a-secret-of-more-than-32-characters!'
const both = ['session.started', 'session.completed']

let server: TestServer
let receiver: Receiver
let visitors: Visitors
before(async () => {
  const answers: Readonly<Record<string, number>> = { '/redirects': 302, '/busy': 503 }
  receiver = await startReceiver((path) => answers[path] ?? 204)
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(async () => {
  visitors.assertConform()
  await server.close()
  await receiver.close()
})

async function rest(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: server.key, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) }
}
async function subscribed(path: string, more: object = {}) {
  const answer = await rest('POST', '/v1/webhook-subscriptions', {
    ...{ url: `${receiver.url}${path}`, events: both, secret, ...more },
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body
}

/** The deliveries of a session, once each has been tried. */
async function deliveries(sessionId: string, count: number) {
  for (const end = performance.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const { status, body } = await rest('GET', `/v1/sessions/${sessionId}/webhook-deliveries`)
    if (status === 200) {
      const list = WebhookDeliveryList.parse(body).deliveries
      if (list.length === count && list.every((one) => one.status === 'delivered' || one.error !== null)) return list
    }
    if (performance.now() > end) throw new Error(`The deliveries did not come about: ${JSON.stringify(body)}`)
  }
}

test('the beginning and the end of a session are posted, signed over the raw body (166)', async () => {
  const subscription = await subscribed('/both')
  const peer = await visitors.ready()
  const { session_id } = await peer.first('session.ready')
  const [started] = await receiver.received('/both', 1)
  await peer.end()
  const completed = (await receiver.received('/both', 2)).find(({ body }) => body.event === 'session.completed')!
  for (const { raw, headers } of [started!, completed]) {
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-aai-signature'])) ?? []
    assert.equal(createHmac('sha256', secret).update(`${time}.`).update(raw).digest('hex'), signature)
    assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60)
    new Webhook(secret, { format: 'raw' }).verify(raw, { ...headers } as Record<string, string>) // the three are single
  }
  const { duration_seconds, ...told } = completed.body.session
  assert.deepEqual(WebhookSessionEvent.parse(completed.body), completed.body)
  assert.deepEqual(
    [completed.body.session_id, completed.body.agent_id, told.id, told.status, told.public_close_reason],
    [session_id, null, session_id, 'completed', 'client_end'],
  )
  const ended = peer.of('session.ended')[0]!
  assert.ok(Math.abs(duration_seconds - Number(ended.session_duration_seconds)) < 0.5)
  assert.deepEqual(
    [started!.body.event, started!.body.session.status, started!.body.session.duration_seconds],
    ['session.started', 'created', null],
  )
  assert.notEqual(started!.body.event_id, completed.body.event_id)
  const list = await deliveries(String(session_id), 2)
  assert.deepEqual(
    list.map(({ event, status, subscription_id, http_status_code }) => [
      event,
      status,
      subscription_id,
      http_status_code,
    ]),
    [...both].reverse().map((event) => [event, 'delivered', subscription.id, 204]),
  )
  await rest('DELETE', `/v1/webhook-subscriptions/${subscription.id}`)
})

test('a webhook secret shorter than 32 characters is refused with 422 (167)', async () => {
  const { status, body } = await rest('POST', '/v1/webhook-subscriptions', {
    ...{ url: `${receiver.url}/short`, events: both, secret: 'x'.repeat(31) },
  })
  assert.deepEqual([status, body.code, body.param], [422, 'validation_error', 'secret'])
})

test('a subscription for one agent hears of the sessions of that agent alone', async () => {
  const agent = await rest('POST', '/v1/agents', {
    ...{ name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } },
  })
  const { id } = await subscribed('/agent', { agent_id: agent.body.id, events: ['session.completed'] })
  const other = await visitors.ready()
  await other.end()
  const peer = await visitors.ready({ agent_id: agent.body.id })
  await peer.end()
  const [completed] = await receiver.received('/agent', 1)
  assert.deepEqual(
    [completed!.body.agent_id, completed!.body.session_id],
    [agent.body.id, peer.of('session.ready')[0]!.session_id],
  )
  assert.equal(receiver.at('/agent').length, 1)
  await rest('DELETE', `/v1/webhook-subscriptions/${id}`)
})

test('a session may bring a webhook of its own, whose secret nobody is told', async () => {
  const webhook = { url: `${receiver.url}/own`, events: both, secret }
  const peer = await visitors.ready({ system_prompt: 'Be brief.', webhook })
  const { session_id } = await peer.first('session.ready')
  const updated = peer.next('session.updated')
  peer.send({ type: 'session.update', session: { webhook: { url: `${receiver.url}/own-later`, events: both } } })
  await updated
  await receiver.received('/own', 1)
  await peer.end()
  const [completed] = await receiver.received('/own-later', 1)
  assert.equal(completed!.body.session_id, session_id)
  assert.equal(completed!.headers['x-aai-signature'], undefined, 'without a secret there is no signature')
  const [started] = receiver.at('/own')
  new Webhook(secret, { format: 'raw' }).verify(started!.raw, { ...started!.headers } as Record<string, string>) // as above
  assert.ok(peer.received.every(({ text }) => !text.includes(secret)))
  const list = await deliveries(String(session_id), 2)
  assert.deepEqual(
    list.map(({ subscription_id }) => subscription_id),
    [null, null],
  )
  assert.deepEqual((await rest('GET', '/v1/webhook-subscriptions?include_disabled=true')).body.subscriptions, [])
})

for (const [what, webhook, param] of [
  ['with a secret that is too short', { url: 'https://example.com', events: both, secret: 'short' }, 'webhook.secret'],
  ['without events', { url: 'https://example.com', events: [] }, 'webhook.events'],
  ['with a key that there is not', { url: 'https://example.com', events: both, retries: 3 }, 'webhook'],
  ['that is no object', 'https://example.com', 'webhook'],
] as const)
  test(`a webhook ${what} ends the first update with invalid_webhook, and a later one goes on`, async () => {
    const first = await visitors.begun({ system_prompt: 'Be brief.', webhook })
    const error = await first.first('session.error')
    assert.deepEqual([error.code, error.param], ['invalid_webhook', param])
    assert.equal((await first.closed).code, 1008)
    const peer = await visitors.ready()
    const complaint = peer.next('session.error')
    peer.send({ type: 'session.update', session: { webhook } })
    assert.equal((await complaint).code, 'invalid_webhook')
    await peer.settled()
    await peer.end()
  })

test('a delivery that failed waits for its next attempt; a redirect is not followed', async () => {
  const busy = await subscribed('/busy', { events: ['session.completed'] })
  const redirected = await subscribed('/redirects', { events: ['session.completed'] })
  const peer = await visitors.ready()
  const { session_id } = await peer.first('session.ready')
  await peer.end()
  const list = await deliveries(String(session_id), 2)
  const codes = new Map(list.map((one) => [one.subscription_id, one]))
  assert.equal(codes.get(busy.id)?.http_status_code, 503)
  assert.equal(codes.get(redirected.id)?.http_status_code, 302)
  for (const one of list) {
    assert.deepEqual([one.status, one.attempt_count, one.delivered_at], ['pending', 1, null])
    const wait = Date.parse(one.next_retry_at!) - Date.parse(one.created_at)
    assert.ok(wait >= 9_000 && wait <= 60_000, String(wait))
  }
  assert.deepEqual(receiver.at('/elsewhere'), [])
  const again = await rest('POST', `/v1/webhook-deliveries/${codes.get(busy.id)!.id}/redeliver`)
  assert.equal(again.status, 201)
  // the end of an earlier session may be posted there, too
  const ofSession = () => receiver.at('/busy').filter(({ body }) => body.session_id === session_id)
  await server.until(() => ofSession().length === 2, 20_000)
  const [first, second] = ofSession()
  assert.deepEqual(second!.raw, first!.raw)
  for (const { id } of [busy, redirected]) await rest('DELETE', `/v1/webhook-subscriptions/${id}`)
})

test('where private addresses are not allowed, no webhook may lead to one', async (t) => {
  const closed = await startTestServer({ PARLEY_ALLOW_PRIVATE_URLS: 'off' })
  t.after(() => closed.close())
  const guests = new Visitors(closed)
  for (const url of ['https://127.0.0.1/', 'https://[::1]/', 'https://localhost/', 'http://example.com/']) {
    const peer = await guests.begun({ system_prompt: 'Be brief.', webhook: { url, events: both } })
    const error = await peer.first('session.error')
    assert.deepEqual([error.code, error.param], ['invalid_webhook', 'webhook.url'])
    await peer.closed
    const response = await fetch(`${closed.url}/v1/webhook-subscriptions`, {
      method: 'POST',
      headers: { authorization: closed.key, 'content-type': 'application/json' },
      body: JSON.stringify({ url, events: both, secret }),
    })
    assert.equal(response.status, 422)
  }
})

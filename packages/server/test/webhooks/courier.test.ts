// How webhooks are delivered: attempts, retries in virtual time, restarts, and servers that share a queue.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { WebhookSubscriptionCreate } from '@parley/protocol'
import { Webhook } from 'standardwebhooks'
import type { GuardedRequest, GuardedResponse } from '../../dist/net/guard.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId as account, type Store } from '../../dist/storage/store.js'
import { changedWebhook, newWebhook } from '../../dist/webhooks/content.js'
import { Courier } from '../../dist/webhooks/courier.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'

const secrets = new SecretBox(randomBytes(32))
const secret = 'a-secret-of-more-than-32-characters!'
const MINUTE = 60_000

type Answer = { readonly status: number; readonly retryAfter?: string } | Error | 'never'
interface Posted extends GuardedRequest {
  readonly url: string
  readonly at: number
}

let run = 0

/** Stopped, with the moment that attempts under way are given. */
async function stopped(courier: Courier, clock: VirtualClock): Promise<void> {
  const closed = courier.close()
  await clock.to(clock.now() + 2_000)
  await closed
}

/** A subscription of its own in `store`, and a server that works the queue off. */
async function bench(store: Store, answer: (attempt: number) => Answer, clock = new VirtualClock()) {
  run += 1
  const id = `webhook_${run}`
  const sessionId = `sess_${run}`
  const posted: Posted[] = []
  const logged: string[] = []
  const guard = {
    fetch: (url: string, request: GuardedRequest) =>
      new Promise<GuardedResponse>((resolve, reject) => {
        posted.push({ ...request, url, at: clock.now() })
        const given = answer(posted.length)
        request.signal?.addEventListener('abort', () => reject(new Error('stopped')))
        if (given instanceof Error) reject(given)
        else if (given !== 'never')
          resolve({
            status: given.status,
            headers: given.retryAfter === undefined ? {} : { 'retry-after': given.retryAfter },
            body: '',
            truncated: false,
          })
      }),
  }
  const server = () =>
    new Courier({ store, guard, secrets, clock, random: () => 0, log: (_level, message) => logged.push(message) })
  const agentId = `agent_${run}`
  const body: WebhookSubscriptionCreate = {
    ...{ url: `https://example.com/${id}`, events: ['session.started'], secret, agent_id: agentId },
  }
  const now = () => new Date(clock.unixMs())
  await store.webhooks.create(account, id, newWebhook(id, body, secrets), now())
  const happening = sessionHappening({
    ...{ id: sessionId, accountId: account, agentId, startedAt: clock.unixMs(), ended: undefined },
  })
  const only = async () => (await store.deliveries.latest(account, sessionId))[0]!
  const until = async (holds: (delivery: Awaited<ReturnType<typeof only>>) => boolean) => {
    for (const end = performance.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
      const delivery = await only()
      if (holds(delivery)) return delivery
      if (performance.now() > end) throw new Error(`It did not come about: ${JSON.stringify(delivery)}`)
    }
  }
  return {
    ...{ id, clock, posted, logged, server, now, only, until },
    publish: () => store.deliveries.publish(eventOf(happening), now()),
    /** Lets time go on, a second after the other, until something holds. */
    async passes(holds: () => boolean) {
      for (let tries = 0; !holds(); tries++) {
        if (tries > 2_000) throw new Error('It did not come about.')
        await clock.to(clock.now() + 1_000)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    /** The delivery once it waits for another attempt. */
    retrying: (attempts: number) =>
      until((delivery) => delivery.attempts === attempts && delivery.error !== undefined && delivery.dueAt! > now()),
  }
}

describe('a courier', { timeout: 120_000 }, () => {
  let store: Store
  before(async () => {
    store = await openStore('memory')
  })
  after(() => store.close())

  const started = (t: TestContext, of: { readonly id: string; readonly clock: VirtualClock; server(): Courier }) => {
    const courier = of.server()
    t.after(async () => {
      await stopped(courier, of.clock)
      await store.webhooks.remove(account, of.id)
    })
    courier.nudge()
    return courier
  }

  it('posts what was published, signed, and notes that it was delivered', async (t) => {
    const test = await bench(store, () => ({ status: 204 }))
    await test.publish()
    started(t, test)
    const delivery = await test.until(({ status }) => status === 'delivered')
    assert.deepEqual(
      [delivery.attempts, delivery.httpStatusCode, delivery.error, delivery.dueAt, delivery.deliveredAt],
      [1, 204, undefined, undefined, test.now()],
    )
    const [request] = test.posted
    assert.equal(test.posted.length, 1)
    assert.deepEqual(
      [request?.url, request?.method, request?.timeoutMs, request?.headers['content-type']],
      [`https://example.com/${test.id}`, 'POST', 10_000, 'application/json'],
    )
    assert.deepEqual(JSON.parse(request!.body!).event_id, request?.headers['webhook-id'])
    assert.equal(request?.headers['webhook-timestamp'], String(Math.floor(test.clock.unixMs() / 1000)))
    assert.equal(
      new Webhook(secret, { format: 'raw' }).sign(
        request!.headers['webhook-id']!,
        new Date(test.clock.unixMs()),
        request!.body!,
      ),
      request?.headers['webhook-signature'],
    )
  })

  it('tries eight times within a day, then gives up', async (t) => {
    const test = await bench(store, (attempt) => (attempt % 2 === 0 ? new Error('Refused.') : { status: 500 }))
    await test.publish()
    started(t, test)
    for (let attempt = 1; attempt < 8; attempt++) {
      const { dueAt, httpStatusCode, error } = await test.retrying(attempt)
      assert.equal(httpStatusCode, attempt % 2 === 0 ? undefined : 500)
      assert.equal(error, attempt % 2 === 0 ? 'Refused.' : 'The receiver answered 500.')
      // the queue is looked at now and then in between; nothing is sent before its time
      await test.clock.to(dueAt!.getTime() - test.clock.startUnixMs - 1)
      assert.equal(test.posted.length, attempt)
      await test.passes(() => test.posted.length > attempt)
    }
    const delivery = await test.until(({ status }) => status === 'failed')
    assert.deepEqual([delivery.attempts, delivery.dueAt, test.posted.length], [8, undefined, 8])
    const hours = (test.posted.at(-1)!.at - test.posted[0]!.at) / (60 * MINUTE)
    assert.ok(hours > 23 && hours < 25, String(hours))
    assert.equal(new Set(test.posted.map(({ body }) => body)).size, 1, 'the same body each time')
  })

  it('honours Retry-After', async (t) => {
    const test = await bench(store, (attempt) => (attempt === 1 ? { status: 429, retryAfter: '120' } : { status: 200 }))
    await test.publish()
    started(t, test)
    const { dueAt } = await test.retrying(1)
    assert.equal(dueAt!.getTime(), test.clock.unixMs() + 120_000)
    await test.clock.to(119_999)
    assert.equal(test.posted.length, 1)
    await test.passes(() => test.posted.length === 2)
    await test.until(({ status }) => status === 'delivered')
  })

  it('takes a redirect for a failure', async (t) => {
    const test = await bench(store, () => ({ status: 302 }))
    await test.publish()
    started(t, test)
    assert.equal((await test.retrying(1)).httpStatusCode, 302)
  })

  it('disables a subscription whose receiver says that it is gone', async (t) => {
    const test = await bench(store, () => ({ status: 410 }))
    await test.publish()
    started(t, test)
    await test.until(({ status }) => status === 'failed')
    for (let tries = 0; (await store.webhooks.find(account, test.id))?.enabled; tries++) {
      assert.ok(tries < 500)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })

  it('goes on with what an earlier run has left', async (t) => {
    const test = await bench(store, (attempt) => (attempt === 1 ? { status: 500 } : { status: 200 }))
    await test.publish()
    const first = test.server()
    first.nudge()
    await test.retrying(1)
    await first.close()
    started(t, test)
    await test.passes(() => test.posted.length === 2)
    assert.equal((await test.until(({ status }) => status === 'delivered')).attempts, 2)
  })

  it('gives what it is about to deliver back when the server stops', async () => {
    const test = await bench(store, () => 'never')
    await test.publish()
    const courier = test.server()
    courier.nudge()
    await test.until(() => test.posted.length === 1)
    await stopped(courier, test.clock)
    const { attempts, status, dueAt } = await test.only()
    assert.deepEqual([attempts, status, dueAt], [0, 'pending', test.now()])
    await store.webhooks.remove(account, test.id)
  })

  it('takes over what another server has died of', async (t) => {
    const test = await bench(store, (attempt) => (attempt === 1 ? 'never' : { status: 200 }))
    await test.publish()
    started(t, test)
    await test.until(() => test.posted.length === 1)
    started(t, test)
    await test.clock.to(59_000)
    assert.equal(test.posted.length, 1, 'until its time is over it is alone with it')
    await test.passes(() => test.posted.length === 2)
    assert.equal((await test.until(({ status }) => status === 'delivered')).attempts, 2)
  })

  it('delivers each event once when several servers work one queue off', async (t) => {
    const test = await bench(store, () => ({ status: 200 }))
    await test.publish()
    for (let count = 0; count < 4; count++) started(t, test)
    await test.until(({ status }) => status === 'delivered')
    assert.equal(test.posted.length, 1)
  })

  it('signs with the former secret, too, for a day after the change', async (t) => {
    const test = await bench(store, () => ({ status: 500 }))
    const next = 'the-next-secret-of-thirty-two-characters'
    const changed = await store.webhooks.update(
      account,
      test.id,
      (current) => changedWebhook(current, { secret: next }, secrets, test.now()),
      test.now(),
    )
    assert.ok(changed && changed !== 'exists')
    assert.equal(changed.signing.version, 2)
    assert.deepEqual(changedWebhook(changed, { secret: next }, secrets, test.now()).signing, changed.signing)
    await test.publish()
    started(t, test)
    for (let attempt = 1; attempt < 8; attempt++) {
      const { dueAt } = await test.retrying(attempt)
      await test.clock.to(dueAt!.getTime() - test.clock.startUnixMs)
      await test.passes(() => test.posted.length > attempt)
    }
    await test.until(({ status }) => status === 'failed')
    const signatures = test.posted.map(({ headers }) => headers['webhook-signature']!.split(' ').length)
    const times = test.posted.map(({ at }) => at < 24 * 60 * MINUTE)
    assert.deepEqual(
      signatures,
      times.map((withinDay) => (withinDay ? 2 : 1)),
    )
  })

  it('sends nothing that waits for a subscription that was deleted', async (t) => {
    const test = await bench(store, () => ({ status: 500 }))
    await test.publish()
    started(t, test)
    await test.retrying(1)
    await store.webhooks.remove(account, test.id)
    await test.clock.to(15_000)
    assert.equal((await test.only()).error, 'The subscription was deleted.')
    assert.equal(test.posted.length, 1)
  })
})

it('a delivery that waits survives the end of the server and of its database', { timeout: 60_000 }, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-webhooks-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const clock = new VirtualClock()
  const before = await openStore({ dataDir })
  const test = await bench(before, () => ({ status: 503 }), clock)
  await test.publish()
  const courier = test.server()
  courier.nudge()
  await test.retrying(1)
  await courier.close()
  await before.close()

  const store = await openStore({ dataDir })
  t.after(() => store.close())
  let body: string | undefined
  const guard = {
    fetch: async (_url: string, request: GuardedRequest) => {
      body = request.body
      return { status: 200, headers: {}, body: '', truncated: false }
    },
  }
  const next = new Courier({ store, guard, secrets, clock, random: () => 0, log: () => {} })
  next.nudge()
  for (let tries = 0; body === undefined; tries++) {
    assert.ok(tries < 1000)
    await clock.to(clock.now() + 1_000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await next.close()
  assert.equal(body, test.posted[0]?.body)
})

// The queue of webhook deliveries, tried on every kind of store.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId as account, type Store } from '../../dist/storage/store.js'
import type { NewEvent } from '../../dist/storage/webhook-deliveries.js'
import type { WebhookContent } from '../../dist/storage/webhooks.js'
import { kinds, type Prepared } from './kinds.js'

const at = (ms: number) => new Date(1_790_000_000_000 + ms)
const MINUTE = 60_000

const content = (change: Partial<WebhookContent> = {}): WebhookContent => ({
  agentId: undefined,
  url: 'https://example.com/a',
  events: ['session.started', 'session.completed'],
  enabled: true,
  signing: { secret: 'sealed', version: 1, former: undefined },
  ...change,
})
const event = (change: Partial<NewEvent> = {}): NewEvent => ({
  accountId: account,
  event: 'session.started',
  eventId: 'evt_1',
  sessionId: 'sess_1',
  agentId: undefined,
  body: '{"é":1}',
  ...change,
})

for (const [kind, prepare] of Object.entries(kinds)) {
  describe(`the webhooks of a store ${kind}`, () => {
    let prepared: Prepared | string
    let store: Store

    before(async () => {
      prepared = await prepare()
      if (typeof prepared !== 'string') store = await openStore(prepared.place)
    })
    beforeEach(async () => {
      if (!store) return
      const page = await store.webhooks.list(account, { limit: 200, after: undefined, includeDisabled: true })
      for (const { id } of page.webhooks) await store.webhooks.remove(account, id)
      for (const id of ['own', 'not this']) await store.webhooks.disable(id, '', at(0))
      for (;;) if ((await store.deliveries.forget(at(10 ** 9))) === 0) break
    })
    after(async () => {
      await store?.close()
      if (prepared && typeof prepared !== 'string') await prepared.clean()
    })

    const check = (name: string, run: () => Promise<void>) =>
      it(name, async (t) => {
        if (typeof prepared === 'string') return t.skip(prepared)
        await run()
      })
    const claim = (now: number, more: { most?: number; perSubscription?: number; busy?: readonly string[] } = {}) =>
      store.deliveries.claim({
        now: at(now),
        until: at(now + MINUTE),
        most: 10,
        perSubscription: 10,
        busy: [],
        ...more,
      })

    check('keep a subscription as it was given, and show it to no other account', async () => {
      const made = await store.webhooks.create(account, 'w1', content({ agentId: 'agent_1' }), at(0))
      assert.ok(made !== 'exists')
      const { events, ...rest } = made
      assert.deepEqual([...events].sort(), ['session.completed', 'session.started'])
      assert.deepEqual(rest, {
        id: 'w1',
        agentId: 'agent_1',
        url: 'https://example.com/a',
        enabled: true,
        signing: { secret: 'sealed', version: 1, former: undefined },
        createdAt: at(0),
        updatedAt: at(0),
      })
      assert.deepEqual(await store.webhooks.find(account, 'w1'), made)
      assert.equal(await store.webhooks.find('other', 'w1'), undefined)
      assert.equal(await store.webhooks.update('other', 'w1', () => content(), at(1)), undefined)
      assert.equal(await store.webhooks.remove('other', 'w1'), false)
      const others = await store.webhooks.list('other', { limit: 9, after: undefined, includeDisabled: true })
      assert.deepEqual(others.webhooks, [])
    })

    check('take no second subscription with the same address, events and agent', async () => {
      await store.webhooks.create(account, 'w1', content(), at(0))
      const again = content({ events: ['session.completed', 'session.started'] })
      assert.equal(await store.webhooks.create(account, 'w2', again, at(0)), 'exists')
      assert.ok((await store.webhooks.create(account, 'w3', content({ agentId: 'agent_1' }), at(0))) !== 'exists')
      assert.equal(await store.webhooks.update(account, 'w3', () => content(), at(1)), 'exists')
      assert.equal((await store.webhooks.find(account, 'w3'))?.agentId, 'agent_1')
    })

    check('list page by page, newest first, without the disabled ones unless asked for', async () => {
      for (const name of ['a', 'b', 'c', 'd'])
        await store.webhooks.create(account, name, content({ url: `https://x.example/${name}` }), at(0))
      await store.webhooks.update(account, 'c', (current) => ({ ...current, enabled: false }), at(1))
      const page = (after: string | undefined, includeDisabled = false) =>
        store.webhooks.list(account, { limit: 2, after, includeDisabled })
      const first = await page(undefined)
      const second = await page(first.next)
      const ids = [first, second].map(({ webhooks }) => webhooks.map(({ id }) => id))
      assert.deepEqual([...ids, second.next], [['d', 'b'], ['a'], undefined])
      assert.deepEqual(
        (await page(undefined, true)).webhooks.map(({ id }) => id),
        ['d', 'c'],
      )
    })

    check('give an event to each subscription that asks for it, and once', async () => {
      await store.webhooks.create(account, 'all', content(), at(0))
      await store.webhooks.create(account, 'mine', content({ agentId: 'agent_1' }), at(0))
      await store.webhooks.create(account, 'theirs', content({ agentId: 'agent_2' }), at(0))
      await store.webhooks.create(account, 'ends', content({ events: ['session.completed'] }), at(0))
      await store.webhooks.create(account, 'off', content({ enabled: false, url: 'https://x.example' }), at(0))
      const own = { id: 'own', url: 'https://own.example', events: ['session.started'], secret: undefined }
      await store.webhooks.bring(account, { ...own, sessionId: 'sess_1' }, at(0))
      await store.webhooks.bring(account, { ...own, id: 'not this', sessionId: 'sess_2' }, at(0))
      assert.equal(await store.deliveries.publish(event({ agentId: 'agent_1' }), at(5)), 3)
      assert.equal(await store.deliveries.publish(event({ agentId: 'agent_1' }), at(6)), 0)
      const claimed = await claim(10)
      assert.deepEqual(claimed.map(({ subscriptionId }) => subscriptionId).sort(), ['all', 'mine', 'own'])
      const [one] = claimed
      assert.deepEqual([one?.body, one?.createdAt, one?.attempts], ['{"é":1}', at(5), 1])
      assert.deepEqual(claimed.map(({ inline, target }) => [inline, target?.url, target?.signing.secret]).sort(), [
        [false, 'https://example.com/a', 'sealed'],
        [false, 'https://example.com/a', 'sealed'],
        [true, 'https://own.example', undefined],
      ])
    })

    check('give a delivery to one of two servers that ask at once, and after a lease to the other', async () => {
      await store.webhooks.create(account, 'w', content(), at(0))
      for (let count = 0; count < 20; count++)
        await store.deliveries.publish(event({ eventId: `evt_${count}`, sessionId: `sess_${count}` }), at(0))
      const rounds = await Promise.all([claim(1), claim(1), claim(1), claim(1)])
      const ids = rounds.flat().map(({ id }) => id)
      assert.deepEqual([ids.length, new Set(ids).size], [20, 20])
      assert.deepEqual(await claim(MINUTE), [])
      assert.equal((await store.deliveries.nextDue())?.getTime(), at(1 + MINUTE).getTime())
      const [late] = await claim(1 + MINUTE)
      assert.equal(late?.attempts, 2)
      const early = rounds.flat().find(({ id }) => id === late?.id)!
      const settlement = { outcome: 'delivered', httpStatusCode: 200, at: at(2) } as const
      assert.equal(await store.deliveries.settle(early, settlement), false, 'whoever came too late has no say')
      assert.equal(await store.deliveries.settle(late!, settlement), true)
    })

    check('give at most so many, and of one subscription at most so many', async () => {
      for (const name of ['a', 'b'])
        await store.webhooks.create(account, name, content({ url: `https://x.example/${name}` }), at(0))
      for (let count = 0; count < 5; count++)
        await store.deliveries.publish(event({ eventId: `evt_${count}`, sessionId: `sess_${count}` }), at(count))
      const first = await claim(100, { most: 3, perSubscription: 2 })
      assert.equal(first.length, 3)
      const second = await claim(100, { perSubscription: 1, busy: ['a'] })
      assert.deepEqual(
        second.map(({ subscriptionId }) => subscriptionId),
        ['b'],
      )
    })

    check('try again when told to, and not before', async () => {
      await store.webhooks.create(account, 'w', content(), at(0))
      await store.deliveries.publish(event(), at(0))
      const [claimed] = await claim(0)
      const again = { outcome: 'again', httpStatusCode: 503, error: 'Busy.', dueAt: at(5000) } as const
      assert.ok(await store.deliveries.settle(claimed!, again))
      assert.deepEqual(await claim(4999), [])
      const [second] = await claim(5000)
      assert.deepEqual([second?.attempts, second?.httpStatusCode, second?.error], [2, 503, 'Busy.'])
      await store.deliveries.release(second!, at(6000))
      assert.deepEqual(
        (await claim(6000)).map(({ attempts }) => attempts),
        [2],
      )
    })

    check('give up what waits when its subscription is disabled or deleted', async () => {
      for (const name of ['off', 'gone', 'dead'])
        await store.webhooks.create(account, name, content({ url: `https://x.example/${name}` }), at(0))
      await store.deliveries.publish(event(), at(0))
      const claimed = await claim(0)
      await store.webhooks.update(account, 'off', (current) => ({ ...current, enabled: false }), at(1))
      await store.webhooks.remove(account, 'gone')
      await store.webhooks.disable('dead', 'Gone.', at(1))
      for (const one of claimed)
        assert.equal(await store.deliveries.settle(one, { outcome: 'failed', httpStatusCode: 1, error: '' }), false)
      const { deliveries } = (await store.deliveries.ofSession(account, 'sess_1', { limit: 9, after: undefined }))!
      assert.deepEqual(
        deliveries.map(({ subscriptionId, status, error, dueAt }) => [subscriptionId, status, error, dueAt]).sort(),
        [
          ['dead', 'failed', 'Gone.', undefined],
          ['gone', 'failed', 'The subscription was deleted.', undefined],
          ['off', 'failed', 'The subscription was disabled.', undefined],
        ],
      )
      assert.equal((await store.webhooks.find(account, 'dead'))?.enabled, false)
      assert.equal(await store.deliveries.nextDue(), undefined)
    })

    check('deliver again by hand, as a delivery of its own, unless nobody is there for it', async () => {
      await store.webhooks.create(account, 'w', content(), at(0))
      await store.deliveries.publish(event(), at(0))
      const [first] = await claim(0)
      await store.deliveries.settle(first!, { outcome: 'delivered', httpStatusCode: 204, at: at(1) })
      assert.deepEqual(await store.deliveries.redeliver('other', first!.id, 'd2', at(2)), { outcome: 'unknown' })
      const made = await store.deliveries.redeliver(account, first!.id, 'd2', at(2))
      assert.ok(made.outcome === 'made')
      assert.deepEqual([made.delivery.eventId, made.delivery.status], ['evt_1', 'pending'])
      assert.deepEqual(
        (await claim(2)).map(({ id, body }) => [id, body]),
        [['d2', '{"é":1}']],
      )
      const latest = await store.deliveries.latest(account, 'sess_1')
      assert.deepEqual(
        latest.map(({ id }) => id),
        ['d2'],
      )
      assert.deepEqual(await store.deliveries.latest('other', 'sess_1'), [])
      const page = (after: string | undefined) => store.deliveries.ofSession(account, 'sess_1', { limit: 1, after })
      const newest = await page(undefined)
      const oldest = await page(newest.next)
      assert.deepEqual(
        [...newest.deliveries, ...oldest.deliveries].map(({ id }) => id),
        ['d2', first!.id],
      )
      assert.equal(oldest.next, undefined)
      await store.webhooks.update(account, 'w', (current) => ({ ...current, enabled: false }), at(3))
      const disabled = await store.deliveries.redeliver(account, first!.id, 'd3', at(4))
      await store.webhooks.remove(account, 'w')
      const gone = await store.deliveries.redeliver(account, first!.id, 'd3', at(4))
      assert.deepEqual([disabled.outcome, gone.outcome], ['subscription_disabled', 'subscription_gone'])
    })

    check('forget what is old and settled, and nothing else', async () => {
      await store.webhooks.create(account, 'w', content(), at(0))
      const own = { sessionId: 'sess_1', url: 'https://own.example', events: ['session.started'], secret: 'a' }
      await store.webhooks.bring(account, { id: 'own', ...own }, at(0))
      await store.webhooks.bring(account, { id: 'own', ...own, url: 'https://new.example' }, at(0))
      await store.deliveries.publish(event(), at(0))
      await store.deliveries.publish(event({ eventId: 'evt_2', sessionId: 'sess_2' }), at(50))
      assert.equal(await store.deliveries.forget(at(10)), 0, 'they are pending')
      for (const one of await claim(60)) {
        if (one.inline) assert.equal(one.target?.url, 'https://new.example')
        await store.deliveries.settle(one, { outcome: 'failed', httpStatusCode: undefined, error: 'No.' })
      }
      assert.equal(await store.deliveries.forget(at(10)), 3, 'two deliveries and the webhook of the session')
      assert.equal(
        (await store.deliveries.ofSession(account, 'sess_1', { limit: 9, after: undefined })).deliveries.length,
        0,
      )
      assert.equal(
        (await store.deliveries.ofSession(account, 'sess_2', { limit: 9, after: undefined })).deliveries.length,
        1,
      )
      assert.ok(await store.webhooks.find(account, 'w'))
    })
  })
}

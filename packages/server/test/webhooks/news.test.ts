// What a session publishes, and that it gets into the queue also when the database is away for a while.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { opening, step } from '@parley/conversation'
import { checkSession, type Webhook } from '@parley/protocol'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import type { Store } from '../../dist/storage/store.js'
import type { NewEvent } from '../../dist/storage/webhook-deliveries.js'
import type { OwnWebhook } from '../../dist/storage/webhooks.js'
import { eventOf, type Happening, sessionHappening } from '../../dist/webhooks/events.js'
import { Press } from '../../dist/webhooks/press.js'
import { sessionNews } from '../../dist/webhooks/session-news.js'

const session = { id: `sess_${'0123456789abcdef'.repeat(2)}`, accountId: 'default' }
const webhook = { url: 'https://example.com/', events: ['session.started'] }

describe('a session', () => {
  /** Plays events on a conversation that is followed. */
  function followed() {
    const published: Happening[] = []
    const brought: Webhook[] = []
    const news = sessionNews(session, {
      publish: (happening) => published.push(happening),
      bring: (_session, own) => brought.push(own),
    })
    let conversation = opening({
      ...{ sessionId: session.id, startedAtUnixMs: 1000, cap: 3_600_000, firstMessageWithin: 30_000 },
      ...{ lead: 200, grace: 0, defaultVoice: 'alba' },
    })
    const happen = (event: Parameters<typeof step>[1]) => {
      const [next, effects] = step(conversation, event)
      conversation = next
      news.stepped?.(event, effects, next)
    }
    const update = (at: number, settings: Record<string, unknown>) =>
      happen({ type: 'client.updated', at, ...checkSession(settings, { voices: ['alba'] }) })
    return { published, brought, news, happen, update }
  }

  it('that is cut off is told of as an error, as in the list of sessions', () => {
    const { published, news, happen, update } = followed()
    update(10, { system_prompt: 'Be brief.' })
    happen({ type: 'engines.ready', at: 500 })
    news.over?.('refused', 900)
    assert.equal(JSON.parse(eventOf(published[1]!).body).session.public_close_reason, 'error')
  })

  it('is told of once it is ready, and once it is over', () => {
    const { published, news, happen, update } = followed()
    update(10, { system_prompt: 'Be brief.' })
    assert.deepEqual(published, [])
    news.prepared?.({} as never, 'agent_1', undefined) // the settings are none of its business
    happen({ type: 'engines.ready', at: 500 })
    happen({ type: 'client.askedReply', at: 600 })
    news.over?.('max_duration', 4500)
    const [started, completed] = published.map(eventOf)
    assert.equal(published.length, 2)
    assert.deepEqual(
      [started?.event, started?.agentId, completed?.event],
      ['session.started', 'agent_1', 'session.completed'],
    )
    assert.deepEqual(JSON.parse(completed!.body).session, {
      ...{ id: session.id, status: 'completed', duration_seconds: 4, public_close_reason: 'max_duration' },
      ...{ started_at: '1970-01-01T00:00:01.500Z', ended_at: '1970-01-01T00:00:05.500Z' },
    })
  })

  it('that never became ready is not told of', () => {
    const { published, news, update } = followed()
    update(10, { output: { voice: 'nobody' } })
    news.over?.('refused', 20)
    assert.deepEqual(published, [])
  })

  it('brings its webhook with an update that is accepted, and with no other', () => {
    const { brought, happen, update } = followed()
    update(10, { webhook, input: { type: 5 } })
    assert.deepEqual(brought, [], 'the form of the first update was wrong: nothing of it is applied')
    update(20, { webhook })
    update(30, { webhook: { ...webhook, url: 'https://early.example/' } })
    happen({ type: 'engines.ready', at: 500 })
    update(600, { webhook: { ...webhook, url: 'https://later.example/' } })
    assert.deepEqual(
      brought.map(({ url }) => url),
      [webhook.url, 'https://later.example/'],
    )
  })

  it('gives each of its events an id of its own, the same whenever it is published', () => {
    const facts = { ...session, agentId: undefined, startedAt: 0, ended: undefined }
    const started = eventOf(sessionHappening(facts))
    assert.match(started.eventId, /^evt_[0-9a-f]{32}$/)
    assert.equal(eventOf(sessionHappening({ ...facts, startedAt: 5 })).eventId, started.eventId)
    assert.notEqual(eventOf(sessionHappening({ ...facts, id: 'sess_2' })).eventId, started.eventId)
    assert.notEqual(eventOf(sessionHappening({ ...facts, ended: { at: 1, reason: 'error' } })).eventId, started.eventId)
  })
})

describe('what happens', () => {
  /** A database that fails so many times before it works. */
  function press(failures: number) {
    const clock = new VirtualClock()
    const stored: (NewEvent | OwnWebhook)[] = []
    const logged: string[] = []
    let queued = 0
    let left = failures
    const store = async (what: NewEvent | OwnWebhook) => {
      if (left-- > 0) throw new Error('The database is away.')
      stored.push(what)
      return 1
    }
    const secrets = new SecretBox(randomBytes(32))
    const made = new Press({
      // the two that a press uses
      store: {
        deliveries: { publish: store },
        webhooks: { bring: (_account: string, own: OwnWebhook) => store(own) },
      } as unknown as Pick<Store, 'webhooks' | 'deliveries'>,
      ...{ secrets, clock, log: (_level, message) => logged.push(message), queued: () => (queued += 1) },
    })
    return { press: made, clock, stored, logged, secrets, queued: () => queued }
  }
  const happening = (ended: boolean) =>
    sessionHappening({
      ...session,
      ...{ agentId: undefined, startedAt: 0, ended: ended ? { at: 1, reason: 'client_end' } : undefined },
    })
  const names = (stored: readonly (NewEvent | OwnWebhook)[]) =>
    stored.map((one) => ('event' in one ? one.event : one.url))

  it('waits for a database that is away, and gets into the queue in its order', async () => {
    const { press: made, clock, stored, queued } = press(3)
    made.bring(session, webhook as Webhook) // its form was checked when it was sent
    made.publish(happening(false))
    made.publish(happening(true))
    await clock.to(12_499)
    assert.deepEqual(stored, [])
    await clock.to(12_500)
    assert.deepEqual(names(stored), ['https://example.com/', 'session.started', 'session.completed'])
    assert.equal(queued(), 2)
    assert.equal(clock.pending, 0)
  })

  it('is given up, and logged, when the database stays away or the server stops', async () => {
    const { press: made, clock, stored, logged } = press(100)
    made.publish(happening(false))
    await clock.to(200_000)
    assert.match(logged[0] ?? '', /session\.started of a session could not be stored and is lost/)
    made.publish(happening(true))
    await clock.to(200_100)
    await made.close()
    assert.deepEqual([stored, logged.length, clock.pending], [[], 2, 0])
  })

  it('keeps the secret of a webhook sealed', async () => {
    const { press: made, stored, secrets } = press(0)
    const secret = 'a-secret-of-more-than-32-characters!'
    made.bring(session, { ...webhook, secret } as Webhook) // as above
    await made.close()
    const [own] = stored as OwnWebhook[] // nothing else was stored
    assert.ok(own?.secret && !own.secret.includes(secret))
    assert.equal(secrets.open(own.secret, `webhook.${own.id}.secret`), secret)
  })
})

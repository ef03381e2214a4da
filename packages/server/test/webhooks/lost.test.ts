// A session whose server is gone cannot tell that it is over; the server that finds it does.
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { it } from 'node:test'
import { readConfig } from '../../dist/config.js'
import type { Guard } from '../../dist/net/guard.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId as account } from '../../dist/storage/store.js'
import { newWebhook } from '../../dist/webhooks/content.js'
import { webhooksOf } from '../../dist/webhooks/service.js'

it('the end of a session that lost its server is delivered once, whoever finds it', async () => {
  const store = await openStore('memory')
  const secrets = new SecretBox(randomBytes(32))
  const clock = new VirtualClock()
  const bodies: string[] = []
  const guard: Guard = {
    fetch: async (_url, { body }) => {
      bodies.push(body ?? '')
      return { status: 200, headers: {}, body: '', truncated: false }
    },
    checkUrl: async () => undefined,
    fetchFor: () => fetch,
    close: async () => {},
  }
  const subscription = { url: 'https://x.example/', events: ['session.completed' as const], secret: 's'.repeat(32) }
  const id = randomUUID()
  await store.webhooks.create(account, id, newWebhook(id, subscription, secrets), new Date(clock.unixMs()))
  const session = {
    ...{ id: `sess_${'0'.repeat(32)}`, accountId: account, agentId: 'agent_1', closeReason: 'error' },
    ...{ createdAt: new Date(1000), endedAt: new Date(4500), durationSeconds: 3.5 },
  }
  for (let servers = 0; servers < 2; servers++) {
    const webhooks = webhooksOf(readConfig({}).config, { store, secrets, clock, guard, log: () => {} })
    webhooks.lost(session)
    for (const end = performance.now() + 20_000; bodies.length === 0 && performance.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 10))
    await webhooks.close()
  }
  assert.equal(bodies.length, 1)
  const { event, agent_id, session: told } = JSON.parse(bodies[0]!)
  assert.deepEqual(
    [event, agent_id, told.status, told.public_close_reason, told.duration_seconds],
    ['session.completed', 'agent_1', 'completed', 'error', 3.5],
  )
  await store.close()
})

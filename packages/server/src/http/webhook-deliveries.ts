// The routes of webhook deliveries: the log of a session, and another delivery by hand (protocol section 6.5).
import { randomUUID } from 'node:crypto'
import { routes, type WebhookDeliveryRecord, type WebhookEventName } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'
import type { StoredDelivery } from '../storage/webhook-deliveries.js'
import { accountOf, needsKey } from './access.js'
import { pagingOf } from './cursor.js'
import { pageAskedFor } from './paging.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'
import { isPossibleId, timeOf } from './webhooks.js'

type WithId = { Params: { id: string } }

export function deliveryRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, clock, webhooks } = ports
  const onRequest = needsKey(ports)

  app.get<WithId>(routes.listWebhookDeliveries.path, { onRequest }, async (request) => {
    const { id } = request.params
    const asked = pageAskedFor(request)
    const page = isPossibleId(id) && (await store.deliveries.ofSession(accountOf(request), id, asked))
    if (!page || (page.deliveries.length === 0 && asked.after === undefined))
      throw refuse('webhook_deliveries_not_found', request)
    return { deliveries: page.deliveries.map(recordOf), ...pagingOf(page.next) }
  })

  app.get<WithId>(routes.latestWebhookDeliveries.path, { onRequest }, async (request) => {
    const { id } = request.params
    const latest = isPossibleId(id) ? await store.deliveries.latest(accountOf(request), id) : []
    if (latest.length === 0) throw refuse('webhook_deliveries_not_found', request)
    return { deliveries: latest.map(recordOf), ...pagingOf(undefined) }
  })

  app.post<WithId>(routes.redeliverWebhook.path, { onRequest }, async (request, reply) => {
    const { id } = request.params
    if (!isPossibleId(id)) throw refuse('webhook_deliveries_not_found', request)
    const now = new Date(clock.unixMs())
    const made = await store.deliveries.redeliver(accountOf(request), id, randomUUID(), now)
    switch (made.outcome) {
      case 'unknown':
        throw refuse('webhook_deliveries_not_found', request)
      case 'subscription_gone':
        throw refuse('webhook_subscription_not_found', request)
      case 'subscription_disabled':
        throw refuse('invalid_request', request, 'The subscription is disabled. Enable it, then deliver again.')
      case 'made':
        webhooks.nudge()
        return reply.code(routes.redeliverWebhook.status).send(recordOf(made.delivery))
    }
  })
}

const recordOf = (delivery: StoredDelivery): WebhookDeliveryRecord => ({
  id: delivery.id,
  subscription_id: delivery.inline ? null : delivery.subscriptionId,
  session_id: delivery.sessionId,
  // only events of the list are ever published
  event: delivery.event as WebhookEventName,
  event_id: delivery.eventId,
  attempt_count: delivery.attempts,
  status: delivery.status,
  http_status_code: delivery.httpStatusCode ?? null,
  error: delivery.error ?? null,
  delivered_at: delivery.deliveredAt ? timeOf(delivery.deliveredAt) : null,
  next_retry_at: delivery.dueAt ? timeOf(delivery.dueAt) : null,
  created_at: timeOf(delivery.createdAt),
})

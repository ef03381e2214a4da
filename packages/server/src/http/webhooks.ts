// The routes of webhook subscriptions (protocol section 6.5; checklist 167).
import { randomUUID } from 'node:crypto'
import {
  bodyError,
  type Checked,
  checkWebhookCreate,
  checkWebhookQuery,
  checkWebhookUpdate,
  type FieldError,
  routes,
  validationError,
  type WebhookSubscriptionRecord,
  type WebhookSubscriptionUpdate,
  webhookEvents,
} from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredWebhook } from '../storage/webhooks.js'
import { changedWebhook, newWebhook } from '../webhooks/content.js'
import { accountOf, needsKey } from './access.js'
import { pagingOf, positionOf, wrongCursor } from './cursor.js'
import type { HttpPorts } from './ports.js'
import { Refusal, refuse } from './problem.js'
import { unstorablePath } from './storable.js'

type WithId = { Params: { id: string } }

export function webhookRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, secrets, clock, config } = ports
  const onRequest = needsKey(ports)
  const known = { allowPrivateUrls: config.privateUrls === 'on' }
  const now = () => new Date(clock.unixMs())

  /** What was checked, or the 422. */
  async function accepted<Value extends WebhookSubscriptionUpdate>(
    checked: Checked<Value>,
    request: FastifyRequest,
  ): Promise<Value> {
    if (!checked.ok) throw invalid(checked.errors, request)
    const { url, agent_id } = checked.value
    const unstorable = unstorablePath(checked.value)
    if (unstorable)
      throw invalid([bodyError(unstorable, 'Must not hold the character NUL or half a character')], request)
    const why = url === undefined ? undefined : await ports.webhooks.checkUrl(url)
    if (why !== undefined) throw invalid([bodyError(['url'], why)], request)
    if (agent_id != null && !(await store.agents.find(accountOf(request), agent_id)))
      throw invalid([bodyError(['agent_id'], 'Agent not found')], request)
    return checked.value
  }

  app.post(routes.createWebhookSubscription.path, { onRequest }, async (request, reply) => {
    const body = await accepted(checkWebhookCreate(request.body, known), request)
    const id = randomUUID()
    const webhook = await store.webhooks.create(accountOf(request), id, newWebhook(id, body, secrets), now())
    if (webhook === 'exists') throw refuse('webhook_subscription_already_exists', request)
    return reply.code(routes.createWebhookSubscription.status).send(recordOf(webhook))
  })

  app.get(routes.listWebhookSubscriptions.path, { onRequest }, async (request) => {
    const checked = checkWebhookQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
    if (!checked.ok) throw invalid(checked.errors, request)
    const { limit, cursor, include_disabled: includeDisabled } = checked.value
    const after = positionOf(cursor)
    if (after === null) throw invalid([wrongCursor(cursor)], request)
    const page = await store.webhooks.list(accountOf(request), { limit, after, includeDisabled })
    return { subscriptions: page.webhooks.map(recordOf), ...pagingOf(page.next) }
  })

  app.get<WithId>(routes.getWebhookSubscription.path, { onRequest }, async (request) => {
    const { id } = request.params
    const webhook = isPossibleId(id) && (await store.webhooks.find(accountOf(request), id))
    if (!webhook) throw refuse('webhook_subscription_not_found', request)
    return recordOf(webhook)
  })

  app.patch<WithId>(routes.updateWebhookSubscription.path, { onRequest }, async (request) => {
    const { id } = request.params
    const change = await accepted(checkWebhookUpdate(request.body, known), request)
    const changed = (current: StoredWebhook) => changedWebhook(current, change, secrets, now())
    const webhook = isPossibleId(id) && (await store.webhooks.update(accountOf(request), id, changed, now()))
    if (!webhook) throw refuse('webhook_subscription_not_found', request)
    if (webhook === 'exists') throw refuse('webhook_subscription_already_exists', request)
    return recordOf(webhook)
  })

  app.delete<WithId>(routes.deleteWebhookSubscription.path, { onRequest }, async (request, reply) => {
    const { id } = request.params
    if (!isPossibleId(id) || !(await store.webhooks.remove(accountOf(request), id)))
      throw refuse('webhook_subscription_not_found', request)
    return reply.code(routes.deleteWebhookSubscription.status).send()
  })
}

/** As in a URL; others, which the database could not even look up, are of nothing. */
export const isPossibleId = (id: string): boolean => /^[\x21-\x7e]{1,256}$/.test(id)

/** In seconds, as the documented times of webhooks are. */
export const timeOf = (date: Date): string => date.toISOString().replace(/\.\d+/, '')

const invalid = (errors: readonly FieldError[], request: FastifyRequest): Refusal =>
  new Refusal(validationError(errors, request.id))

const recordOf = (webhook: StoredWebhook): WebhookSubscriptionRecord => ({
  id: webhook.id,
  agent_id: webhook.agentId ?? null,
  url: webhook.url,
  events: webhookEvents.filter((event) => webhook.events.includes(event)),
  enabled: webhook.enabled,
  secret_version: webhook.signing.version,
  created_at: timeOf(webhook.createdAt),
  updated_at: timeOf(webhook.updatedAt),
})

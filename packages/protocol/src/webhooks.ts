// Webhook subscriptions and what is delivered to them (protocol section 6.5; Q24, Q25).
import { z } from 'zod'
import { Webhook, webhookEvents } from './config.js'
import { type Finding, finding } from './issues.js'
import { NextPage, PageQuery } from './paging.js'
import type { Known } from './session-check.js'
import { type Checked, checkBody, checkQuery } from './validation.js'

export type WebhookEventName = (typeof webhookEvents)[number]

const secret = Webhook.shape.secret.unwrap()
const agentId = z.string().min(1).max(256).nullish().describe('Only events of this agent; left out or null: of all.')
const time = (description: string) => z.iso.datetime().describe(description)

export const WebhookSubscriptionCreate = z
  .object({
    url: Webhook.shape.url,
    events: Webhook.shape.events,
    secret: secret.describe(
      'Key of the signatures, 32 to 256 printable ASCII characters without spaces. Write-only: never returned.',
    ),
    agent_id: agentId,
    enabled: z.boolean().optional().describe('Whether events are delivered. Default true.'),
  })
  .describe('A webhook subscription to make.')
export type WebhookSubscriptionCreate = z.infer<typeof WebhookSubscriptionCreate>

export const WebhookSubscriptionUpdate = WebhookSubscriptionCreate.partial().describe(
  'What to change of a webhook subscription; what is left out stays. A new `secret` raises `secret_version`.',
)
export type WebhookSubscriptionUpdate = z.infer<typeof WebhookSubscriptionUpdate>

export const WebhookSubscriptionRecord = z
  .object({
    id: z.string().describe('The subscription.'),
    agent_id: z.string().nullable().describe('Only events of this agent; null: of all.'),
    url: z.string().describe('Where events are posted.'),
    events: z.array(z.enum(webhookEvents)).describe('The events that are posted.'),
    enabled: z.boolean().describe('Whether events are delivered.'),
    secret_version: z.number().int().min(1).describe('Counts the secrets that it has had, from 1.'),
    created_at: time('When it was made, UTC.'),
    updated_at: time('When it was changed last, UTC.'),
  })
  .describe('A webhook subscription, without its secret.')
export type WebhookSubscriptionRecord = z.infer<typeof WebhookSubscriptionRecord>

export const WebhookSubscriptionList = z
  .object({
    subscriptions: z.array(WebhookSubscriptionRecord).describe('The subscriptions, newest first.'),
    ...NextPage,
  })
  .describe('A page of webhook subscriptions.')
export type WebhookSubscriptionList = z.infer<typeof WebhookSubscriptionList>

export const WebhookSubscriptionQuery = PageQuery.extend({
  include_disabled: z
    .preprocess((text) => booleans.get(text) ?? text, z.boolean().default(false))
    .describe('Whether subscriptions that are not enabled are listed, too. Default false.'),
}).describe('Which page of the list of webhook subscriptions.')
export type WebhookSubscriptionQuery = z.infer<typeof WebhookSubscriptionQuery>

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const

export const WebhookDeliveryRecord = z
  .object({
    id: z.string().describe('The delivery.'),
    subscription_id: z
      .string()
      .nullable()
      .describe('The subscription that asked for it; null: the `webhook` of the session itself.'),
    session_id: z.string().describe('The session that the event is about.'),
    event: z.enum(webhookEvents).describe('The event.'),
    event_id: z.string().describe('The event, the same in every attempt and every redelivery.'),
    attempt_count: z.number().int().min(0).describe('How often it was tried.'),
    status: z.enum(deliveryStatuses).describe('`pending`: another attempt will be made.'),
    http_status_code: z.number().int().nullable().describe('What the last attempt was answered with.'),
    error: z.string().nullable().describe('Why the last attempt failed, in a sentence.'),
    delivered_at: time('When it was accepted, UTC.').nullable(),
    next_retry_at: time('When it will be tried next, UTC.').nullable(),
    created_at: time('When the event happened, UTC.'),
  })
  .describe('A delivery of an event to one address.')
export type WebhookDeliveryRecord = z.infer<typeof WebhookDeliveryRecord>

export const WebhookDeliveryList = z
  .object({
    deliveries: z.array(WebhookDeliveryRecord).describe('The deliveries, newest first.'),
    ...NextPage,
  })
  .describe('A page of webhook deliveries.')
export type WebhookDeliveryList = z.infer<typeof WebhookDeliveryList>

/** The body of a delivery about a session, as a receiver reads it (Q25). */
export const WebhookSessionEvent = z
  .object({
    event: z.enum(webhookEvents).describe('What happened.'),
    event_id: z.string().describe('The event. A receiver that has seen it before has nothing to do.'),
    created_at: time('When it happened, UTC.'),
    session_id: z.string().describe('The session.'),
    agent_id: z.string().nullable().describe('The stored agent of the session; null: it had none.'),
    session: z
      .object({
        id: z.string().describe('The session.'),
        status: z.enum(['created', 'completed']).describe('`created` while it is open.'),
        duration_seconds: z.number().nullable().describe('How long it was open; null while it is.'),
        public_close_reason: z.string().nullable().describe('Why it ended; null while it is open.'),
        started_at: time('When it became ready, UTC.'),
        ended_at: time('When it ended, UTC.').nullable(),
      })
      .describe('The session as it stands.'),
  })
  .describe('What is posted for an event of a session.')
export type WebhookSessionEvent = z.infer<typeof WebhookSessionEvent>

/** Checks the body of `POST /v1/webhook-subscriptions` (checklist 167). Whether the host is public is left to the server. */
export const checkWebhookCreate = (body: unknown, known: WebhookRules): Checked<WebhookSubscriptionCreate> =>
  checkBody(WebhookSubscriptionCreate, body, () => insecure(body, known))

/** Checks the body of `PATCH /v1/webhook-subscriptions/{id}`. */
export const checkWebhookUpdate = (body: unknown, known: WebhookRules): Checked<WebhookSubscriptionUpdate> =>
  checkBody(WebhookSubscriptionUpdate, body ?? {}, () => insecure(body, known))

/** Checks the query of `GET /v1/webhook-subscriptions`. */
export const checkWebhookQuery = (query: Readonly<Record<string, unknown>>): Checked<WebhookSubscriptionQuery> =>
  checkQuery(WebhookSubscriptionQuery, query)

type WebhookRules = Pick<Known, 'allowPrivateUrls'>

const WithUrl = z.object({ url: Webhook.shape.url })

function insecure(body: unknown, { allowPrivateUrls }: WebhookRules): readonly Finding[] {
  const given = WithUrl.safeParse(body)
  if (!given.success || allowPrivateUrls || /^https:/i.test(given.data.url)) return []
  return [finding(['url'], 'must be an https URL')]
}

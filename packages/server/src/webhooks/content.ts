// What is stored of a webhook subscription, made of what was sent and of what was there. Secrets are sealed.
import type { WebhookSubscriptionCreate, WebhookSubscriptionUpdate } from '@parley/protocol'
import type { SecretBox } from '../secrets.js'
import { webhookSecretPlace } from '../storage/webhook-tables.js'
import type { Signing, StoredWebhook, WebhookContent } from '../storage/webhooks.js'

/** How long a secret still signs after it was replaced. */
const FORMER_SIGNS_FOR_MS = 24 * 60 * 60 * 1000

export const newWebhook = (id: string, body: WebhookSubscriptionCreate, secrets: SecretBox): WebhookContent => ({
  agentId: body.agent_id ?? undefined,
  url: body.url,
  events: body.events,
  enabled: body.enabled ?? true,
  signing: { secret: secrets.seal(body.secret, webhookSecretPlace(id)), version: 1, former: undefined },
})

/** What the change leaves out stays; a null `agent_id` widens the subscription to all agents. */
export const changedWebhook = (
  current: StoredWebhook,
  change: WebhookSubscriptionUpdate,
  secrets: SecretBox,
  now: Date,
): WebhookContent => ({
  agentId: change.agent_id === undefined ? current.agentId : (change.agent_id ?? undefined),
  url: change.url ?? current.url,
  events: change.events ?? current.events,
  enabled: change.enabled ?? current.enabled,
  signing: change.secret === undefined ? current.signing : rotated(current, change.secret, secrets, now),
})

/** A secret that is sent again as it is is no change. */
function rotated({ id, signing }: StoredWebhook, secret: string, secrets: SecretBox, now: Date): Signing {
  const place = webhookSecretPlace(id)
  if (signing.secret !== undefined && secrets.open(signing.secret, place) === secret) return signing
  return {
    secret: secrets.seal(secret, place),
    version: signing.version + 1,
    former:
      signing.secret === undefined
        ? undefined
        : { secret: signing.secret, until: new Date(now.getTime() + FORMER_SIGNS_FOR_MS) },
  }
}

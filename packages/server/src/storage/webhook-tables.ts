// The tables of webhooks as the query layer sees them. Times are given by who stores, so that a schedule can be tried in virtual time.
import type { Generated } from 'kysely'

/** What the secrets of a subscription are sealed for. */
export const webhookSecretPlace = (subscriptionId: string): string => `webhook.${subscriptionId}.secret`

export interface SubscriptionTable {
  position: Generated<string>
  id: string
  account_id: string
  /** Set for the webhook that a session brings itself: it hears of this session alone, and is in no list. */
  session_id: string | null
  agent_id: string | null
  url: string
  /** In alphabetical order. */
  events: string[]
  enabled: boolean
  /** Sealed; null: what is delivered is not signed. */
  secret: string | null
  secret_version: number
  /** The secret before this one, sealed. */
  former_secret: string | null
  former_until: Date | null
  created_at: Date
  updated_at: Date
}

export interface DeliveryTable {
  position: Generated<string>
  id: string
  account_id: string
  /** No foreign key: the log outlives its subscription. */
  subscription_id: string
  /** Whether the subscription is the webhook of the session itself. */
  inline: boolean
  session_id: string
  event: string
  event_id: string
  /** The exact text that is posted. */
  body: string
  /** Whether it was asked for by hand; of all others there is one for each event and subscription. */
  redelivery: boolean
  status: 'pending' | 'delivered' | 'failed'
  attempt_count: number
  http_status_code: number | null
  error: string | null
  delivered_at: Date | null
  /** When a pending delivery is to be tried. Taking it moves this on, past the longest attempt. */
  due_at: Date | null
  created_at: Date
}

// The tables as the query layer sees them; migrations.ts makes them so.
import type { Scope } from '@parley/protocol'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { CallTable, PhoneNumberTable } from './phone-tables.js'
import type { StoredArtifact } from './store.js'
import type { DeliveryTable, SubscriptionTable } from './webhook-tables.js'

/** Set by the database when a row is made, and read as a Date. */
type Moment = ColumnType<Date, never, never>

export interface Tables {
  accounts: { position: Generated<string>; id: string; name: string; created_at: Moment }
  api_keys: {
    /** Grows with every key: the order of lists. */
    id: Generated<string>
    public_id: Generated<string>
    account_id: string
    name: string
    prefix: string
    hash: Uint8Array
    scopes: ColumnType<Scope[], readonly Scope[] | undefined, never>
    max_sessions: number | null
    created_at: Moment
    last_used_at: ColumnType<Date | null, never, Date>
    expires_at: ColumnType<Date | null, Date | null, never>
  }
  agents: {
    /** Grows with every agent: the order of lists. PostgreSQL's bigint, read as text. */
    position: Generated<string>
    id: string
    account_id: string
    document: JSONColumnType<Readonly<Record<string, unknown>>>
    secrets: JSONColumnType<Readonly<Record<string, string>>>
    created_at: Moment
    updated_at: Moment
  }
  idempotency_keys: {
    account_id: string
    key: string
    request: string
    /** Both are null until the request is answered. */
    status: number | null
    body: string | null
    created_at: ColumnType<Date, never, Date>
  }
  tokens: {
    hash: Uint8Array
    account_id: string
    key_id: string | null
    expires_at: ColumnType<Date, Date, never>
    session_cap_seconds: number | null
    created_at: Moment
    used_at: ColumnType<Date | null, never, Date>
  }
  sessions: {
    /** Grows with every session: the order of lists. PostgreSQL's bigint, read as text. */
    position: Generated<string>
    id: string
    account_id: string
    agent_id: string | null
    status: 'created' | 'completed'
    close_reason: string | null
    duration_seconds: number | null
    config: JSONColumnType<Readonly<Record<string, unknown>>> | null
    artifacts: JSONColumnType<readonly StoredArtifact[], string | undefined, string>
    retention_days: number | null
    created_at: ColumnType<Date, Date, never>
    /** When the server that holds the session last said so. */
    seen_at: ColumnType<Date, Date, Date>
    ended_at: ColumnType<Date | null, Date | null | undefined, Date>
    deleted_at: ColumnType<Date | null, never, Date>
  }
  calls: CallTable
  phone_numbers: PhoneNumberTable
  webhook_subscriptions: SubscriptionTable
  webhook_deliveries: DeliveryTable
  conversation_holders: { id: string; alive_at: ColumnType<Date, never, Date> }
  conversations: {
    id: string
    account_id: string
    agent_id: string | null
    key_id: string | null
    holder: string
    token_hash: Uint8Array | null
    /** JSON text as it was put; null once the session is over and only the fact that it was is kept. */
    state: ColumnType<unknown, string, string | null>
    expires_at: Date
    updated_at: ColumnType<Date, never, Date>
  }
}

// Webhook subscriptions in the database: those that accounts keep, and those that sessions bring for themselves.
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from './schema.js'
import type { AccountId } from './store.js'
import type { SubscriptionTable } from './webhook-tables.js'

export interface StoredWebhook {
  readonly id: string
  /** Only events of this agent; undefined: of all. */
  readonly agentId: string | undefined
  readonly url: string
  readonly events: readonly string[]
  readonly enabled: boolean
  readonly signing: Signing
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The secrets that deliveries are signed with, sealed. */
export interface Signing {
  /** Undefined: nothing is signed. */
  readonly secret: string | undefined
  /** Counts the secrets that there have been, from 1. */
  readonly version: number
  /** The one before, for as long as receivers may still expect it. */
  readonly former: { readonly secret: string; readonly until: Date } | undefined
}

/** What may be changed of a subscription. */
export type WebhookContent = Pick<StoredWebhook, 'agentId' | 'url' | 'events' | 'enabled' | 'signing'>

export interface OwnWebhook {
  readonly id: string
  readonly sessionId: string
  readonly url: string
  readonly events: readonly string[]
  /** Sealed. */
  readonly secret: string | undefined
}

export interface Webhooks {
  /** 'exists': the account has one for the same address, events and agent. */
  create(accountId: AccountId, id: string, content: WebhookContent, now: Date): Promise<StoredWebhook | 'exists'>
  find(accountId: AccountId, id: string): Promise<StoredWebhook | undefined>
  /** Newest first. `after` is a `next` of an earlier page; `next` is undefined on the last one. */
  list(
    accountId: AccountId,
    page: { readonly limit: number; readonly after: string | undefined; readonly includeDisabled: boolean },
  ): Promise<{ readonly webhooks: readonly StoredWebhook[]; readonly next: string | undefined }>
  /**
   * Replaces the content by what `change` makes of it; nobody else changes it meanwhile. What `change` throws is passed
   * on. Deliveries that wait are given up when it is not enabled any more.
   */
  update(
    accountId: AccountId,
    id: string,
    change: (current: StoredWebhook) => WebhookContent,
    now: Date,
  ): Promise<StoredWebhook | 'exists' | undefined>
  /** Whether there was one. Deliveries that wait are given up; the log of the others stays. */
  remove(accountId: AccountId, id: string): Promise<boolean>
  /** Nothing is delivered to it until it is enabled again; deliveries that wait are given up, saying `why`. */
  disable(id: string, why: string, now: Date): Promise<void>
  /** The webhook of a session alone; it takes the place of the one that the session had. */
  bring(accountId: AccountId, webhook: OwnWebhook, now: Date): Promise<void>
}

export const webhooks = (db: Kysely<Tables>): Webhooks => ({
  async create(accountId, id, content, now) {
    const row = await db
      .insertInto('webhook_subscriptions')
      .values({ id, account_id: accountId, ...columnsOf(content), created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return row ? stored(row) : 'exists'
  },

  async find(accountId, id) {
    const row = await one(db, accountId, id).executeTakeFirst()
    return row && stored(row)
  },

  async list(accountId, { limit, after, includeDisabled }) {
    const rows = await db
      .selectFrom('webhook_subscriptions')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('session_id', 'is', null)
      .$if(!includeDisabled, (query) => query.where('enabled', '=', true))
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      // One more than asked for shows whether there is another page.
      .limit(limit + 1)
      .execute()
    const page = rows.slice(0, limit)
    return { webhooks: page.map(stored), next: rows.length > limit ? page.at(-1)?.position : undefined }
  },

  update: (accountId, id, change, now) =>
    db
      .transaction()
      .execute(async (transaction) => {
        const current = await one(transaction, accountId, id).forUpdate().executeTakeFirst()
        if (!current) return undefined
        const row = await transaction
          .updateTable('webhook_subscriptions')
          .set({ ...columnsOf(change(stored(current))), updated_at: now })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        if (!row.enabled) await giveUp(transaction, id, 'The subscription was disabled.')
        return stored(row)
      })
      .catch(existsAlready),

  remove: (accountId, id) =>
    db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('webhook_subscriptions')
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .where('session_id', 'is', null)
        .executeTakeFirst()
      if (numDeletedRows > 0n) await giveUp(transaction, id, 'The subscription was deleted.')
      return numDeletedRows > 0n
    }),

  disable: (id, why, now) =>
    db.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('webhook_subscriptions')
        .set({ enabled: false, updated_at: now })
        .where('id', '=', id)
        .execute()
      await giveUp(transaction, id, why)
    }),

  async bring(accountId, { id, sessionId, url, events, secret }, now) {
    const content = { url, events: [...events].sort(), secret: secret ?? null, updated_at: now }
    await db
      .insertInto('webhook_subscriptions')
      .values({
        id,
        account_id: accountId,
        session_id: sessionId,
        agent_id: null,
        enabled: true,
        secret_version: 1,
        former_secret: null,
        former_until: null,
        created_at: now,
        ...content,
      })
      .onConflict((conflict) =>
        conflict
          .column('session_id')
          .where('session_id', 'is not', null)
          .doUpdateSet({ ...content, enabled: true }),
      )
      .execute()
  },
})

const one = (db: Kysely<Tables>, accountId: string, id: string) =>
  db
    .selectFrom('webhook_subscriptions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .where('session_id', 'is', null)

const columnsOf = ({ agentId, url, events, enabled, signing }: WebhookContent) => ({
  session_id: null,
  agent_id: agentId ?? null,
  url,
  events: [...events].sort(),
  enabled,
  secret: signing.secret ?? null,
  secret_version: signing.version,
  former_secret: signing.former?.secret ?? null,
  former_until: signing.former?.until ?? null,
})

const stored = (row: Selectable<SubscriptionTable>): StoredWebhook => ({
  id: row.id,
  agentId: row.agent_id ?? undefined,
  url: row.url,
  events: row.events,
  enabled: row.enabled,
  signing: signingOf(row),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

export const signingOf = ({
  secret,
  secret_version: version,
  former_secret: former,
  former_until: until,
}: Pick<Selectable<SubscriptionTable>, 'secret' | 'secret_version' | 'former_secret' | 'former_until'>): Signing => ({
  secret: secret ?? undefined,
  version,
  former: former !== null && until !== null ? { secret: former, until } : undefined,
})

/** The index `webhook_subscriptions_once` refuses a second subscription for the same. */
function existsAlready(error: unknown): 'exists' {
  if (error instanceof Error && 'code' in error && error.code === '23505') return 'exists'
  throw error
}

async function giveUp(db: Transaction<Tables>, subscriptionId: string, why: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ status: 'failed', due_at: null, error: why })
    .where('subscription_id', '=', subscriptionId)
    .where('status', '=', 'pending')
    .execute()
}

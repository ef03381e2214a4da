// Deliveries of webhooks in the database: the queue that all servers work off together, and the log of what came of it.
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { AccountId } from './store.js'
import type { DeliveryTable } from './webhook-tables.js'
import { type Signing, signingOf } from './webhooks.js'

export interface NewEvent {
  readonly accountId: AccountId
  readonly event: string
  /** Says which event it is: of two with the same id only the first is delivered. */
  readonly eventId: string
  readonly sessionId: string
  readonly agentId: string | undefined
  /** The exact text that is posted. */
  readonly body: string
}

export interface StoredDelivery {
  readonly id: string
  readonly subscriptionId: string
  /** Whether the subscription is the webhook of the session itself. */
  readonly inline: boolean
  readonly sessionId: string
  readonly event: string
  readonly eventId: string
  readonly status: DeliveryTable['status']
  readonly attempts: number
  readonly httpStatusCode: number | undefined
  readonly error: string | undefined
  readonly deliveredAt: Date | undefined
  readonly dueAt: Date | undefined
  readonly createdAt: Date
}

/** A delivery that this server alone may now attempt. */
export interface Claimed extends StoredDelivery {
  readonly body: string
  /** Where it goes; undefined when the subscription is gone or disabled. */
  readonly target: { readonly url: string; readonly signing: Signing } | undefined
}

/** What came of an attempt. `again`: when it is tried once more. */
export type Settlement =
  | { readonly outcome: 'delivered'; readonly httpStatusCode: number; readonly at: Date }
  | { readonly outcome: 'failed'; readonly httpStatusCode: number | undefined; readonly error: string }
  | {
      readonly outcome: 'again'
      readonly httpStatusCode: number | undefined
      readonly error: string
      readonly dueAt: Date
    }

export interface Deliveries {
  /** A pending delivery for each subscription that asks for the event; resolves with how many that are. */
  publish(event: NewEvent, now: Date): Promise<number>
  /**
   * Up to `most` deliveries that are due, at most `perSubscription` of one subscription and none of the `busy` ones.
   * They are this server's until `until`: whoever has not settled one by then has died, and it is due again.
   */
  claim(order: {
    readonly now: Date
    readonly until: Date
    readonly most: number
    readonly perSubscription: number
    readonly busy: readonly string[]
  }): Promise<readonly Claimed[]>
  /** Says whether it counted: not when the claim was lost, or the delivery given up meanwhile. */
  settle(claimed: Pick<Claimed, 'id' | 'attempts'>, settlement: Settlement): Promise<boolean>
  /** Gives a claim back as if it had not been made. */
  release(claimed: Pick<Claimed, 'id' | 'attempts'>, now: Date): Promise<void>
  /** When the next delivery is due; undefined when none waits. */
  nextDue(): Promise<Date | undefined>
  /** Of one session, newest first. */
  ofSession(
    accountId: AccountId,
    sessionId: string,
    page: { readonly limit: number; readonly after: string | undefined },
  ): Promise<{ readonly deliveries: readonly StoredDelivery[]; readonly next: string | undefined }>
  /** The newest one of each subscription, for one session. */
  latest(accountId: AccountId, sessionId: string): Promise<readonly StoredDelivery[]>
  /** The same event to the same subscription once more. */
  redeliver(accountId: AccountId, id: string, newId: string, now: Date): Promise<Redelivery>
  /** Takes away up to a hundred that are settled and older than `before`, and as many webhooks of sessions that none is left of; resolves with how many in all. */
  forget(before: Date): Promise<number>
}

export type Redelivery =
  | { readonly outcome: 'made'; readonly delivery: StoredDelivery }
  | { readonly outcome: 'unknown' | 'subscription_gone' | 'subscription_disabled' }

export const deliveries = (db: Kysely<Tables>): Deliveries => ({
  async publish({ accountId, event, eventId, sessionId, agentId, body }, now) {
    const { numAffectedRows } = await sql`
      insert into webhook_deliveries
        (id, account_id, subscription_id, inline, session_id, event, event_id, body, due_at, created_at)
      select gen_random_uuid()::text, account_id, id, session_id is not null,
        ${sessionId}::text, ${event}::text, ${eventId}::text, ${body}::text, ${now}::timestamptz, ${now}::timestamptz
      from (
        select * from webhook_subscriptions where session_id is null
        union all
        select * from webhook_subscriptions where session_id = ${sessionId}
      ) as subscriptions
      where account_id = ${accountId} and enabled and ${event} = any(events)
        and (agent_id is null or agent_id = ${agentId ?? null}::text)
      on conflict (event_id, subscription_id) where not redelivery do nothing`.execute(db)
    return Number(numAffectedRows ?? 0n)
  },

  claim: ({ now, until, most, perSubscription, busy }) =>
    db.transaction().execute(async (transaction) => {
      // The conditions stand twice: a row that another server has just taken is looked at again as it then is.
      const { rows } = await sql<Selectable<DeliveryTable>>`
        update webhook_deliveries set due_at = ${until}::timestamptz, attempt_count = attempt_count + 1
        where id in (
          select id from webhook_deliveries
          where status = 'pending' and due_at <= ${now}::timestamptz and id in (
            select id from (
              select id, row_number() over (partition by subscription_id order by due_at, position) as place
              from webhook_deliveries
              where status = 'pending' and due_at <= ${now}::timestamptz and subscription_id <> all(${[...busy]}::text[])
            ) as waiting where place <= ${perSubscription}
          )
          order by due_at, position limit ${most} for update skip locked
        ) returning *`.execute(transaction)
      const targets = await targetsOf(
        transaction,
        rows.map(({ subscription_id }) => subscription_id),
      )
      return rows.map((row) => ({ ...delivery(row), body: row.body, target: targets.get(row.subscription_id) }))
    }),

  async settle({ id, attempts }, settlement) {
    const { numUpdatedRows } = await db
      .updateTable('webhook_deliveries')
      .set({
        status: settlement.outcome === 'again' ? 'pending' : settlement.outcome,
        http_status_code: settlement.httpStatusCode ?? null,
        error: settlement.outcome === 'delivered' ? null : settlement.error,
        delivered_at: settlement.outcome === 'delivered' ? settlement.at : null,
        due_at: settlement.outcome === 'again' ? settlement.dueAt : null,
      })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .where('attempt_count', '=', attempts)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },

  async release({ id, attempts }, now) {
    await db
      .updateTable('webhook_deliveries')
      .set({ due_at: now, attempt_count: attempts - 1 })
      .where('id', '=', id)
      .where('status', '=', 'pending')
      .where('attempt_count', '=', attempts)
      .execute()
  },

  async nextDue() {
    const { due } = await db
      .selectFrom('webhook_deliveries')
      .select((expression) => expression.fn.min('due_at').as('due'))
      .where('status', '=', 'pending')
      .executeTakeFirstOrThrow()
    return due ?? undefined
  },

  async ofSession(accountId, sessionId, { limit, after }) {
    const rows = await ofSession(db, accountId, sessionId)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      // One more than asked for shows whether there is another page.
      .limit(limit + 1)
      .execute()
    const page = rows.slice(0, limit)
    return { deliveries: page.map(delivery), next: rows.length > limit ? page.at(-1)?.position : undefined }
  },

  async latest(accountId, sessionId) {
    const rows = await ofSession(db, accountId, sessionId)
      .distinctOn('subscription_id')
      .orderBy('subscription_id')
      .orderBy('position', 'desc')
      .execute()
    return rows.map(delivery)
  },

  redeliver: (accountId, id, newId, now) =>
    db.transaction().execute(async (transaction): Promise<Redelivery> => {
      const before = await transaction
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst()
      if (!before) return { outcome: 'unknown' }
      const subscription = await transaction
        .selectFrom('webhook_subscriptions')
        .select('enabled')
        .where('id', '=', before.subscription_id)
        .forShare()
        .executeTakeFirst()
      if (!subscription) return { outcome: 'subscription_gone' }
      if (!subscription.enabled) return { outcome: 'subscription_disabled' }
      const { account_id, subscription_id, inline, session_id, event, event_id, body } = before
      const row = await transaction
        .insertInto('webhook_deliveries')
        .values({
          ...{ account_id, subscription_id, inline, session_id, event, event_id, body },
          ...{ id: newId, redelivery: true, status: 'pending', attempt_count: 0, due_at: now, created_at: now },
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return { outcome: 'made', delivery: delivery(row) }
    }),

  async forget(before) {
    const log = await sql`delete from webhook_deliveries where id in (
      select id from webhook_deliveries
      where created_at < ${before}::timestamptz and status <> 'pending' limit 100 for update skip locked)`.execute(db)
    const own = await sql`delete from webhook_subscriptions where id in (
      select id from webhook_subscriptions as own
      where session_id is not null and updated_at < ${before}::timestamptz
        and not exists (select 1 from webhook_deliveries where subscription_id = own.id)
      limit 100 for update skip locked)`.execute(db)
    return Number((log.numAffectedRows ?? 0n) + (own.numAffectedRows ?? 0n))
  },
})

const ofSession = (db: Kysely<Tables>, accountId: string, sessionId: string) =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('session_id', '=', sessionId)

async function targetsOf(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, NonNullable<Claimed['target']>>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('webhook_subscriptions')
    .select(['id', 'url', 'secret', 'secret_version', 'former_secret', 'former_until'])
    .where('id', 'in', [...ids])
    .where('enabled', '=', true)
    .execute()
  return new Map(rows.map((row) => [row.id, { url: row.url, signing: signingOf(row) }]))
}

const delivery = (row: Selectable<DeliveryTable>): StoredDelivery => ({
  id: row.id,
  subscriptionId: row.subscription_id,
  inline: row.inline,
  sessionId: row.session_id,
  event: row.event,
  eventId: row.event_id,
  status: row.status,
  attempts: row.attempt_count,
  httpStatusCode: row.http_status_code ?? undefined,
  error: row.error ?? undefined,
  deliveredAt: row.delivered_at ?? undefined,
  dueAt: row.due_at ?? undefined,
  createdAt: row.created_at,
})

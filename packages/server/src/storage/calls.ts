// Telephone calls in the database: what each is at, and the tickets by which their lines are let in.
import { type Kysely, type Selectable, sql } from 'kysely'
import type { CallChange, CallEnd, CallLimits, Calls, NewCall, ReachedLimit, StoredCall } from './call-records.js'
import { pageOf } from './paging.js'
import type { CallTable } from './phone-tables.js'
import type { Tables } from './schema.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** Whoever counts calls waits for this lock, so that no two count the same ones. */
const COUNTING = 7_205_759_403_792_794n

export const calls = (db: Kysely<Tables>): Calls => ({
  async admit(call, now) {
    const row = await db
      .insertInto('calls')
      .values(rowOf(call, now))
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (row) return { call: stored(row), isNew: true }
    const there = await byCarrier(db, call.carrier, call.carrierCallId ?? '').executeTakeFirstOrThrow()
    return { call: stored(there), isNew: false }
  },

  place: (call, limits, now) =>
    db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${COUNTING})`.execute(transaction)
      const reached = reachedLimit(await counts(transaction, call, now), limits)
      if (reached) return reached
      return stored(
        await transaction.insertInto('calls').values(rowOf(call, now)).returningAll().executeTakeFirstOrThrow(),
      )
    }),

  async find(accountId, id) {
    const row = await db
      .selectFrom('calls')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && stored(row)
  },

  async withId(id) {
    const row = await db.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst()
    return row && stored(row)
  },

  async withCarrierId(carrier, carrierCallId) {
    const row = await byCarrier(db, carrier, carrierCallId).executeTakeFirst()
    return row && stored(row)
  },

  async list(accountId, { limit, after, status, direction, agentId }) {
    const rows = await db
      .selectFrom('calls')
      .selectAll()
      .where('account_id', '=', accountId)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .$if(status !== undefined, (query) => query.where('status', '=', status!))
      .$if(direction !== undefined, (query) => query.where('direction', '=', direction!))
      .$if(agentId !== undefined, (query) => query.where('agent_id', '=', agentId!))
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute()
    const { page, next } = pageOf(rows, limit)
    return { calls: page.map(stored), next }
  },

  async change(id, change) {
    const row = await db
      .updateTable('calls')
      .set(columnsOf(change))
      .where('id', '=', id)
      .where(isOpen)
      .returningAll()
      .executeTakeFirst()
    return row && stored(row)
  },

  async issueTicket(id, leg, { hash, until }) {
    const row = await db
      .updateTable('calls')
      .set({ ticket_hash: hash, ticket_until: until, leg: leg + 1 })
      .where('id', '=', id)
      .where('leg', '=', leg)
      .where(isOpen)
      .returningAll()
      .executeTakeFirst()
    return row && stored(row)
  },

  async redeem({ hash, carrier, carrierCallId }, now) {
    const row = await db
      .updateTable('calls')
      .set({ ticket_hash: null, ticket_until: null })
      .where('ticket_hash', '=', hash)
      .where('ticket_until', '>', now)
      .where('carrier', '=', carrier)
      .$if(carrierCallId !== undefined, (query) => query.where('carrier_call_id', '=', carrierCallId!))
      .where(isOpen)
      .returningAll()
      .executeTakeFirst()
    return row && stored(row)
  },

  async leave(id, leg) {
    const { numUpdatedRows } = await db
      .updateTable('calls')
      .set({ leg: leg + 1 })
      .where('id', '=', id)
      .where('leg', '=', leg)
      .where(isOpen)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },

  async noteMachine(id) {
    const { numUpdatedRows } = await db
      .updateTable('calls')
      .set({ is_machine: true })
      .where('id', '=', id)
      .where('is_machine', '=', false)
      .where(isOpen)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },

  async end(id, end) {
    const row = await db
      .updateTable('calls')
      .set(endColumns(end))
      .where('id', '=', id)
      .where(isOpen)
      .returningAll()
      .executeTakeFirst()
    return row && stored(row)
  },

  async order(id, order) {
    await db
      .updateTable('calls')
      .set({ message: JSON.stringify(order) })
      .where('id', '=', id)
      .execute()
  },

  async news(held, lost) {
    const ids = [...held, ...lost]
    if (ids.length === 0) return { over: [], orders: [] }
    const rows = await db.selectFrom('calls').select(['id', 'status', 'message']).where(oneOf(ids)).execute()
    const open = new Set(rows.filter(({ status }) => status === 'active' || status === 'dialing').map(({ id }) => id))
    const asked = rows
      .filter(({ id, message }) => open.has(id) && message !== null && held.includes(id))
      .map(({ id }) => id)
    return { over: ids.filter((id) => !open.has(id)), orders: asked.length === 0 ? [] : await takeOrders(db, asked) }
  },

  async seen(ids, now) {
    if (ids.length > 0) await db.updateTable('calls').set({ seen_at: now }).where(oneOf(ids)).execute()
  },

  async endForgotten(line, unseenSince, end) {
    const rows = await db
      .updateTable('calls')
      .set(endColumns(end))
      .where('line', '=', line)
      .where('seen_at', '<=', unseenSince)
      .where(isOpen)
      .returningAll()
      .execute()
    return rows.map(stored)
  },

  async forget(before, limit) {
    const old = db.selectFrom('calls').select('id').where('ended_at', '<', before).limit(limit)
    const { numDeletedRows } = await db.deleteFrom('calls').where('id', 'in', old).executeTakeFirst()
    return Number(numDeletedRows)
  },
})

const isOpen = sql<boolean>`status in ('dialing', 'active')`
const oneOf = (ids: readonly string[]) => sql<boolean>`id = any(${ids}::text[])`

const byCarrier = (db: Kysely<Tables>, carrier: string, carrierCallId: string) =>
  db.selectFrom('calls').selectAll().where('carrier', '=', carrier).where('carrier_call_id', '=', carrierCallId)

const takeOrders = (db: Kysely<Tables>, ids: readonly string[]) =>
  db.transaction().execute(async (transaction) => {
    const rows = await transaction.selectFrom('calls').select(['id', 'message']).where(oneOf(ids)).forUpdate().execute()
    await transaction.updateTable('calls').set({ message: null }).where(oneOf(ids)).execute()
    return rows.flatMap(({ id, message }) => (message === null ? [] : [{ id, order: message }]))
  })

/** Calls that no stored key has made count together, for each account. */
async function counts(db: Kysely<Tables>, { accountId, keyId }: NewCall, now: Date) {
  const ofKey = sql`account_id = ${accountId} and key_id is not distinct from ${keyId ?? null}`
  const since = new Date(now.getTime() - DAY_MS)
  const { rows } = await sql<Record<ReachedLimit, string>>`
    select count(*) filter (where ${isOpen}) as "most",
      count(*) filter (where ${isOpen} and ${ofKey}) as "perKey",
      count(*) filter (where created_at > ${since} and ${ofKey}) as "perKeyAndDay"
    from calls where direction = 'outbound' and (${isOpen} or created_at > ${since})`.execute(db)
  return rows[0]!
}

const limitNames: readonly ReachedLimit[] = ['most', 'perKey', 'perKeyAndDay']

const reachedLimit = (count: Record<ReachedLimit, string>, limits: CallLimits): ReachedLimit | undefined =>
  limitNames.find((name) => Number(count[name]) >= limits[name])

const rowOf = (call: NewCall, now: Date) => ({
  id: call.id,
  account_id: call.accountId,
  key_id: call.keyId ?? null,
  agent_id: call.agentId,
  carrier: call.carrier,
  carrier_call_id: call.carrierCallId ?? null,
  direction: call.direction,
  status: 'dialing' as const,
  line: 'none' as const,
  leg: 0,
  from_number: call.from,
  to_number: call.to,
  variables: JSON.stringify(call.variables),
  created_at: now,
  seen_at: now,
})

const columnsOf = (change: CallChange) => ({
  ...('status' in change && { status: change.status }),
  ...('line' in change && { line: change.line }),
  ...('carrierCallId' in change && { carrier_call_id: change.carrierCallId ?? null }),
  ...('variables' in change && { variables: JSON.stringify(change.variables) }),
  ...('greeting' in change && { greeting: change.greeting ?? null }),
  ...('sessionId' in change && { session_id: change.sessionId ?? null }),
  ...('transfer' in change && { transfer: change.transfer ?? null }),
  ...('answeredAt' in change && { answered_at: sql<Date>`coalesce(answered_at, ${change.answeredAt}::timestamptz)` }),
  ...('seenAt' in change && { seen_at: change.seenAt }),
})

/** What was known of the person goes with the end. */
const endColumns = ({ status, reason, endedAt }: CallEnd) => ({
  status,
  reason,
  ended_at: endedAt,
  line: 'over' as const,
  ticket_hash: null,
  ticket_until: null,
  message: null,
  variables: '{}',
  greeting: null,
})

const stored = (row: Selectable<CallTable>): StoredCall => ({
  id: row.id,
  accountId: row.account_id,
  keyId: row.key_id ?? undefined,
  agentId: row.agent_id,
  carrier: row.carrier,
  carrierCallId: row.carrier_call_id ?? undefined,
  direction: row.direction,
  from: row.from_number,
  to: row.to_number,
  variables: row.variables,
  status: row.status,
  line: row.line,
  leg: row.leg,
  reason: row.reason ?? undefined,
  greeting: row.greeting ?? undefined,
  sessionId: row.session_id ?? undefined,
  transfer: row.transfer ?? undefined,
  ticketUsed: row.ticket_hash === null,
  createdAt: row.created_at,
  answeredAt: row.answered_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
  seenAt: row.seen_at,
})

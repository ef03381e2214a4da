// Sessions in the database: what ran when, and where what is kept of it lies.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { NewSession, SessionRecords, StoredArtifact } from './store.js'

/** What is told of a session whose server was lost. */
const LOST = 'error'

export const sessions = (db: Kysely<Tables>): SessionRecords => ({
  async create(session) {
    await db
      .insertInto('sessions')
      .values(rowOf(session, 'created'))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  },

  async complete(session, { closeReason, durationSeconds, endedAt }) {
    const end = {
      status: 'completed',
      close_reason: closeReason,
      duration_seconds: durationSeconds,
      ended_at: endedAt,
    } as const
    await db
      .insertInto('sessions')
      .values({ ...rowOf(session, 'completed'), ...end })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(end))
      .execute()
  },

  async publish(id, artifacts) {
    const { numUpdatedRows } = await db
      .updateTable('sessions')
      .set({ artifacts: JSON.stringify(artifacts) })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  },

  find: (accountId, id) =>
    db
      .selectFrom('sessions')
      .select([...summary, 'config', 'artifacts'])
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst(),

  async list(accountId, { limit, after, status, agentId }) {
    const rows = await db
      .selectFrom('sessions')
      .select(['position', ...summary])
      .where('account_id', '=', accountId)
      .where('deleted_at', 'is', null)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .$if(status !== undefined, (query) => query.where('status', '=', status!))
      .$if(agentId !== undefined, (query) => query.where('agent_id', '=', agentId!))
      .orderBy('position', 'desc')
      // One more than asked for shows whether there is another page.
      .limit(limit + 1)
      .execute()
    const page = rows.slice(0, limit)
    return {
      sessions: page.map(({ position: _, ...session }) => session),
      next: rows.length > limit ? page.at(-1)?.position : undefined,
    }
  },

  async remove(accountId, id) {
    const removed = await db
      .updateTable('sessions')
      .set({ deleted_at: sql<Date>`now()`, config: null })
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .returning('artifacts')
      .executeTakeFirst()
    return removed?.artifacts
  },

  async expire(now, days, limit) {
    // a default of 0 days keeps what has no days of its own
    const { numUpdatedRows } = await db
      .updateTable('sessions')
      .set({ deleted_at: sql<Date>`now()`, config: null })
      .where('id', 'in', (query) =>
        query
          .selectFrom('sessions')
          .select('id')
          .where('deleted_at', 'is', null)
          .where(
            sql<boolean>`ended_at < ${now}::timestamptz - make_interval(days => coalesce(retention_days, nullif(${days}::integer, 0)))`,
          )
          .orderBy('ended_at')
          .limit(limit),
      )
      .executeTakeFirst()
    return Number(numUpdatedRows)
  },

  uncleared: (places, limit) =>
    db
      .selectFrom('sessions')
      .select(['id', 'artifacts'])
      .where('deleted_at', 'is not', null)
      .where(sql<boolean>`artifacts <> '[]'`)
      .where(
        sql<boolean>`not exists (
          select 1 from jsonb_array_elements(artifacts) as file where not (file ->> 'place' = any(${places}::text[])))`,
      )
      .orderBy('deleted_at')
      .limit(limit)
      .execute(),

  async cleared(id) {
    await db.updateTable('sessions').set({ artifacts: '[]' }).where('id', '=', id).execute()
  },

  async forget(agoSeconds, limit) {
    // one that is still open will be completed, by whoever holds it, and must not come back by that
    const { numDeletedRows } = await db
      .deleteFrom('sessions')
      .where('id', 'in', (query) =>
        query
          .selectFrom('sessions')
          .select('id')
          .where('deleted_at', '<=', sql<Date>`now() - ${agoSeconds} * interval '1 second'`)
          .where('status', '=', 'completed')
          .where(sql<boolean>`artifacts = '[]'`)
          .limit(limit),
      )
      .executeTakeFirst()
    return Number(numDeletedRows)
  },

  async seen(ids, now) {
    if (ids.length === 0) return
    await db.updateTable('sessions').set({ seen_at: now }).where('id', '=', sql<string>`any(${ids}::text[])`).execute()
  },

  async closeOrphans(unseenSince, except) {
    const closed = await db
      .updateTable('sessions')
      .set({
        status: 'completed',
        close_reason: LOST,
        ended_at: sql<Date>`seen_at`,
        duration_seconds: sql<number>`extract(epoch from seen_at - created_at)`,
      })
      .where('status', '=', 'created')
      .$if(unseenSince !== undefined, (query) => query.where('seen_at', '<=', unseenSince!))
      .where(sql<boolean>`not (id = any(${except}::text[]))`)
      .returning(['id', 'account_id', 'agent_id', 'created_at', 'seen_at'])
      .execute()
    return closed.map(({ id, account_id, agent_id, created_at, seen_at }) => ({
      ...{ id, accountId: account_id, agentId: agent_id ?? undefined, createdAt: created_at },
      ...{ closeReason: LOST, endedAt: seen_at, durationSeconds: (seen_at.getTime() - created_at.getTime()) / 1000 },
    }))
  },

  async fate(id) {
    const row = await db
      .selectFrom('sessions')
      .select(['status', 'close_reason', 'duration_seconds', 'ended_at', 'deleted_at'])
      .select(sql<boolean>`artifacts <> '[]'`.as('hasFiles'))
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return { is: 'unknown' }
    if (row.deleted_at) return { is: 'deleted' }
    const { close_reason: closeReason, duration_seconds: durationSeconds, ended_at: endedAt } = row
    if (closeReason === null || durationSeconds === null || endedAt === null) return { is: 'open' }
    return { is: 'completed', closeReason, durationSeconds, endedAt, hasFiles: row.hasFiles }
  },
})

const naiveUtc = (column: 'created_at' | 'ended_at') =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`

const summary = [
  'id',
  'agent_id as agentId',
  'status',
  'close_reason as closeReason',
  'duration_seconds as durationSeconds',
  naiveUtc('created_at').as('createdAt'),
  sql<string | null>`${naiveUtc('ended_at')}`.as('endedAt'),
] as const

const rowOf = (
  { id, accountId, agentId, config, retentionDays, createdAt }: NewSession,
  status: 'created' | 'completed',
) => ({
  id,
  account_id: accountId,
  agent_id: agentId ?? null,
  status,
  config: config === undefined ? null : JSON.stringify(config),
  artifacts: JSON.stringify([] satisfies StoredArtifact[]),
  retention_days: retentionDays ?? null,
  created_at: createdAt,
  seen_at: createdAt,
})

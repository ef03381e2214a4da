// Conversations in the database, each held by one server. Ages are judged by the database's clock, which all servers share.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { Conversations } from './store.js'

export const conversations = (db: Kysely<Tables>): Conversations => ({
  async put({ id, accountId, agentId, keyId, holder, tokenHash, expiresAtUnixMs, state }) {
    const stored = await db
      .insertInto('conversations')
      .values({
        id,
        account_id: accountId,
        agent_id: agentId ?? null,
        key_id: keyId ?? null,
        holder,
        token_hash: tokenHash ?? null,
        expires_at: new Date(expiresAtUnixMs),
        state: JSON.stringify(state),
      })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({
            // what was forgotten is not stored again by who still holds it
            state: sql`case when conversations.state is null then null else excluded.state end`,
            expires_at: (excluded) => excluded.ref('excluded.expires_at'),
            updated_at: sql`clock_timestamp()`,
          })
          .where('conversations.holder', '=', holder),
      )
      .returning('id')
      .executeTakeFirst()
    return stored !== undefined
  },

  async find(id) {
    const row = await db
      .selectFrom('conversations')
      .select(['account_id', sql<boolean>`state is null or expires_at <= clock_timestamp()`.as('is_over')])
      .where('id', '=', id)
      .executeTakeFirst()
    return row && { accountId: row.account_id, isOver: row.is_over }
  },

  claim: (id, holder) =>
    db.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('conversations as kept')
        .leftJoin('conversation_holders as held', 'held.id', 'kept.holder')
        .select(['kept.state', 'kept.agent_id', 'kept.key_id', 'kept.token_hash'])
        .select(sql<number>`${silentSeconds}::float8 * 1000`.as('silent_ms'))
        .where('kept.id', '=', id)
        .where('kept.state', 'is not', null)
        .forUpdate(['kept'])
        .executeTakeFirst()
      if (!row) return undefined
      await transaction.updateTable('conversations').set({ holder }).where('id', '=', id).execute()
      return {
        state: row.state,
        agentId: row.agent_id ?? undefined,
        keyId: row.key_id ?? undefined,
        tokenHash: row.token_hash ?? undefined,
        silentForMs: row.silent_ms,
      }
    }),

  async openedWith(tokenHash) {
    const row = await db.selectFrom('conversations').select('id').where('token_hash', '=', tokenHash).executeTakeFirst()
    return row?.id
  },

  async remove(id, holder) {
    await db.deleteFrom('conversations').where('id', '=', id).where('holder', '=', holder).execute()
  },

  async expire(id, holder) {
    await db
      .updateTable('conversations')
      .set({ state: null, updated_at: sql`clock_timestamp()` })
      .where('id', '=', id)
      .where('holder', '=', holder)
      .execute()
  },

  async alive(holder) {
    await db
      .insertInto('conversation_holders')
      .values({ id: holder })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ alive_at: sql`clock_timestamp()` }))
      .execute()
  },

  async resumable(withinMs) {
    const rows = await db
      .selectFrom('conversations as kept')
      .leftJoin('conversation_holders as held', 'held.id', 'kept.holder')
      .select('kept.id')
      .where('kept.state', 'is not', null)
      .where(sql<boolean>`kept.expires_at > clock_timestamp()`)
      .where(sql<boolean>`${silentSeconds}::float8 * 1000 < ${withinMs}`)
      .execute()
    return rows.map(({ id }) => id)
  },

  async forget(id) {
    await db.updateTable('conversations').set({ state: null }).where('id', '=', id).execute()
  },

  async forgetOld() {
    await sql`delete from conversations where id in
      (select kept.id from conversations kept left join conversation_holders held on held.id = kept.holder
       where ${silentSeconds} > 3600 or kept.expires_at < now() - interval '1 hour'
         or (kept.state is null and kept.updated_at < now() - interval '1 hour'))`.execute(db)
    await sql`delete from conversation_holders where alive_at < now() - interval '1 day'`.execute(db)
  },
})

/** Of `kept`, held by `held`: since the state was stored or the holder last said that it lives. */
const silentSeconds = sql`extract(epoch from clock_timestamp() - greatest(kept.updated_at, held.alive_at))`

// Temporary tokens in the database. Times are the database's, which all servers share.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { Tokens } from './store.js'

export const tokens = (db: Kysely<Tables>): Tokens => ({
  async issue({ hash, accountId, keyId, expiresInSeconds, sessionCapSeconds }) {
    await forgetOld(db)
    const { expires_at } = await db
      .insertInto('tokens')
      .values({
        hash,
        account_id: accountId,
        key_id: keyId ?? null,
        expires_at: sql`now() + ${expiresInSeconds} * interval '1 second'`,
        session_cap_seconds: sessionCapSeconds ?? null,
      })
      .returning('expires_at')
      .executeTakeFirstOrThrow()
    return { expiresAt: expires_at }
  },

  async redeem(hash, { reuse }) {
    const token = await db
      .updateTable('tokens')
      .set({ used_at: sql`coalesce(used_at, now())` })
      .where('hash', '=', hash)
      .where('expires_at', '>', sql<Date>`now()`)
      .$if(!reuse, (query) => query.where('used_at', 'is', null))
      .returning(['account_id', 'session_cap_seconds', 'key_id'])
      .returning(({ selectFrom }) =>
        selectFrom('api_keys').select('max_sessions').whereRef('public_id', '=', 'tokens.key_id').as('max_sessions'),
      )
      .executeTakeFirst()
    return (
      token && {
        accountId: token.account_id,
        keyId: token.key_id ?? undefined,
        maxSessions: token.max_sessions ?? undefined,
        sessionCapSeconds: token.session_cap_seconds ?? undefined,
      }
    )
  },
})

/** Takes away a few tokens that nobody can use any more: more than one comes makes, so that they do not pile up. */
async function forgetOld(db: Kysely<Tables>): Promise<void> {
  const old = db
    .selectFrom('tokens')
    .select('hash')
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .limit(10)
  await db.deleteFrom('tokens').where('hash', 'in', old).execute()
}

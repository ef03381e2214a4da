// API keys in the database.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import { defaultAccountId, type Keys } from './store.js'

export const keys = (db: Kysely<Tables>): Keys => ({
  async find(hash) {
    const key = await db
      .selectFrom('api_keys')
      .select(['id', 'account_id'])
      .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as('stale'))
      .where('hash', '=', hash)
      .executeTakeFirst()
    if (!key) return undefined
    // A write for every request would cost more than all else that the request does.
    if (key.stale) await db.updateTable('api_keys').set({ last_used_at: sql`now()` }).where('id', '=', key.id).execute()
    return { accountId: key.account_id }
  },

  addFirst: (key) =>
    db.transaction().execute(async (transaction) => {
      // The account's row is what servers that start at once wait for.
      await transaction
        .selectFrom('accounts')
        .select('id')
        .where('id', '=', defaultAccountId)
        .forUpdate()
        .executeTakeFirstOrThrow()
      const existing = await transaction.selectFrom('api_keys').select('id').limit(1).executeTakeFirst()
      if (existing) return false
      await transaction
        .insertInto('api_keys')
        .values({ account_id: defaultAccountId, ...key })
        .execute()
      return true
    }),

  async add(accountId, key) {
    await db
      .insertInto('api_keys')
      .values({ account_id: accountId, ...key })
      .execute()
  },
})

// Accounts in the database.
import { type Kysely, sql } from 'kysely'
import { pageOf } from './paging.js'
import type { Tables } from './schema.js'
import type { Accounts } from './store.js'

export const accounts = (db: Kysely<Tables>): Accounts => ({
  async create(id, name) {
    const { created_at } = await db
      .insertInto('accounts')
      .values({ id, name })
      .returning('created_at')
      .executeTakeFirstOrThrow()
    return { id, name, createdAt: created_at }
  },

  async exists(id) {
    return (await db.selectFrom('accounts').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
  },

  async list({ limit, after }) {
    const rows = await db
      .selectFrom('accounts')
      .select(['position', 'id', 'name', 'created_at as createdAt'])
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute()
    const { page, next } = pageOf(rows, limit)
    return { accounts: page.map(({ position: _, ...account }) => account), next }
  },

  remove: (id) =>
    db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction.deleteFrom('accounts').where('id', '=', id).executeTakeFirst()
      await transaction
        .updateTable('sessions')
        .set({ deleted_at: sql<Date>`now()`, config: null })
        .where('account_id', '=', id)
        .where('deleted_at', 'is', null)
        .execute()
      return numDeletedRows > 0n
    }),
})

// API keys in the database.
import { type Kysely, sql } from 'kysely'
import { pageOf } from './paging.js'
import type { Tables } from './schema.js'
import { defaultAccountId, type Keys, type NewKey, type StoredKey } from './store.js'

export const keys = (db: Kysely<Tables>): Keys => ({
  async find(hash) {
    const key = await db
      .selectFrom('api_keys')
      .select(['id', 'public_id', 'account_id', 'scopes', 'max_sessions'])
      .select(sql<boolean>`last_used_at is null or last_used_at < now() - interval '1 minute'`.as('stale'))
      .where('hash', '=', hash)
      .where(({ eb, or }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', sql<Date>`now()`)]))
      .executeTakeFirst()
    if (!key) return undefined
    // A write for every request would cost more than all else that the request does.
    if (key.stale) await db.updateTable('api_keys').set({ last_used_at: sql`now()` }).where('id', '=', key.id).execute()
    return {
      keyId: key.public_id,
      accountId: key.account_id,
      scopes: key.scopes,
      maxSessions: key.max_sessions ?? undefined,
    }
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
      await insert(transaction, defaultAccountId, key)
      return true
    }),

  add: (accountId, key) => insert(db, accountId, key),

  async list(accountId, { limit, after }) {
    const rows = await db
      .selectFrom('api_keys')
      .select(['id as position', ...columns])
      .where('account_id', '=', accountId)
      .$if(after !== undefined, (query) => query.where('id', '<', after!))
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const { page, next } = pageOf(rows, limit)
    return { keys: page.map(storedKey), next }
  },

  async maxSessionsOf(accountId, id) {
    const key = await db
      .selectFrom('api_keys')
      .select('max_sessions')
      .where('account_id', '=', accountId)
      .where('public_id', '=', id)
      .executeTakeFirst()
    return key?.max_sessions ?? undefined
  },

  async remove(accountId, id) {
    const { numDeletedRows } = await db
      .deleteFrom('api_keys')
      .where('account_id', '=', accountId)
      .where('public_id', '=', id)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})

const columns = [
  'public_id',
  'name',
  'prefix',
  'scopes',
  'max_sessions',
  'created_at',
  sql<Date | null>`date_trunc('minute', last_used_at)`.as('last_used_at'),
  'expires_at',
] as const

type Row = Pick<StoredKey, 'name' | 'prefix' | 'scopes'> & {
  readonly public_id: string
  readonly max_sessions: number | null
  readonly created_at: Date
  readonly last_used_at: Date | null
  readonly expires_at: Date | null
}

const storedKey = ({ public_id, name, prefix, scopes, ...row }: Row): StoredKey => ({
  id: public_id,
  name,
  prefix,
  scopes,
  maxSessions: row.max_sessions ?? undefined,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at ?? undefined,
  expiresAt: row.expires_at ?? undefined,
})

const insert = async (db: Kysely<Tables>, accountId: string, key: NewKey): Promise<StoredKey> =>
  storedKey(
    await db
      .insertInto('api_keys')
      .values({
        account_id: accountId,
        name: key.name,
        prefix: key.prefix,
        hash: key.hash,
        scopes: key.scopes ?? ['admin'],
        max_sessions: key.maxSessions ?? null,
        expires_at:
          key.expiresInSeconds === undefined ? null : sql`now() + ${key.expiresInSeconds} * interval '1 second'`,
      })
      .returning(columns)
      .executeTakeFirstOrThrow(),
  )

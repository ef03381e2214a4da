// Agents in the database.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { AgentRecord, Agents } from './store.js'

const naiveUtc = (column: 'created_at' | 'updated_at') =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`

const times = [naiveUtc('created_at').as('createdAt'), naiveUtc('updated_at').as('updatedAt')] as const
const columns = ['id', 'document', 'secrets', ...times] as const

export const agents = (db: Kysely<Tables>): Agents => ({
  create: (accountId, id, { document, secrets }) =>
    db
      .insertInto('agents')
      .values({
        id,
        account_id: accountId,
        document: JSON.stringify(document),
        secrets: JSON.stringify(secrets),
      })
      .returning(columns)
      .executeTakeFirstOrThrow(),

  find: (accountId, id) => one(db, accountId, id).executeTakeFirst(),

  async list(accountId, { limit, after }) {
    const rows = await db
      .selectFrom('agents')
      .select(['position', 'id', ...times])
      .select(sql<string>`document ->> 'name'`.as('name'))
      .where('account_id', '=', accountId)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      // One more than asked for shows whether there is another page.
      .limit(limit + 1)
      .execute()
    const page = rows.slice(0, limit)
    return {
      agents: page.map(({ position: _, ...agent }) => agent),
      next: rows.length > limit ? page.at(-1)?.position : undefined,
    }
  },

  update: (accountId, id, change) =>
    db.transaction().execute(async (transaction): Promise<AgentRecord | undefined> => {
      const current = await one(transaction, accountId, id).forUpdate().executeTakeFirst()
      if (!current) return undefined
      const { document, secrets } = change(current)
      return transaction
        .updateTable('agents')
        .set({
          document: JSON.stringify(document),
          secrets: JSON.stringify(secrets),
          updated_at: sql`clock_timestamp()`,
        })
        .where('id', '=', id)
        .returning(columns)
        .executeTakeFirstOrThrow()
    }),

  async remove(accountId, id) {
    const { numDeletedRows } = await db
      .deleteFrom('agents')
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})

const one = (db: Kysely<Tables>, accountId: string, id: string) =>
  db.selectFrom('agents').select(columns).where('account_id', '=', accountId).where('id', '=', id)

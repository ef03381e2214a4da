// Agents in the database.
import { type Kysely, sql } from 'kysely'
import { pageOf } from './paging.js'
import type { Tables } from './schema.js'
import type { AgentContent, Agents, StoredAgent } from './store.js'

export const agents = (db: Kysely<Tables>): Agents => ({
  create: (accountId, id, content) => insert(db, accountId, id, content),

  find: (accountId, id) => one(db, accountId, id).executeTakeFirst(),

  async list(accountId, { limit, after }) {
    const rows = await db
      .selectFrom('agents')
      .select(['position', 'id', ...times])
      .select(sql<string>`document ->> 'name'`.as('name'))
      .where('account_id', '=', accountId)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute()
    const { page, next } = pageOf(rows, limit)
    return { agents: page.map(({ position: _, ...agent }) => agent), next }
  },

  update: (accountId, id, change) =>
    db.transaction().execute(async (transaction): Promise<StoredAgent | undefined> => {
      const current = await one(transaction, accountId, id).forUpdate().executeTakeFirst()
      if (!current) return undefined
      return transaction
        .updateTable('agents')
        .set({ ...columnsOf(change(current)), updated_at: sql`clock_timestamp()` })
        .where('id', '=', id)
        .returning(columns)
        .executeTakeFirstOrThrow()
    }),

  async accountOf(id) {
    const row = await db.selectFrom('agents').select('account_id').where('id', '=', id).executeTakeFirst()
    return row?.account_id
  },

  async remove(accountId, id) {
    const { numDeletedRows } = await db
      .deleteFrom('agents')
      .where('account_id', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})

const naiveUtc = (column: 'created_at' | 'updated_at') =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`

const times = [naiveUtc('created_at').as('createdAt'), naiveUtc('updated_at').as('updatedAt')] as const
const columns = ['id', 'document', 'secrets', ...times] as const

const columnsOf = ({ document, secrets }: AgentContent) => ({
  document: JSON.stringify(document),
  secrets: JSON.stringify(secrets),
})

const one = (db: Kysely<Tables>, accountId: string, id: string) =>
  db.selectFrom('agents').select(columns).where('account_id', '=', accountId).where('id', '=', id)

const insert = (db: Kysely<Tables>, accountId: string, id: string, content: AgentContent): Promise<StoredAgent> =>
  db
    .insertInto('agents')
    .values({ id, account_id: accountId, ...columnsOf(content) })
    .returning(columns)
    .executeTakeFirstOrThrow()

// Agents in the database.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { AgentContent, Agents, Creation, Idempotency, StoredAgent } from './store.js'

export const agents = (db: Kysely<Tables>): Agents => ({
  create: (accountId, id, content) => insert(db, accountId, id, content),

  createOnce: (accountId, id, content, idempotency) =>
    db.transaction().execute(async (transaction): Promise<Creation> => {
      await forgetOldKeys(transaction)
      if (!(await claim(transaction, accountId, idempotency))) return repeated(transaction, accountId, idempotency)
      const agent = await insert(transaction, accountId, id, content)
      const { secrets: _, ...response } = agent
      await transaction
        .updateTable('idempotency_keys')
        .set({ response: JSON.stringify(response) })
        .where('account_id', '=', accountId)
        .where('key', '=', idempotency.key)
        .execute()
      return { outcome: 'created', agent }
    }),

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

/** Whether the key was free. While another transaction holds it, this one waits to see what comes of that. */
async function claim(db: Kysely<Tables>, accountId: string, { key, fingerprint }: Idempotency): Promise<boolean> {
  const claimed = await db
    .insertInto('idempotency_keys')
    .values({ account_id: accountId, key, fingerprint, response: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst()
  return claimed !== undefined
}

async function repeated(db: Kysely<Tables>, accountId: string, { key, fingerprint }: Idempotency): Promise<Creation> {
  const first = await db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'response'])
    .where('account_id', '=', accountId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (Buffer.compare(first.fingerprint, fingerprint) !== 0) return { outcome: 'key_reused' }
  return { outcome: 'repeated', agent: { ...first.response, secrets: {} } }
}

/** A key is remembered for a day; a few that are older go with each new one. */
async function forgetOldKeys(db: Kysely<Tables>): Promise<void> {
  await sql`delete from idempotency_keys where (account_id, key) in
    (select account_id, key from idempotency_keys where created_at < now() - interval '1 day'
     limit 10 for update skip locked)`.execute(db)
}

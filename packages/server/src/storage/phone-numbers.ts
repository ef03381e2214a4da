// Telephone numbers in the database: whose each is, and which agent answers it.
import type { Kysely, Selectable } from 'kysely'
import { pageOf } from './paging.js'
import type { PhoneNumberTable } from './phone-tables.js'
import type { Tables } from './schema.js'
import type { AccountId, PageOf } from './store.js'

export interface StoredPhoneNumber {
  readonly number: string
  readonly id: string
  readonly accountId: AccountId
  readonly agentId: string | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface PhoneNumbers {
  /** The number becomes one of the account if it is nobody's yet. 'taken': another account has it. `id`: for a new one. */
  assign(
    accountId: AccountId,
    number: string,
    agentId: string,
    id: string,
    now: Date,
  ): Promise<StoredPhoneNumber | 'taken'>
  /** Nobody answers it any more. */
  unassign(accountId: AccountId, number: string, now: Date): Promise<StoredPhoneNumber | undefined>
  find(accountId: AccountId, number: string): Promise<StoredPhoneNumber | undefined>
  /** For the carrier, who belongs to no account. */
  whose(number: string): Promise<StoredPhoneNumber | undefined>
  list(
    accountId: AccountId,
    page: PageOf,
  ): Promise<{ readonly numbers: readonly StoredPhoneNumber[]; readonly next: string | undefined }>
  remove(accountId: AccountId, number: string): Promise<boolean>
}

export const phoneNumbers = (db: Kysely<Tables>): PhoneNumbers => ({
  async assign(accountId, number, agentId, id, now) {
    const row = await db
      .insertInto('phone_numbers')
      .values({ number, id, account_id: accountId, agent_id: agentId, created_at: now, updated_at: now })
      .onConflict((conflict) =>
        conflict
          .column('number')
          .doUpdateSet({ agent_id: agentId, updated_at: now })
          .where('phone_numbers.account_id', '=', accountId),
      )
      .returningAll()
      .executeTakeFirst()
    return row ? stored(row) : 'taken'
  },

  async unassign(accountId, number, now) {
    const row = await db
      .updateTable('phone_numbers')
      .set({ agent_id: null, updated_at: now })
      .where('account_id', '=', accountId)
      .where('number', '=', number)
      .returningAll()
      .executeTakeFirst()
    return row && stored(row)
  },

  async find(accountId, number) {
    const row = await one(db, number).where('account_id', '=', accountId).executeTakeFirst()
    return row && stored(row)
  },

  async whose(number) {
    const row = await one(db, number).executeTakeFirst()
    return row && stored(row)
  },

  async list(accountId, { limit, after }) {
    const rows = await db
      .selectFrom('phone_numbers')
      .selectAll()
      .where('account_id', '=', accountId)
      .$if(after !== undefined, (query) => query.where('position', '<', after!))
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute()
    const { page, next } = pageOf(rows, limit)
    return { numbers: page.map(stored), next }
  },

  async remove(accountId, number) {
    const { numDeletedRows } = await db
      .deleteFrom('phone_numbers')
      .where('account_id', '=', accountId)
      .where('number', '=', number)
      .executeTakeFirst()
    return numDeletedRows > 0n
  },
})

const one = (db: Kysely<Tables>, number: string) =>
  db.selectFrom('phone_numbers').selectAll().where('number', '=', number)

const stored = (row: Selectable<PhoneNumberTable>): StoredPhoneNumber => ({
  number: row.number,
  id: row.id,
  accountId: row.account_id,
  agentId: row.agent_id ?? undefined,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

// Requests with an idempotency key, and how the first of each was answered.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { AccountId } from './store.js'

/** What tells a repeated request from another: the key that its sender gave it, and what it asked for. */
export interface Idempotency {
  readonly key: string
  /** Sealed: it may be guessed from what it says. */
  readonly request: string
  /** Whether that is what an earlier request asked for, as it is stored. */
  isSame(request: string): boolean
}

/** What the request and the answer of a key are sealed for. */
export const repeatPlace = (accountId: AccountId, key: string): string => `idempotency.${accountId}.${key}`

/** An answer as it went out. `body` is sealed, for it may hold a secret. */
export interface KeptAnswer {
  readonly status: number
  readonly body: string
}

export type Claim =
  /** The request is the first of its key, and is to be answered by whoever has claimed it. */
  | { readonly outcome: 'first' }
  | { readonly outcome: 'answered'; readonly answer: KeptAnswer }
  | { readonly outcome: 'running' }
  /** The key stands for another request. */
  | { readonly outcome: 'other' }

/** Answers to requests with an idempotency key, kept for a day. */
export interface Repeats {
  /** Of any number of equal claims at once, one is the first. One that is not answered within a minute counts as given up. */
  claim(accountId: AccountId, request: Idempotency): Promise<Claim>
  answer(accountId: AccountId, key: string, answer: KeptAnswer): Promise<void>
  /** The request came to nothing: the key is free again. */
  release(accountId: AccountId, key: string): Promise<void>
}

export const repeats = (db: Kysely<Tables>): Repeats => ({
  async claim(accountId, repeated) {
    const { key, request } = repeated
    await forgetOld(db)
    const claimed = await db
      .insertInto('idempotency_keys')
      .values({ account_id: accountId, key, request, status: null, body: null })
      .onConflict((conflict) =>
        conflict
          .columns(['account_id', 'key'])
          .doUpdateSet({ request, status: null, body: null, created_at: sql`now()` })
          .where(isVoid),
      )
      .returning('key')
      .executeTakeFirst()
    return claimed ? { outcome: 'first' } : earlier(db, accountId, repeated)
  },

  async answer(accountId, key, { status, body }) {
    await db
      .updateTable('idempotency_keys')
      .set({ status, body })
      .where('account_id', '=', accountId)
      .where('key', '=', key)
      .execute()
  },

  async release(accountId, key) {
    await db.deleteFrom('idempotency_keys').where('account_id', '=', accountId).where('key', '=', key).execute()
  },
})

/** Too old to be answered again, or never answered: the server that had claimed it was stopped in the middle. */
const isVoid = sql<boolean>`(idempotency_keys.created_at < now() - interval '1 day'
  or idempotency_keys.status is null and idempotency_keys.created_at < now() - interval '1 minute')`

async function earlier(db: Kysely<Tables>, accountId: string, { key, isSame }: Idempotency): Promise<Claim> {
  const first = await db
    .selectFrom('idempotency_keys')
    .select(['request', 'status', 'body'])
    .where('account_id', '=', accountId)
    .where('key', '=', key)
    .executeTakeFirst()
  // released a moment ago: who asks again will be the first
  if (!first) return { outcome: 'running' }
  if (!isSame(first.request)) return { outcome: 'other' }
  if (first.status === null || first.body === null) return { outcome: 'running' }
  return { outcome: 'answered', answer: { status: first.status, body: first.body } }
}

/** A few that are older than a day go with each new one: more than one comes makes, so that they do not pile up. */
async function forgetOld(db: Kysely<Tables>): Promise<void> {
  await sql`delete from idempotency_keys where (account_id, key) in
    (select account_id, key from idempotency_keys where created_at < now() - interval '1 day'
     limit 10 for update skip locked)`.execute(db)
}

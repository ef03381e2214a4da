// A new API key: made of random bits, stored as its hash, and shown as it is this one time.
import type { CreatedKey, KeyCreate, KeyRecord } from '@parley/protocol'
import { hashOf, newApiKey, recognisablePart } from './secrets.js'
import { storeOf } from './storage/configured.js'
import { type AccountId, defaultAccountId, type Store, type StoredKey } from './storage/store.js'

export async function createKey(
  keys: Pick<Store['keys'], 'add'>,
  accountId: AccountId,
  { name, scopes, max_sessions, expires_in_seconds }: KeyCreate,
): Promise<CreatedKey> {
  const key = newApiKey()
  const stored = await keys.add(accountId, {
    name,
    scopes,
    hash: hashOf(key),
    prefix: recognisablePart(key),
    maxSessions: max_sessions ?? undefined,
    expiresInSeconds: expires_in_seconds ?? undefined,
  })
  return { ...keyRecord(stored), key }
}

/** The key as the REST interface shows it. */
export const keyRecord = (key: StoredKey): KeyRecord => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: [...key.scopes],
  max_sessions: key.maxSessions ?? null,
  created_at: key.createdAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  expires_at: key.expiresAt?.toISOString() ?? null,
})

/**
 * Makes a key in the database of the settings itself, which no server may be using if it is an embedded one.
 * Rejects with `FolderInUseError` when one does.
 */
export async function createKeyOffline(config: Parameters<typeof storeOf>[0], key: KeyCreate): Promise<CreatedKey> {
  const store = await storeOf(config)
  try {
    const accountId = key.account_id ?? defaultAccountId
    if (!(await store.accounts.exists(accountId))) throw new Error(`There is no account ${accountId}.`)
    return await createKey(store.keys, accountId, key)
  } finally {
    await store.close()
  }
}

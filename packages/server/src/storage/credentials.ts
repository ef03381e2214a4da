// Accounts, and what lets somebody in for one: API keys and temporary tokens, as a store keeps them.
import type { Scope } from '@parley/protocol'
import type { AccountId, Hash, PageOf } from './store.js'

// ── Accounts ──

export interface StoredAccount {
  readonly id: AccountId
  readonly name: string
  readonly createdAt: Date
}

export interface Accounts {
  create(id: AccountId, name: string): Promise<StoredAccount>
  exists(id: AccountId): Promise<boolean>
  list(page: PageOf): Promise<{ readonly accounts: readonly StoredAccount[]; readonly next: string | undefined }>
  /**
   * Removes the account with all that belongs to it; whether there was such an account. Files of its sessions are then to
   * be deleted as those of other deleted sessions are.
   */
  remove(id: AccountId): Promise<boolean>
}

// ── API keys ──

/** What a key allows whoever has it. */
export interface Grant {
  readonly keyId: string
  readonly accountId: AccountId
  readonly scopes: readonly Scope[]
  /** How many sessions may run at once by the key and its tokens. */
  readonly maxSessions: number | undefined
}

export interface StoredKey {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly Scope[]
  readonly maxSessions: number | undefined
  readonly createdAt: Date
  /** To the minute. */
  readonly lastUsedAt: Date | undefined
  readonly expiresAt: Date | undefined
}

export interface Keys {
  /** What the key with this hash allows, unless it has expired; notes, to the minute, that the key was used. */
  find(hash: Hash): Promise<Grant | undefined>
  /** Adds a key to the default account if no key exists anywhere, and says whether it did. Safe when several servers start at once. */
  addFirst(key: NewKey): Promise<boolean>
  add(accountId: AccountId, key: NewKey): Promise<StoredKey>
  list(
    accountId: AccountId,
    page: PageOf,
  ): Promise<{ readonly keys: readonly StoredKey[]; readonly next: string | undefined }>
  /** The most sessions of a key; undefined: as many as its account may have, or the key is gone. */
  maxSessionsOf(accountId: AccountId, id: string): Promise<number | undefined>
  /** Removes a key and the tokens that were made with it; whether there was such a key. */
  remove(accountId: AccountId, id: string): Promise<boolean>
}

export interface NewKey {
  readonly name: string
  readonly hash: Hash
  /** The first characters of the key, by which a person recognises it. */
  readonly prefix: string
  /** Without it: everything. */
  readonly scopes?: readonly Scope[]
  readonly maxSessions?: number | undefined
  readonly expiresInSeconds?: number | undefined
}

// ── Temporary tokens ──

export interface NewToken {
  readonly hash: Hash
  readonly accountId: AccountId
  /** The stored key that it is made with, whose limits it shares. */
  readonly keyId?: string | undefined
  readonly expiresInSeconds: number
  readonly sessionCapSeconds: number | undefined
}

export interface Redeemed extends Pick<Grant, 'accountId' | 'maxSessions'> {
  readonly keyId: string | undefined
  readonly sessionCapSeconds: number | undefined
}

export interface Tokens {
  issue(token: NewToken): Promise<{ readonly expiresAt: Date }>
  /** Marks the token as used, in one statement: of any number of calls at once only one succeeds, unless `reuse`. */
  redeem(hash: Hash, options: { readonly reuse: boolean }): Promise<Redeemed | undefined>
}

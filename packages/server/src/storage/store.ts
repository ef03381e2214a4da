// What a store is: a few small repositories over one PostgreSQL database.
import type { Scope } from '@parley/protocol'

/** All that is stored belongs to an account, and is found only through it. */
export type AccountId = string

/** The account that keys belong to as long as there is no other. */
export const defaultAccountId: AccountId = 'default'

export interface Store {
  /** Where the data lies, as a person reads it; holds no password. */
  readonly description: string
  readonly accounts: Accounts
  readonly keys: Keys
  readonly agents: Agents
  readonly tokens: Tokens
  readonly repeats: Repeats
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>
  /** Lets running queries finish, then frees everything. */
  close(): Promise<void>
}

/** A secret as it is stored: the SHA-256 of its text. */
export type Hash = Uint8Array

/** Which entries of a list, newest first. `after` is a `next` of an earlier page; `next` is undefined on the last one. */
export interface PageOf {
  readonly limit: number
  readonly after: string | undefined
}

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
  /** Removes the account with all that belongs to it; whether there was such an account. */
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

// ── Agents ──

export interface StoredAgent {
  readonly id: string
  /** The agent as the REST interface shows it, without id and times. */
  readonly document: Readonly<Record<string, unknown>>
  /** Its secrets, each sealed, by the place that they belong to. */
  readonly secrets: Readonly<Record<string, string>>
  /** UTC without a zone, to the microsecond: `2026-09-24T00:52:06.150269` (checklist 148). */
  readonly createdAt: string
  readonly updatedAt: string
}

export type AgentContent = Pick<StoredAgent, 'document' | 'secrets'>

export interface StoredAgentSummary extends Pick<StoredAgent, 'id' | 'createdAt' | 'updatedAt'> {
  readonly name: string
}

export interface Agents {
  create(accountId: AccountId, id: string, content: AgentContent): Promise<StoredAgent>
  find(accountId: AccountId, id: string): Promise<StoredAgent | undefined>
  list(
    accountId: AccountId,
    page: PageOf,
  ): Promise<{ readonly agents: readonly StoredAgentSummary[]; readonly next: string | undefined }>
  /** Replaces the content by what `change` makes of it; nobody else changes the agent meanwhile. What `change` throws is passed on. */
  update(
    accountId: AccountId,
    id: string,
    change: (current: StoredAgent) => AgentContent,
  ): Promise<StoredAgent | undefined>
  /** Whether there was such an agent. */
  remove(accountId: AccountId, id: string): Promise<boolean>
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

// ── Requests that are sent again ──

/** What tells a repeated request from another: the key that its sender gave it, and what it asked for. */
export interface Idempotency {
  readonly key: string
  readonly fingerprint: Hash
}

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

// API keys and the accounts that they belong to: what each may do, and how both are made and listed.
import { z } from 'zod'
import { NextPage } from './paging.js'

/** What a key may do. `admin` may do everything in its account, and is the only one that may manage keys. */
export const scopes = ['agents', 'sessions', 'tokens', 'calls', 'metrics', 'admin'] as const
export type Scope = (typeof scopes)[number]

const LONGEST_NAME = 256
const LONGEST_LIFE_SECONDS = 10 * 365 * 24 * 3600
const MOST_SESSIONS = 100_000

const name = (what: string) => z.string().trim().min(1).max(LONGEST_NAME).describe(what)
const time = (what: string) => z.iso.datetime().describe(`${what}, UTC.`)

const KeyId = z
  .string()
  .regex(/^key_[0-9a-f]{32}$/)
  .describe('The key: `key_` and 32 hexadecimal digits. It is not a secret.')
const AccountId = z
  .string()
  .regex(/^(default|acct_[0-9a-f]{32})$/)
  .describe('The account: `default`, or `acct_` and 32 hexadecimal digits.')

const Scopes = z
  .array(z.enum(scopes))
  .min(1)
  .transform((given) => scopes.filter((scope) => given.includes(scope)))

export const KeyCreate = z
  .object({
    name: name('What the key is for, in words by which its owner knows it again.'),
    scopes: Scopes.default(['agents', 'sessions', 'tokens', 'calls']).describe(
      'What the key may do: `agents` (stored agents), `sessions` (open sessions, read their history, and have it posted to webhooks), `tokens` (make tokens for browsers), `calls` (telephone calls), `metrics` (read `/metrics`; account `default` only), `admin` (everything, and manage keys). Without it: the first four.',
    ),
    max_sessions: z
      .number()
      .int()
      .min(1)
      .max(MOST_SESSIONS)
      .nullish()
      .describe(
        'How many sessions may run at once that were opened with the key or with its tokens. No limit if null.',
      ),
    expires_in_seconds: z
      .number()
      .int()
      .min(1)
      .max(LONGEST_LIFE_SECONDS)
      .nullish()
      .describe('After how many seconds the key stops to be accepted. Never, if null.'),
    account_id: AccountId.nullish().describe(
      'Whose key it is. Only `admin` keys of the account `default` may name another account than their own.',
    ),
  })
  .describe('A new API key.')
export type KeyCreate = z.infer<typeof KeyCreate>

export const KeyRecord = z
  .object({
    id: KeyId,
    name: z.string().describe('What the key is for.'),
    prefix: z.string().describe('The first characters of the key, by which its owner recognises it.'),
    scopes: z.array(z.enum(scopes)).describe('What the key may do.'),
    max_sessions: z.number().int().nullable().describe('How many sessions may run at once by it; null: no limit.'),
    created_at: time('When it was made'),
    last_used_at: time('When it was last used, to the minute').nullable(),
    expires_at: time('When it stops to be accepted').nullable(),
  })
  .describe('An API key, without its secret.')
export type KeyRecord = z.infer<typeof KeyRecord>

export const CreatedKey = KeyRecord.extend({
  key: z.string().describe('The key itself. It is shown here and never again: only its hash is stored.'),
}).describe('A new API key, with its secret.')
export type CreatedKey = z.infer<typeof CreatedKey>

export const AccountCreate = z.object({ name: name('Whose account it is.') }).describe('A new account.')
export type AccountCreate = z.infer<typeof AccountCreate>

export const AccountRecord = z
  .object({
    id: AccountId,
    name: z.string().describe('Whose account it is.'),
    created_at: time('When it was made'),
  })
  .describe('An account. What belongs to it is seen by no other.')
export type AccountRecord = z.infer<typeof AccountRecord>

export const KeyList = z
  .object({ keys: z.array(KeyRecord).describe('The keys, newest first.'), ...NextPage })
  .describe('A page of the API keys of the account.')
export type KeyList = z.infer<typeof KeyList>

export const AccountList = z
  .object({ accounts: z.array(AccountRecord).describe('The accounts, newest first.'), ...NextPage })
  .describe('A page of the accounts.')
export type AccountList = z.infer<typeof AccountList>

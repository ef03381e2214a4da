// How the database came to be as it is: one migration after the other, each run once.
import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import type { Tables } from './schema.js'
import { defaultAccountId } from './store.js'

const steps = (...statements: readonly string[]): Migration => ({
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db)
  },
})

/** In the order in which they run. One that was released is never changed; another is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts-keys-agents-tokens': steps(
    `create table accounts (
      id text primary key,
      name text not null,
      created_at timestamptz not null default now()
    )`,
    `insert into accounts (id, name) values ('${defaultAccountId}', 'Default')`,
    `create table api_keys (
      id bigint generated always as identity primary key,
      account_id text not null references accounts (id) on delete cascade,
      name text not null,
      prefix text not null,
      hash bytea not null unique,
      created_at timestamptz not null default now(),
      last_used_at timestamptz
    )`,
    `create table agents (
      position bigint generated always as identity unique,
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      document jsonb not null,
      secrets jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`,
    'create index agents_newest_first on agents (account_id, position desc)',
    `create table idempotency_keys (
      account_id text not null references accounts (id) on delete cascade,
      key text not null,
      fingerprint bytea not null,
      response jsonb not null,
      created_at timestamptz not null default now(),
      primary key (account_id, key)
    )`,
    'create index idempotency_keys_by_age on idempotency_keys (created_at)',
    `create table tokens (
      hash bytea primary key,
      account_id text not null references accounts (id) on delete cascade,
      expires_at timestamptz not null,
      session_cap_seconds integer,
      created_at timestamptz not null default now(),
      used_at timestamptz
    )`,
    'create index tokens_by_expiry on tokens (expires_at)',
  ),
  // `config` is json, which is kept as it was written: jsonb refuses characters that people may well send.
  '0002-sessions': steps(
    `create table sessions (
      position bigint generated always as identity unique,
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      agent_id text,
      status text not null check (status in ('created', 'completed')),
      close_reason text,
      duration_seconds double precision,
      config json,
      artifacts jsonb not null default '[]',
      retention_days integer,
      created_at timestamptz not null,
      seen_at timestamptz not null,
      ended_at timestamptz,
      deleted_at timestamptz
    )`,
    'create index sessions_newest_first on sessions (account_id, position desc) where deleted_at is null',
    'create index sessions_of_agents on sessions (account_id, agent_id, position desc) where deleted_at is null',
    "create index sessions_open on sessions (seen_at) where status = 'created'",
    "create index sessions_open_of_accounts on sessions (account_id, position desc) where status = 'created' and deleted_at is null",
    'create index sessions_by_end on sessions (ended_at) where deleted_at is null',
    'create index sessions_deleted on sessions (deleted_at) where deleted_at is not null',
    "create index sessions_to_clear on sessions (deleted_at) where deleted_at is not null and artifacts <> '[]'",
  ),
  // `state` is json for the same reason.
  '0003-conversations': steps(
    `create table conversation_holders (
      id text primary key,
      alive_at timestamptz not null default now()
    )`,
    `create table conversations (
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      agent_id text,
      holder text not null,
      token_hash bytea,
      state json,
      expires_at timestamptz not null,
      updated_at timestamptz not null default now()
    )`,
    'create index conversations_by_token on conversations (token_hash)',
    'create index conversations_by_age on conversations (updated_at)',
  ),
  '0004-webhooks': steps(
    `create table webhook_subscriptions (
      position bigint generated always as identity unique,
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      session_id text,
      agent_id text,
      url text not null,
      events text[] not null,
      enabled boolean not null default true,
      secret text,
      secret_version integer not null default 1,
      former_secret text,
      former_until timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`,
    `create index webhook_subscriptions_newest_first
      on webhook_subscriptions (account_id, position desc) where session_id is null`,
    // one webhook for each session that brings its own; two subscriptions of an account differ in something
    'create unique index webhook_of_session on webhook_subscriptions (session_id) where session_id is not null',
    `create unique index webhook_subscriptions_once
      on webhook_subscriptions (account_id, url, events, coalesce(agent_id, '')) where session_id is null`,
    `create table webhook_deliveries (
      position bigint generated always as identity unique,
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      subscription_id text not null,
      inline boolean not null,
      session_id text not null,
      event text not null,
      event_id text not null,
      body text not null,
      redelivery boolean not null default false,
      status text not null default 'pending',
      attempt_count integer not null default 0,
      http_status_code integer,
      error text,
      delivered_at timestamptz,
      due_at timestamptz,
      created_at timestamptz not null
    )`,
    'create unique index webhook_deliveries_once on webhook_deliveries (event_id, subscription_id) where not redelivery',
    'create index webhook_deliveries_of_session on webhook_deliveries (account_id, session_id, position desc)',
    "create index webhook_deliveries_due on webhook_deliveries (due_at) where status = 'pending'",
    'create index webhook_deliveries_of_subscription on webhook_deliveries (subscription_id)',
    'create index webhook_deliveries_by_age on webhook_deliveries (created_at)',
  ),
  '0005-keys-and-limits': steps(
    'alter table accounts add column position bigint generated always as identity unique',
    `alter table api_keys
      add column public_id text not null unique default 'key_' || replace(gen_random_uuid()::text, '-', ''),
      add column scopes text[] not null default array['admin'],
      add column max_sessions integer,
      add column expires_at timestamptz`,
    'create index api_keys_newest_first on api_keys (account_id, id desc)',
    'alter table tokens add column key_id text references api_keys (public_id) on delete cascade',
    'create index tokens_by_key on tokens (key_id)',
    'alter table conversations add column key_id text',
    // a row outlives its account until its files are deleted, too
    'alter table sessions drop constraint sessions_account_id_fkey',
    // what was kept has another form, and serves for a day at most
    'delete from idempotency_keys',
    'alter table idempotency_keys drop column response, add column status integer, add column body text',
  ),
  '0006-sealed-requests': steps(
    'delete from idempotency_keys',
    'alter table idempotency_keys drop column fingerprint, add column request text not null',
  ),
  '0007-phone': steps(
    `create table calls (
      position bigint generated always as identity unique,
      id text primary key,
      account_id text not null references accounts (id) on delete cascade,
      key_id text,
      agent_id text not null,
      carrier text not null,
      carrier_call_id text,
      direction text not null,
      status text not null,
      line text not null,
      leg integer not null,
      reason text,
      from_number text not null,
      to_number text not null,
      variables json not null,
      greeting text,
      session_id text,
      transfer text,
      is_machine boolean not null default false,
      ticket_hash bytea unique,
      ticket_until timestamptz,
      message json,
      created_at timestamptz not null,
      answered_at timestamptz,
      ended_at timestamptz,
      seen_at timestamptz not null
    )`,
    'create index calls_newest_first on calls (account_id, position desc)',
    'create unique index calls_once on calls (carrier, carrier_call_id) where carrier_call_id is not null',
    "create index calls_open on calls (line, seen_at) where status in ('dialing', 'active')",
    "create index calls_made on calls (created_at) where direction = 'outbound'",
    'create index calls_by_end on calls (ended_at)',
    `create table phone_numbers (
      position bigint generated always as identity unique,
      number text primary key,
      id text not null unique,
      account_id text not null references accounts (id) on delete cascade,
      agent_id text references agents (id) on delete set null,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`,
    'create index phone_numbers_newest_first on phone_numbers (account_id, position desc)',
  ),
}

const MIGRATION_TABLE = 'parley_migrations'
const MIGRATION_LOCK_TABLE = 'parley_migrations_lock'

/** The database was made by a newer version; this one must leave it alone. */
export class NewerDatabaseError extends Error {
  override readonly name = 'NewerDatabaseError'
}

/** Whether the database has the present form. Throws a `NewerDatabaseError` when it has a later one. */
export async function isMigrated(db: Kysely<Tables>, known = migrations): Promise<boolean> {
  const names = await migrationsIn(db)
  refuseNewer(names, known)
  return Object.keys(known).every((name) => names.includes(name))
}

/**
 * Brings the database to the present form. Several servers may do so at once: they wait for each other.
 * All missing migrations run in one transaction, so that a failure leaves nothing half done.
 */
export async function migrate(db: Kysely<Tables>, known = migrations): Promise<void> {
  // the migrator first looks at every table of the database, at each start
  if (await isMigrated(db, known)) return
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...known }) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: MIGRATION_LOCK_TABLE,
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

/** The names of those that have run. */
async function migrationsIn(db: Kysely<Tables>): Promise<readonly string[]> {
  const { rows: tables } = await sql<{
    there: boolean
  }>`select to_regclass(${MIGRATION_TABLE}) is not null as there`.execute(db)
  if (!tables[0]?.there) return []
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)} order by name`.execute(db)
  return rows.map(({ name }) => name)
}

function refuseNewer(names: readonly string[], known: typeof migrations): void {
  const unknown = names.filter((name) => !(name in known))
  if (unknown.length === 0) return
  throw new NewerDatabaseError(
    `The database was made by a newer version of Parley (it has ${unknown.join(', ')}, which this version does not know). ` +
      'Start that version or a later one, or use another database.',
  )
}

// Opens the store that the settings ask for: one code path, with a PostgreSQL server or an embedded one behind it.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { accounts } from './accounts.js'
import { agents } from './agents.js'
import { calls } from './calls.js'
import { conversations } from './conversations.js'
import { EmbeddedDatabase } from './embedded.js'
import { lockFolder } from './folder-lock.js'
import { keys } from './keys.js'
import { isMigrated, migrate } from './migrations.js'
import { patientPool } from './patience.js'
import { phoneNumbers } from './phone-numbers.js'
import { repeats } from './repeats.js'
import type { Tables } from './schema.js'
import { sealedSecrets } from './sealed-secrets.js'
import { sessions } from './sessions.js'
import type { Store } from './store.js'
import { template } from './template.js'
import { tokens } from './tokens.js'
import { deliveries } from './webhook-deliveries.js'
import { webhooks } from './webhooks.js'

/** Where the data is to be: on a server, in a folder of this machine, or in memory until the store is closed. */
export type Place = { readonly url: string } | { readonly dataDir: string } | 'memory'

/** A database, whichever it is, with what closes it. */
export interface OpenDatabase {
  readonly db: Kysely<Tables>
  /** The same for work that may take as long as it needs. */
  atLeisure<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>
  readonly description: string
  /** Made just now, and that of a template. */
  readonly isCopied: boolean
  close(): Promise<void>
}

export interface OpenOptions {
  /** What befell a connection that nobody was using; the next query makes a new one. */
  readonly onConnectionLost?: (error: Error) => void
  /** How long a database server may take to answer, in ms. The embedded one shares the fate of this process. */
  readonly answerWithinMs?: number
}

const ANSWER_WITHIN_MS = 10_000
const CONNECT_WITHIN_MS = 10_000

/**
 * Opens the store and brings it to the present form. Rejects when the folder is in use (`FolderInUseError`), when the
 * database is of a later version (`NewerDatabaseError`), or when there is none to be reached (`DatabaseAwayError`, which
 * each method of the store rejects with when the database is away or silent).
 */
export async function openStore(place: Place, options: OpenOptions = {}): Promise<Store> {
  return storeOn(await openDatabase(place, options))
}

/** The store on a database that is open; closing the one closes the other. */
export async function storeOn({ db, atLeisure, description, isCopied, close }: OpenDatabase): Promise<Store> {
  try {
    if (!(await isMigrated(db))) await atLeisure(migrate)
    // the default account is as old as the store, not as the template
    if (isCopied) await sql`update accounts set created_at = now()`.execute(db)
  } catch (error) {
    await close()
    throw error
  }
  return {
    description,
    accounts: accounts(db),
    keys: keys(db),
    agents: agents(db),
    tokens: tokens(db),
    repeats: repeats(db),
    sealed: sealedSecrets(db),
    sessions: sessions(db),
    webhooks: webhooks(db),
    deliveries: deliveries(db),
    conversations: conversations(db),
    calls: calls(db),
    phoneNumbers: phoneNumbers(db),
    async ping() {
      await sql`select 1`.execute(db)
    },
    close,
  }
}

/** Where the embedded database of a data folder is. */
export const databaseFolder = (dataDir: string): string => join(resolve(dataDir), 'database')

/** The database alone, as it is found. */
export async function openDatabase(place: Place, options: OpenOptions = {}): Promise<OpenDatabase> {
  if (place !== 'memory' && 'url' in place) return openServer(place.url, options)
  if (place === 'memory') return openEmbedded(new EmbeddedDatabase(undefined), 'in memory', true, options)
  const unlock = lockFolder(place.dataDir)
  const folder = databaseFolder(place.dataDir)
  const isNew = !existsSync(folder)
  try {
    const opened = await openEmbedded(new EmbeddedDatabase(folder), `embedded PostgreSQL in ${folder}`, isNew, options)
    return { ...opened, close: () => opened.close().finally(unlock) }
  } catch (error) {
    unlock()
    throw error
  }
}

function openServer(url: string, { onConnectionLost, answerWithinMs = ANSWER_WITHIN_MS }: OpenOptions): OpenDatabase {
  const { hostname, port, pathname } = new URL(url)
  const pooled = (more: pg.PoolConfig): Kysely<Tables> =>
    kysely(
      new pg.Pool({
        connectionString: url,
        connectionTimeoutMillis: Math.min(CONNECT_WITHIN_MS, answerWithinMs),
        // what stands between may forget a connection on which nothing is said
        keepAlive: true,
        application_name: 'parley',
        ...more,
      }),
      onConnectionLost,
    )
  // PostgreSQL's own `statement_timeout` would be asked for as the connection opens, which PgBouncer refuses
  const db = pooled({ max: 10, query_timeout: answerWithinMs })
  return {
    db,
    async atLeisure(work) {
      const unhurried = pooled({ max: 2 })
      return work(unhurried).finally(() => unhurried.destroy())
    },
    description: `PostgreSQL at ${hostname || 'localhost'}${port ? `:${port}` : ''}${pathname}`,
    isCopied: false,
    close: () => db.destroy(),
  }
}

async function openEmbedded(
  embedded: EmbeddedDatabase,
  description: string,
  isNew: boolean,
  { onConnectionLost }: OpenOptions,
): Promise<OpenDatabase> {
  await embedded.running()
  const pool = new pg.Pool({
    // There is one session; whoever wants it while it is taken waits. It is never given up for being idle.
    max: 1,
    idleTimeoutMillis: 0,
    stream: () => embedded.connection(),
    user: 'postgres',
    database: 'postgres',
    ssl: false,
  })
  const db = kysely(pool, onConnectionLost)
  const isCopied = isNew && template() !== undefined
  return {
    db,
    atLeisure: (work) => work(db),
    description,
    isCopied,
    close: () => db.destroy().finally(() => embedded.close()),
  }
}

function kysely(pool: pg.Pool, onConnectionLost: (error: Error) => void = () => {}): Kysely<Tables> {
  // A connection may break while a query holds it, when the pool does not listen to it; unheard, that would end the process.
  pool.on('connect', (client) => void client.on('error', onConnectionLost))
  pool.on('error', () => {})
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: patientPool(pool) }) })
}

// Every sealed secret in the database, wherever it stands, so that all can be sealed anew.
import { type Kysely, sql } from 'kysely'
import { repeatPlace } from './repeats.js'
import type { Tables } from './schema.js'
import type { SealedSecrets } from './store.js'
import { webhookSecretPlace } from './webhook-tables.js'

/** A column that holds sealed secrets. Whoever adds one to a table adds it here, and a test of the rotation to theirs. */
interface SealedColumn {
  readonly table: string
  /** The columns of the primary key, all of them text. */
  readonly id: readonly string[]
  readonly column: string
  /** `map`: a JSON object of envelopes by name. `text`: one envelope, or null. */
  readonly holds: 'map' | 'text'
  /** The place that the secret was sealed for; `name` is that in the map, else the column's. */
  place(id: readonly string[], name: string): string
}

const sealedColumns: readonly SealedColumn[] = [
  { table: 'agents', id: ['id'], column: 'secrets', holds: 'map', place: ([id], name) => `${id}.${name}` },
  ...(['secret', 'former_secret'] as const).map(
    (column): SealedColumn => ({
      ...{ table: 'webhook_subscriptions', id: ['id'], column, holds: 'text' },
      place: ([id = '']) => webhookSecretPlace(id),
    }),
  ),
  ...(['request', 'body'] as const).map(
    (column): SealedColumn => ({
      ...{ table: 'idempotency_keys', id: ['account_id', 'key'], column, holds: 'text' },
      place: ([accountId = '', key = '']) => repeatPlace(accountId, key),
    }),
  ),
]

const ROWS_AT_ONCE = 100

export const sealedSecrets = (db: Kysely<Tables>): SealedSecrets => ({
  async each(change) {
    for (const column of sealedColumns) {
      let after: Progress = 'begin'
      while (after !== 'done') after = await someRows(db, column, after, change)
    }
  },
})

type Change = Parameters<SealedSecrets['each']>[0]
/** The primary key of the last row that was looked at. */
type Progress = 'begin' | 'done' | readonly string[]

/** The next rows behind `after`, in one transaction. */
function someRows(db: Kysely<Tables>, column: SealedColumn, after: Progress, change: Change): Promise<Progress> {
  const [table, content] = [sql.table(column.table), sql.ref(column.column)]
  const id = sql.join(column.id.map((name) => sql.ref(name)))
  const isBehind = Array.isArray(after) ? sql`(${id}) > (${sql.join(after)})` : sql`true`
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<Row>`
      select array[${id}] as id, ${content} as content from ${table}
      where ${isBehind} and ${content} is not null
      order by ${id} limit ${ROWS_AT_ONCE} for update`.execute(transaction)
    for (const row of rows) {
      const changed = column.holds === 'map' ? changedMap(row, column, change) : changedText(row, column, change)
      if (changed === undefined) continue
      await sql`update ${table} set ${content} = ${changed} where (${id}) = (${sql.join(row.id)})`.execute(transaction)
    }
    return rows.length < ROWS_AT_ONCE ? 'done' : rows.at(-1)!.id
  })
}

interface Row {
  readonly id: readonly string[]
  readonly content: unknown
}

/** The column with what has changed in it; undefined when nothing has. */
function changedMap({ id, content }: Row, { table, place }: SealedColumn, change: Change): string | undefined {
  const before = Object.entries(content ?? {})
  const changes = before.flatMap(([name, envelope]) => {
    const changed = change({ envelope: String(envelope), place: place(id, name), where: `${table} ${id.join(' ')}` })
    return changed === undefined ? [] : [[name, changed] as const]
  })
  return changes.length === 0 ? undefined : JSON.stringify(Object.fromEntries([...before, ...changes]))
}

const changedText = (
  { id, content }: Row,
  { table, column, place }: SealedColumn,
  change: Change,
): string | undefined =>
  change({ envelope: String(content), place: place(id, column), where: `${table} ${id.join(' ')}` })

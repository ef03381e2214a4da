// Every sealed secret in the database, wherever it stands, so that all can be sealed anew.
import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.js'
import type { SealedSecrets } from './store.js'
import { webhookSecretPlace } from './webhook-tables.js'

/** A column that holds sealed secrets. Whoever adds one to a table adds it here, and a test of the rotation to theirs. */
interface SealedColumn {
  readonly table: string
  /** The primary key. */
  readonly id: string
  readonly column: string
  /** `map`: a JSON object of envelopes by name. `text`: one envelope, or null. */
  readonly holds: 'map' | 'text'
  /** The place that the secret was sealed for; `name` is that in the map, else the column's. */
  place(id: string, name: string): string
}

const sealedColumns: readonly SealedColumn[] = [
  { table: 'agents', id: 'id', column: 'secrets', holds: 'map', place: (id, name) => `${id}.${name}` },
  { table: 'webhook_subscriptions', id: 'id', column: 'secret', holds: 'text', place: webhookSecretPlace },
  { table: 'webhook_subscriptions', id: 'id', column: 'former_secret', holds: 'text', place: webhookSecretPlace },
]

const ROWS_AT_ONCE = 100

export const sealedSecrets = (db: Kysely<Tables>): SealedSecrets => ({
  async each(change) {
    for (const column of sealedColumns) {
      let after: string | undefined = ''
      while (after !== undefined) after = await someRows(db, column, after, change)
    }
  },
})

type Change = Parameters<SealedSecrets['each']>[0]

/** The next rows behind `after`, in one transaction. Returns the last id, or undefined when there are no more. */
function someRows(
  db: Kysely<Tables>,
  column: SealedColumn,
  after: string,
  change: Change,
): Promise<string | undefined> {
  const [table, id, content] = [sql.table(column.table), sql.ref(column.id), sql.ref(column.column)]
  return db.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string; content: unknown }>`
      select ${id}::text as id, ${content} as content from ${table}
      where ${id}::text > ${after} and ${content} is not null
      order by ${id}::text limit ${ROWS_AT_ONCE} for update`.execute(transaction)
    for (const row of rows) {
      const changed = column.holds === 'map' ? changedMap(row, column, change) : changedText(row, column, change)
      if (changed === undefined) continue
      await sql`update ${table} set ${content} = ${changed} where ${id}::text = ${row.id}`.execute(transaction)
    }
    return rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1)?.id
  })
}

interface Row {
  readonly id: string
  readonly content: unknown
}

/** The column with what has changed in it; undefined when nothing has. */
function changedMap({ id, content }: Row, { table, place }: SealedColumn, change: Change): string | undefined {
  const before = Object.entries(content ?? {})
  const changes = before.flatMap(([name, envelope]) => {
    const changed = change({ envelope: String(envelope), place: place(id, name), where: `${table} ${id}` })
    return changed === undefined ? [] : [[name, changed] as const]
  })
  return changes.length === 0 ? undefined : JSON.stringify(Object.fromEntries([...before, ...changes]))
}

const changedText = (
  { id, content }: Row,
  { table, column, place }: SealedColumn,
  change: Change,
): string | undefined => change({ envelope: String(content), place: place(id, column), where: `${table} ${id}` })

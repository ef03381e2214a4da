// A pool whose queries are answered in time: a connection that falls silent, or breaks, is given up and told apart from a fault.
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'

/** The database cannot be reached, or does not answer; what was asked may have been done all the same. Nothing is wrong with the question. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError'
  /** Of the system or of PostgreSQL, where there is one. */
  readonly code: string | undefined

  constructor(cause: Error) {
    super(cause.message, { cause })
    this.code = codeOf(cause)
  }
}

/** The driver may go on waiting for the answer on a connection that has had its time; nobody else may be given that one. */
export const patientPool = (pool: pg.Pool): PostgresPool => ({
  async connect(): Promise<PostgresPoolClient> {
    const client = await pool.connect().catch((error: Error) => {
      throw new DatabaseAwayError(error)
    })
    let lost: DatabaseAwayError | undefined
    const query = async (sql: string, parameters: readonly unknown[]) => {
      // a rollback would wait as long again for what has gone
      if (lost) throw lost
      try {
        return await client.query(sql, [...parameters])
      } catch (error) {
        if (!isOfConnection(error)) throw error
        lost = new DatabaseAwayError(error)
        throw lost
      }
    }
    return {
      // True: cursors, the other form of a query, are for streams, of which there are none.
      query: query as unknown as PostgresPoolClient['query'],
      release: () => client.release(lost !== undefined),
    }
  },
  end: () => pool.end(),
})

/** Classes of PostgreSQL's own codes: the connection failed; an operator, or a crash, ended it. */
const ENDED_BY_SERVER = /^(08|57P0)/

/** What PostgreSQL says of a query comes over a connection that works; all else comes of the connection. */
function isOfConnection(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false
  return !(error instanceof pg.DatabaseError) || ENDED_BY_SERVER.test(error.code ?? '')
}

const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' ? error.code : undefined

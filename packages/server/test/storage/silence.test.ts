// A PostgreSQL server that is cut off without a sign: what is sent to it vanishes, and no connection is reset.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { sql } from 'kysely'
import { type OpenDatabase, openDatabase } from '../../dist/storage/open.js'
import { DatabaseAwayError } from '../../dist/storage/patience.js'
import { type FaultyLink, startProxy } from '../faults/proxy.js'
import { type PostgresServer, startPostgres } from './postgres.js'

const ANSWER_WITHIN_MS = 1_500
/** A good deal more than one limit, and less than two. */
const ONCE_MS = 2_900
const away = { name: 'DatabaseAwayError' }

let server: PostgresServer | string
let link: FaultyLink
let database: OpenDatabase
before(async () => {
  server = await startPostgres()
  if (typeof server === 'string') return
  const url = new URL(await server.createDatabase())
  link = await startProxy(Number(url.port), 1)
  url.port = String(link.port)
  database = await openDatabase({ url: url.href }, { answerWithinMs: ANSWER_WITHIN_MS })
})
after(async () => {
  if (typeof server === 'string') return
  await database.close()
  await link.close()
  await server.stop()
})
beforeEach(() => {
  if (link) link.fault = { is: 'none' }
})

const one = async () => (await sql<{ one: number }>`select 1 as one`.execute(database.db)).rows[0]?.one

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

describe('a database that has fallen silent', () => {
  const check = (name: string, run: () => Promise<void>) =>
    it(name, async (t) => {
      if (typeof server === 'string') return t.skip(server)
      await run()
    })

  check(
    'fails the queries that wait for it, on open connections and on new ones, and serves those that come later',
    async () => {
      assert.equal(await one(), 1)
      link.fault = { is: 'silence' }
      // one connection is open: the others have to be made
      await Promise.all(Array.from({ length: 3 }, () => assert.rejects(one, away)))
      link.fault = { is: 'none' }
      assert.equal(await one(), 1)
    },
  )

  check('holds a transaction up once, not for each of its parts', async () => {
    await one()
    const took = await timed(async () => {
      const transaction = database.db.transaction().execute(async (within) => {
        await sql`select 1`.execute(within)
        link.fault = { is: 'silence' }
        await sql`select 2`.execute(within)
      })
      await assert.rejects(transaction, away)
    })
    assert.ok(took < ONCE_MS, `${Math.round(took)} ms`)
  })

  check('gives a connection on which an answer is overdue to nobody else', async () => {
    assert.equal(await one(), 1)
    await assert.rejects(sql`select pg_sleep(60)`.execute(database.db), away)
    assert.equal(await one(), 1)
  })

  check('has all the time that it needs for work that is in no hurry', async () => {
    await database.atLeisure((db) => sql`select pg_sleep(2)`.execute(db))
  })

  check('is told apart from a question that is wrong', async () => {
    const wrong = await sql`select nothing from nowhere`.execute(database.db).catch((error: unknown) => error)
    assert.ok(wrong instanceof Error && !(wrong instanceof DatabaseAwayError))
  })
})

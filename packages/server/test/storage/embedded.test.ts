// The embedded PostgreSQL: it really writes to the disk, and comes back when its thread dies.
import assert from 'node:assert/strict'
import fs, { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { DurableFolder, durableStartParameters } from '../../dist/storage/durable-folder.js'
import { EmbeddedDatabase } from '../../dist/storage/embedded.js'
import { template } from '../../dist/storage/template.js'

const temporaryFolder = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-embedded-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const clientOf = (database: EmbeddedDatabase) =>
  new pg.Client({ stream: () => database.connection(), user: 'postgres', database: 'postgres', ssl: false })

it('a committed row is on the disk before its writer is told', async (t) => {
  const folder = temporaryFolder(t)
  const synced: string[] = []
  t.mock.method(fs, 'fsyncSync', (descriptor: number) => {
    synced.push(fs.readlinkSync(`/proc/self/fd/${descriptor}`))
  })
  if (!fs.existsSync('/proc/self/fd')) return t.skip('the names of open files can be read only on Linux')
  const prepared = template()
  if (prepared) fs.cpSync(prepared.folder, folder, { recursive: true })
  const database = await PGlite.create({ fs: new DurableFolder(folder), startParams: durableStartParameters })
  await database.exec('create table kept (a int)')
  for (let row = 0; row < 3; row++) {
    synced.length = 0
    await database.query('insert into kept values ($1)', [row])
    assert.equal(synced.filter((path) => path.includes('/pg_wal/')).length, 1)
  }
  synced.length = 0
  await database.exec('checkpoint')
  assert.ok(
    synced.some((path) => path.includes('/base/')),
    'the rows themselves',
  )
  assert.ok(
    synced.some((path) => path.includes('/pg_control')),
    'where recovery begins',
  )
  await database.close()
})

it('a thread that dies is started again, and recovers what was written', async (t) => {
  const database = new EmbeddedDatabase(join(temporaryFolder(t), 'database'))
  const first = clientOf(database)
  const lost = new Promise((resolve) => first.on('error', resolve))
  await first.connect()
  await first.query('create table kept (a int)')
  await first.query('insert into kept values (1)')
  const hanging = first.query('select pg_sleep(60)')
  await (await database.running()).terminate()
  await assert.rejects(hanging, /The embedded database has stopped\. The next query starts it again\./)
  await lost
  const second = clientOf(database)
  await second.connect()
  assert.deepEqual((await second.query('select a from kept')).rows, [{ a: 1 }])
  await second.end()
  await database.close()
})

it('a client that goes in the middle of a transaction leaves nothing open for the next', async () => {
  const database = new EmbeddedDatabase(undefined)
  const first = clientOf(database)
  await first.connect()
  await first.query('create table half_done (a int)')
  await first.query('begin')
  await first.query('insert into half_done values (1)')
  await first.end()
  const second = clientOf(database)
  await second.connect()
  assert.deepEqual((await second.query('select a from half_done')).rows, [])
  await second.end()
  await database.close()
})

it('nothing is answered once it is closed', async () => {
  const database = new EmbeddedDatabase(undefined)
  await database.close()
  await assert.rejects(clientOf(database).connect(), /The embedded database is closed/)
})

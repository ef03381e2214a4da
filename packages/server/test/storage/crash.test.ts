// What was acknowledged survives the sudden death of the server, and the dead keep nobody out.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openStore, type Place } from '../../dist/storage/open.js'
import { defaultAccountId } from '../../dist/storage/store.js'
import { startPostgres } from './postgres.js'

const ROUNDS = 3
const WRITES_PER_ROUND = 25

/** Runs a writer until it has told of some writes, kills it at once, and gives the ids that it told of. */
async function writeAndKill(place: Place): Promise<string[]> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'writer.js'), JSON.stringify(place)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  const lines = () => told.split('\n').slice(0, -1)
  for await (const data of writer.stdout) {
    told += data
    if (lines().length >= WRITES_PER_ROUND) writer.kill('SIGKILL')
  }
  assert.equal(
    writer.signalCode ?? (await new Promise((resolve) => writer.once('exit', (_, signal) => resolve(signal)))),
    'SIGKILL',
  )
  return lines()
}

async function survives(place: Place): Promise<void> {
  const told: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    told.push(...(await writeAndKill(place)))
    const store = await openStore(place)
    for (const id of told) assert.equal((await store.agents.find(defaultAccountId, id))?.document.changed, true, id)
    await store.close()
  }
  assert.ok(told.length >= ROUNDS * WRITES_PER_ROUND)
}

const temporaryFolder = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-crash-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('a server that is killed', () => {
  it('has lost nothing that it acknowledged, in its folder, and its lock holds nobody up', async (t) => {
    await survives({ dataDir: temporaryFolder(t) })
  })

  it('has lost nothing that it acknowledged, on a PostgreSQL server', async (t) => {
    const server = await startPostgres()
    if (typeof server === 'string') return t.skip(server)
    t.after(() => server.stop())
    await survives({ url: await server.createDatabase() })
  })

  it('while it makes its database leaves nothing that the next start stumbles over', async (t) => {
    const dataDir = temporaryFolder(t)
    mkdirSync(join(dataDir, 'database.unfinished'))
    writeFileSync(join(dataDir, 'database.unfinished', 'PG_VERSION'), '18\n')
    const store = await openStore({ dataDir })
    await store.ping()
    await store.close()
    assert.deepEqual(readdirSync(dataDir), ['database'])
    assert.equal(existsSync(join(dataDir, 'database', 'PG_VERSION')), true)
  })
})

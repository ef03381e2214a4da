// `parley secrets rotate`, on a data folder as a server leaves it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addKey, secretBoxOf, secretKeysFrom } from '../../dist/secret-keys.js'
import { keyIdIn, keyIdOf, SecretBox } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId } from '../../dist/storage/store.js'
import { parleyHere } from './parley.js'

const PLACE = 'llm.0.api_key'
const textOf = (id: string) => `key of ${id}`
const hex = (key: Uint8Array) => Buffer.from(key).toString('hex')

function folder(t: { after(run: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-rotate-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Stores agents, each with a secret sealed by `box`. */
async function fill(dataDir: string, ids: readonly string[], box: SecretBox): Promise<void> {
  const store = await openStore({ dataDir })
  for (const id of ids)
    await store.agents.create(defaultAccountId, id, {
      document: { name: id },
      secrets: { [PLACE]: box.seal(textOf(id), `${id}.${PLACE}`) },
    })
  await store.close()
}

/** The ids of the keys in use, once every secret was seen to open. */
async function keysInUse(dataDir: string, ids: readonly string[], box: SecretBox): Promise<ReadonlySet<string>> {
  const store = await openStore({ dataDir })
  const used = new Set<string>()
  for (const id of ids) {
    const envelope = (await store.agents.find(defaultAccountId, id))!.secrets[PLACE]!
    assert.equal(box.open(envelope, `${id}.${PLACE}`), textOf(id))
    used.add(keyIdIn(envelope)!)
  }
  await store.close()
  return used
}

test('a new key is made in the data folder, every secret is sealed with it, and the old one can be forgotten', async (t) => {
  const dataDir = folder(t)
  const environment = { PARLEY_DATA_DIR: dataDir }
  const ids = ['agent_a', 'agent_b']
  await fill(dataDir, ids, secretBoxOf(undefined, dataDir))
  const old = keyIdOf(secretKeysFrom(undefined, dataDir)[0])

  const rotated = await parleyHere(['secrets', 'rotate'], { environment })
  const [newest, ...older] = secretKeysFrom(undefined, dataDir).map(keyIdOf)
  assert.deepEqual([rotated.code, older], [0, [old]], rotated.stderr)
  assert.equal(rotated.stdout, `2 secrets were encrypted anew with the new key ${newest}.\n`)
  assert.match(rotated.stderr, new RegExp(`Older keys stay in it for backups: ${old}; --forget`))
  assert.deepEqual([...(await keysInUse(dataDir, ids, secretBoxOf(undefined, dataDir)))], [newest])

  const forgotten = await parleyHere(['secrets', 'rotate', '--forget'], { environment })
  assert.equal(forgotten.stdout, `0 secrets were encrypted anew with the key ${newest}; 2 had it already.\n`)
  assert.match(forgotten.stderr, new RegExp(`no longer holds ${old}`))
  assert.deepEqual(secretKeysFrom(undefined, dataDir).map(keyIdOf), [newest])
  assert.deepEqual([...(await keysInUse(dataDir, ids, secretBoxOf(undefined, dataDir)))], [newest])
})

test('a rotation that was cut short goes on with the key that it had made', async (t) => {
  const dataDir = folder(t)
  await fill(dataDir, ['agent_a'], secretBoxOf(undefined, dataDir))
  addKey(dataDir)
  await fill(dataDir, ['agent_b'], secretBoxOf(undefined, dataDir))
  const keys = secretKeysFrom(undefined, dataDir)
  const { code, stdout } = await parleyHere(['secrets', 'rotate'], { environment: { PARLEY_DATA_DIR: dataDir } })
  assert.equal(code, 0)
  assert.equal(stdout, `1 secret was encrypted anew with the key ${keyIdOf(keys[0])}; 1 had it already.\n`)
  assert.deepEqual(secretKeysFrom(undefined, dataDir), keys)
})

test('with keys of one’s own the first seals, and none is made', async (t) => {
  const dataDir = folder(t)
  const [newest, older, lost] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  await fill(dataDir, ['agent_a'], new SecretBox(older))
  const environment = { PARLEY_DATA_DIR: dataDir, PARLEY_SECRET_KEY: `${hex(newest)},${hex(older)}` }
  const rotated = await parleyHere(['secrets', 'rotate'], { environment })
  assert.equal(rotated.stdout, `1 secret was encrypted anew with the key ${keyIdOf(newest)}.\n`)
  assert.match(rotated.stderr, new RegExp(`needs ${keyIdOf(older)} any more: take it out of PARLEY_SECRET_KEY`))
  assert.deepEqual([...(await keysInUse(dataDir, ['agent_a'], new SecretBox(newest)))], [keyIdOf(newest)])

  await fill(dataDir, ['agent_b'], new SecretBox(lost))
  const failed = await parleyHere(['secrets', 'rotate'], { environment })
  assert.equal(failed.code, 1)
  assert.match(failed.stdout, /^0 secrets were encrypted anew .*; 1 had it already\.\n$/)
  assert.match(
    failed.stderr,
    new RegExp(`1 stored secret could not be read:\n {2}agents agent_b: .* needs the key ${keyIdOf(lost)}`),
  )
  assert.ok(![newest, older].some((key) => (failed.stderr + failed.stdout).includes(hex(key))))
})

test('no key is forgotten while a secret cannot be read', async (t) => {
  const dataDir = folder(t)
  await fill(dataDir, ['agent_a'], new SecretBox(randomBytes(32)))
  addKey(dataDir)
  const keys = secretKeysFrom(undefined, dataDir)
  const { code } = await parleyHere(['secrets', 'rotate', '--forget'], { environment: { PARLEY_DATA_DIR: dataDir } })
  assert.equal(code, 1)
  assert.deepEqual(secretKeysFrom(undefined, dataDir), keys)
})

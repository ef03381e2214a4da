// `parley secrets rotate`, on a data folder as a server leaves it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { secretBoxOf, secretKeysFrom } from '../../dist/secret-keys.js'
import { keyIdOf, SecretBox } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId } from '../../dist/storage/store.js'
import { parleyHere } from './parley.js'

test('says what was done, what could not be read, and what is left to do; and shows no key', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-rotate-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const environment = { PARLEY_DATA_DIR: dataDir }
  const lost = randomBytes(32)
  const store = await openStore({ dataDir })
  const add = (id: string, box: SecretBox) =>
    store.agents.create(defaultAccountId, id, {
      document: { name: id },
      secrets: { key: box.seal('text', `${id}.key`) },
    })
  await add('agent_a', secretBoxOf(undefined, dataDir))
  await add('agent_lost', new SecretBox(lost))
  const old = keyIdOf(secretKeysFrom(undefined, dataDir)[0])

  const beside = await parleyHere(['secrets', 'rotate'], { environment })
  assert.equal(beside.code, 1)
  assert.match(beside.stderr, /uses the data folder .* Stop it/)
  await store.close()

  const failed = await parleyHere(['secrets', 'rotate'], { environment })
  const newest = keyIdOf(secretKeysFrom(undefined, dataDir)[0])
  assert.equal(failed.code, 1)
  assert.equal(failed.stdout, `1 secret was encrypted anew with the new key ${newest}.\n`)
  assert.match(
    failed.stderr,
    new RegExp(`1 stored secret could not be read:\n {2}agents agent_lost: .* needs the key ${keyIdOf(lost)}`),
  )

  const again = await openStore({ dataDir })
  await again.agents.remove(defaultAccountId, 'agent_lost')
  await again.close()
  const forgotten = await parleyHere(['secrets', 'rotate', '--forget'], { environment })
  assert.equal(forgotten.code, 0, forgotten.stderr)
  assert.equal(forgotten.stdout, `0 secrets were encrypted anew with the key ${newest}; 1 had it already.\n`)
  assert.match(forgotten.stderr, new RegExp(`no longer holds ${old}`))
  const shown = [failed, forgotten].map(({ stdout, stderr }) => stdout + stderr).join('')
  for (const key of [lost, ...secretKeysFrom(undefined, dataDir)])
    assert.ok(!shown.includes(Buffer.from(key).toString('hex')))
})

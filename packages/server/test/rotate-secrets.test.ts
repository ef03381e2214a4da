// Stored secrets are sealed anew with another key.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { rotateSecrets } from '../dist/rotate-secrets.js'
import { addKey, type SecretKeys, secretBoxOf, secretKeysFrom } from '../dist/secret-keys.js'
import { keyIdIn, keyIdOf, SecretBox } from '../dist/secrets.js'
import { openStore } from '../dist/storage/open.js'
import { defaultAccountId, type Store } from '../dist/storage/store.js'
import { changedWebhook, newWebhook } from '../dist/webhooks/content.js'
import { testApp } from './http/app.js'

const PLACE = 'llm.0.api_key'
const textOf = (id: string) => `key of ${id}`

let store: Store
let dataDir: string
const ids: string[] = []
before(async () => {
  store = await openStore('memory')
})
after(() => store.close())
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'parley-rotate-'))
})
afterEach(async () => {
  rmSync(dataDir, { recursive: true })
  for (const id of ids.splice(0)) await store.agents.remove(defaultAccountId, id)
})

async function seal(id: string, box: SecretBox): Promise<void> {
  ids.push(id)
  const secrets = { [PLACE]: box.seal(textOf(id), `${id}.${PLACE}`) }
  await store.agents.create(defaultAccountId, id, { document: { name: id }, secrets })
}

/** The ids of the keys in use, once every secret was seen to open. */
async function keysInUse(box: SecretBox): Promise<readonly string[]> {
  const used = new Set<string>()
  await store.sealed.each(({ envelope, place }) => {
    assert.equal(box.open(envelope, place), textOf(place.replace(`.${PLACE}`, '')))
    used.add(keyIdIn(envelope)!)
    return undefined
  })
  return [...used]
}

const rotate = (forget = false, secretKeys: SecretKeys | undefined = undefined) =>
  rotateSecrets(store, { dataDir, secretKeys }, { forget, progress: () => {} })
const keyIds = () => secretKeysFrom(undefined, dataDir).map(keyIdOf)

test('a new key is made, every secret is sealed with it, and the old one can be forgotten', async () => {
  for (const id of ['agent_a', 'agent_b']) await seal(id, secretBoxOf(undefined, dataDir))
  const [old] = keyIds()
  const rotated = await rotate()
  const [newest] = keyIds()
  assert.deepEqual(keyIds(), [newest, old])
  assert.deepEqual(rotated, {
    keyId: newest,
    isNewKey: true,
    sealed: 2,
    kept: 0,
    failed: [],
    older: [old],
    forgotten: [],
  })
  assert.deepEqual(await keysInUse(secretBoxOf(undefined, dataDir)), [newest])

  const tidied = await rotate(true)
  assert.deepEqual(tidied, {
    keyId: newest,
    isNewKey: false,
    sealed: 0,
    kept: 2,
    failed: [],
    older: [],
    forgotten: [old],
  })
  assert.deepEqual(keyIds(), [newest])
  assert.deepEqual(await keysInUse(secretBoxOf(undefined, dataDir)), [newest])
})

test('a rotation that was cut short goes on with the key that it had made', async () => {
  await seal('agent_a', secretBoxOf(undefined, dataDir))
  addKey(dataDir)
  await seal('agent_b', secretBoxOf(undefined, dataDir))
  const before = keyIds()
  const { isNewKey, sealed, kept } = await rotate()
  assert.deepEqual([isNewKey, sealed, kept], [false, 1, 1])
  assert.deepEqual(keyIds(), before)
  assert.equal((await rotate()).isNewKey, true, 'the next one is a new one')
})

test('with keys of one’s own the first seals, and no file is made', async () => {
  const [newest, older] = [randomBytes(32), randomBytes(32)]
  await seal('agent_a', new SecretBox(older))
  const rotated = await rotate(false, [newest, older])
  assert.deepEqual([rotated.keyId, rotated.sealed, rotated.older], [keyIdOf(newest), 1, [keyIdOf(older)]])
  assert.deepEqual(await keysInUse(new SecretBox(newest)), [keyIdOf(newest)])
})

test('a secret that cannot be read is told of, does not keep the others, and keeps every key', async () => {
  await seal('agent_a', secretBoxOf(undefined, dataDir))
  await seal('agent_lost', new SecretBox(randomBytes(32)))
  const rotated = await rotate()
  assert.deepEqual([rotated.isNewKey, rotated.sealed], [true, 1])
  assert.deepEqual(
    rotated.failed.map(({ where }) => where),
    ['agents agent_lost'],
  )
  assert.match(rotated.failed[0]!.why, /needs the key/)
  assert.deepEqual((await rotate(true)).forgotten, [])
  assert.equal(keyIds().length, 2)
})

test('a server that runs meanwhile opens what was sealed with the new key', async () => {
  const running = secretBoxOf(undefined, dataDir)
  await seal('agent_a', running)
  await rotate()
  assert.equal((await keysInUse(running)).length, 1)
})

test('secrets of webhooks are sealed anew too, the former one among them', async () => {
  const before = secretBoxOf(undefined, dataDir)
  const now = new Date(0)
  const created = newWebhook(
    'hook_a',
    { url: 'https://example.com/', events: ['session.started'], secret: 'a'.repeat(32) },
    before,
  )
  await store.webhooks.create(defaultAccountId, 'hook_a', created, now)
  await store.webhooks.update(
    defaultAccountId,
    'hook_a',
    (current) => changedWebhook(current, { secret: 'b'.repeat(32) }, before, now),
    now,
  )
  const { sealed, failed } = await rotate()
  assert.deepEqual([sealed, failed], [2, []])
  const box = secretBoxOf(undefined, dataDir)
  const opened: string[] = []
  await store.sealed.each(({ envelope, place }) => {
    opened.push(box.open(envelope, place))
    return undefined
  })
  assert.deepEqual(opened.sort(), ['a'.repeat(32), 'b'.repeat(32)])
  await store.webhooks.remove(defaultAccountId, 'hook_a')
})

test('a request that is repeated after the change is answered as before it, without the older key', async () => {
  const [newest, older] = [randomBytes(32), randomBytes(32)]
  const send = async (key: Buffer, body: object) => {
    const server = testApp(store, { PARLEY_SECRET_KEY: key.toString('hex') })
    return server.send('POST', '/v1/tokens', body, { 'idempotency-key': 'again' })
  }
  const first = await send(older, { expires_in_seconds: 60 })
  assert.equal(first.status, 201)
  // more than are changed at once, with keys that differ in their account alone
  const { id } = await store.accounts.create('acct_rotated', 'Other')
  const box = new SecretBox(older)
  for (let count = 0; count < 110; count++) {
    const [accountId, key] = [count % 2 === 0 ? id : defaultAccountId, `key-${count >> 1}`]
    const request = box.seal('asked', `idempotency.${accountId}.${key}`)
    await store.repeats.claim(accountId, { key, request, isSame: () => true })
  }
  const { sealed, failed } = await rotate(false, [newest, older])
  assert.deepEqual([sealed, failed], [112, []])
  assert.equal((await rotate(false, [newest])).failed.length, 0)
  const again = await send(newest, { expires_in_seconds: 60 })
  assert.deepEqual([again.status, again.text, again.headers['idempotency-replayed']], [201, first.text, 'true'])
  assert.equal((await send(newest, { expires_in_seconds: 61 })).body.code, 'idempotency_key_reuse')
  await store.accounts.remove(id)
})

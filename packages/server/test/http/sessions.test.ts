// Sessions over REST: whose they are, and the addresses of what is kept of them (protocol.md section 6.4).
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SessionList, SessionRecord } from '@parley/protocol'
import { ADDRESS_SECONDS, addressed, addressOf } from '../../dist/history/address.js'
import { SecretBox } from '../../dist/secrets.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId as account, type Store } from '../../dist/storage/store.js'
import { openDoor, type TestApp, testApp } from './app.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-sessions-'))
const sound = randomBytes(10_000)
const id = `sess_${randomBytes(16).toString('hex')}`
let store: Store
let server: TestApp

before(async () => {
  store = await openStore('memory')
  server = await testApp(store, { PARLEY_DATA_DIR: folder }, { doorkeeper: openDoor })
  const row = {
    id,
    accountId: account,
    agentId: 'agent_1',
    config: { system_prompt: 'Be brief.' },
    retentionDays: undefined,
    createdAt: new Date(0),
  }
  await store.sessions.complete(row, { closeReason: 'client_end', durationSeconds: 3, endedAt: new Date(3000) })
  await store.sessions.publish(id, [{ type: 'audio', place: 'disk' }])
  const kept = join(folder, 'recordings', 'kept', id)
  mkdirSync(kept, { recursive: true })
  writeFileSync(join(kept, 'audio.ogg'), sound)
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (url: string, who: string = account, method: 'GET' | 'DELETE' = 'GET', headers = {}) =>
  server.send(method, url, undefined, { authorization: who, ...headers })

const addressNow = async () => {
  const { body } = await ask(`/v1/sessions/${id}`, account, 'GET', { host: 'voice.example:8080' })
  return SessionRecord.parse({ ...body, agent_id: null }).artifacts[0]!.url
}

test('an account sees its own sessions and no other', async () => {
  assert.equal((await ask(`/v1/sessions/${id}`)).status, 200)
  for (const method of ['GET', 'DELETE'] as const) {
    const { status, body } = await ask(`/v1/sessions/${id}`, 'other', method)
    assert.deepEqual([status, body.code], [404, 'session_not_found'])
  }
  assert.deepEqual((await ask('/v1/sessions', 'other')).body, {
    sessions: [],
    has_more: false,
    response_metadata: { next_cursor: '' },
  })
  assert.equal(
    SessionList.shape.sessions.element.omit({ agent_id: true }).parse((await ask('/v1/sessions')).body.sessions[0]).id,
    id,
  )
})

test('an address begins as the request did, or as the server is set', async () => {
  assert.match(await addressNow(), /^http:\/\/voice\.example:8080\/v1\/artifacts\/sess_/)
  const elsewhere = await testApp(store, {
    PARLEY_DATA_DIR: folder,
    PARLEY_PUBLIC_URL: 'https://calls.example/parley/',
  })
  const { body } = await elsewhere.send('GET', `/v1/sessions/${id}`)
  assert.match(body.artifacts[0].url, /^https:\/\/calls\.example\/parley\/v1\/artifacts\/sess_/)
})

test('a file is fetched without a key, whole or in part', async () => {
  const { pathname } = new URL(await addressNow())
  const whole = await server.app.inject({ url: pathname })
  assert.deepEqual([whole.statusCode, whole.headers['content-type']], [200, 'audio/ogg'])
  assert.deepEqual(whole.rawPayload, sound)
  assert.match(String(whole.headers['content-disposition']), new RegExp(`filename="${id}-audio\\.ogg"`))
  const part = await server.app.inject({ url: pathname, headers: { range: 'bytes=100-199' } })
  assert.deepEqual([part.statusCode, part.headers['content-range']], [206, 'bytes 100-199/10000'])
  assert.deepEqual(part.rawPayload, sound.subarray(100, 200))
  const beyond = await server.app.inject({ url: pathname, headers: { range: 'bytes=10000-' } })
  assert.deepEqual([beyond.statusCode, beyond.headers['content-range']], [416, 'bytes */10000'])
})

test('an address that was changed, made up or is of another file gives nothing', async () => {
  const { pathname } = new URL(await addressNow())
  const changed = [
    pathname.replace('.audio.', '.timeline.'),
    pathname.replace(/\.(\d+)\./, (_, until) => `.${Number(until) + 1}.`),
    pathname.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')),
    pathname.replace(/sess_.{4}/, 'sess_0000'),
    `/v1/artifacts/${id}.audio`,
    '/v1/artifacts/..%2f..%2fsecret.key',
    `/v1/artifacts/${id}.audio.9999999999.${'A'.repeat(43)}`,
  ]
  for (const path of changed) {
    const { statusCode, body } = await server.app.inject({ url: path })
    assert.deepEqual([statusCode, JSON.parse(body).code], [404, 'not_found'], path)
  }
})

test('an address is good for an hour, and only under the key that it was signed with', () => {
  const [signer, other] = [new SecretBox(randomBytes(32)), new SecretBox(randomBytes(32))]
  const now = new VirtualClock().unixMs()
  const address = addressOf({ id, type: 'audio' }, now, signer)
  assert.deepEqual(addressed(address, now + ADDRESS_SECONDS * 1000 - 1000, signer), { id, type: 'audio' })
  assert.equal(addressed(address, now + ADDRESS_SECONDS * 1000, signer), undefined)
  assert.equal(addressed(address, now, other), undefined)
})

test('a deleted session takes its file with it, whatever address is still good', async () => {
  const { pathname } = new URL(await addressNow())
  assert.equal((await ask(`/v1/sessions/${id}`, account, 'DELETE')).status, 204)
  assert.equal((await server.app.inject({ url: pathname })).statusCode, 404)
  assert.equal((await ask(`/v1/sessions/${id}`)).status, 404)
})

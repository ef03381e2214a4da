// `parley keys` and `parley accounts`, against a real server, and against its database while no server runs.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createKeyOffline } from '../../dist/new-key.js'
import { hashOf } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { parleyHere } from './parley.js'

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

const asked = (args: readonly string[], key = server.key) => parleyHere([...args, '--url', server.url, `--key=${key}`])

test('a key is made, printed alone, listed without its secret, and revoked', async () => {
  const made = await asked(['keys', 'create', '--name', 'Web site', '--scope', 'tokens, agents', '--max-sessions', '3'])
  const key = made.stdout.trim()
  assert.deepEqual([made.code, /^parley_sk_[\w-]{43}$/.test(key)], [0, true], made.stderr)
  const id = /key_[0-9a-f]{32}/.exec(made.stderr)?.[0] ?? ''
  assert.equal((await asked(['token'], key)).code, 0)
  const listed = await asked(['keys', 'list'])
  assert.match(
    listed.stdout,
    new RegExp(`${id} {2}parley_sk_\\S+… {2}Web site {2}agents,tokens {2}used 2.* {2}3 sessions`),
  )
  assert.ok(!listed.stdout.includes(key))
  const revoked = await asked(['keys', 'revoke', id])
  assert.deepEqual([revoked.code, revoked.stdout], [0, `Revoked ${id}.\n`])
  assert.equal((await asked(['token'], key)).code, 4)
  const again = await asked(['keys', 'revoke', id])
  assert.deepEqual([again.code, /API key not found\. .*`parley keys list`/.test(again.stderr)], [5, true])
})

test('an account is made, gets a key, sees nothing of the others, and is deleted', async () => {
  const account = (await asked(['accounts', 'create', '--name', 'Second'])).stdout.trim()
  assert.match(account, /^acct_[0-9a-f]{32}$/)
  const create = ['keys', 'create', '--name', 'Admin', '--scope', 'admin', '--account', account, '--json']
  const { key, expires_at } = JSON.parse((await asked([...create, '--expires-in-days', '30'])).stdout)
  assert.ok(Date.parse(expires_at) > Date.now() + 29 * 24 * 3600 * 1000)
  assert.match((await asked(['agents', 'list'], key)).stdout, /no agents yet/)
  assert.match((await asked(['agents', 'list'])).stdout, /Parley guide/)
  const refused = await asked(['accounts', 'list'], key)
  assert.deepEqual([refused.code, refused.stdout], [4, ''])
  assert.match(refused.stderr, /The API key may not do this: .*account 'default' with the scope 'admin'/)
  assert.match((await asked(['accounts', 'list'])).stdout, new RegExp(`${account} {2}Second +made`))
  assert.equal((await asked(['accounts', 'delete', account])).stdout, `Deleted ${account}.\n`)
  assert.equal((await asked(['agents', 'list'], key)).code, 4)
  const gone = await asked(['accounts', 'delete', account])
  assert.deepEqual([gone.code, /`parley accounts list`/.test(gone.stderr)], [5, true])
})

test('a scope that there is not, and a key without a name, are a matter of the command line', async () => {
  for (const args of [
    ['--name', 'x', '--scope', 'everything'],
    ['--scope', 'agents'],
    ['--name', 'x', '--max-sessions', '0'],
  ])
    assert.equal((await asked(['keys', 'create', ...args])).code, 2, args.join(' '))
})

test('with every key lost, one is made in the database itself; a server that runs is not disturbed', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-keys-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const offline = (...more: string[]) =>
    parleyHere(['keys', 'create', '--name', 'Rescue', '--scope', 'admin', '--offline', ...more], {
      environment: { PARLEY_DATA_DIR: dataDir },
      services: {
        startServer: () => Promise.reject(new Error('This test starts no server.')),
        loadEngine: () => Promise.reject(new Error('This test loads no engine.')),
        createKey: createKeyOffline,
      },
    })
  const made = await offline()
  assert.equal(made.code, 0, made.stderr)
  const store = await openStore({ dataDir })
  const grant = await store.keys.find(hashOf(made.stdout.trim()))
  const second = await offline().finally(() => store.close())
  assert.deepEqual([grant?.accountId, grant?.scopes], ['default', ['admin']])
  assert.deepEqual([second.code, second.stdout], [1, ''])
  assert.match(second.stderr, /Another server .* uses the data folder/)
  const nobody = await offline('--account', `acct_${'0'.repeat(32)}`)
  assert.deepEqual([nobody.code, /There is no account acct_0/.test(nobody.stderr)], [1, true])
})

// Nobody asks too much, and guessing is slow: rates by account and by address, and what each is told.
import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { hashOf, newApiKey, newToken } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { answerOf, apiKey, type TestApp, testApp } from './app.js'

let store: Store
let otherKey: string
before(async () => {
  store = await openStore('memory')
  await store.accounts.create('acct_other', 'Other')
  otherKey = newApiKey()
  await store.keys.add('acct_other', { name: 'Other', hash: hashOf(otherKey), prefix: 'parley_sk' })
})
after(() => store.close())

const get = async (
  { app }: TestApp,
  url: string,
  headers: Record<string, string> = {},
  remoteAddress = '203.0.113.1',
) => answerOf(await app.inject({ method: 'GET', url, headers, remoteAddress }))
const by = (authorization: string) => ({ authorization })

describe('requests', () => {
  it('beyond the rate of an account are a 429 that says when to come back, and another account is not touched', async () => {
    const server = testApp(store, { PARLEY_RATE_LIMIT: '5' })
    for (let number = 0; number < 5; number++) assert.equal((await get(server, '/v1/voices', by(apiKey))).status, 200)
    const { status, body, headers } = await get(server, '/v1/voices', by(apiKey))
    assert.deepEqual([status, body.code, headers['retry-after']], [429, 'rate_limited', '60'])
    assert.equal(body.request_id, headers['x-request-id'])
    assert.equal((await get(server, '/v1/voices', by(otherKey))).status, 200)
    await server.clock.to(59_000)
    assert.equal((await get(server, '/v1/voices', by(apiKey))).headers['retry-after'], '1')
    await server.clock.to(60_000)
    assert.equal((await get(server, '/v1/voices', by(apiKey))).status, 200)
    assert.equal((await get(server, '/v1/voices', by(apiKey))).status, 429)
  })

  it('without a key have the rate of their address', async () => {
    const server = testApp(store, { PARLEY_RATE_LIMIT: '2' })
    const statuses = async (address: string) => {
      const answers = []
      for (const url of ['/healthz', '/nowhere', '/openapi.json', '/healthz'])
        answers.push((await get(server, url, {}, address)).status)
      return answers
    }
    assert.deepEqual(await statuses('203.0.113.1'), [200, 404, 429, 429])
    assert.deepEqual(await statuses('203.0.113.2'), [200, 404, 429, 429])
    assert.equal((await get(server, '/v1/voices', by(apiKey))).status, 200)
  })

  it('have no limit where the operator wants none', async () => {
    const server = testApp(store, { PARLEY_RATE_LIMIT: '0', PARLEY_AUTH_FAILURES: '0' })
    for (let number = 0; number < 100; number++) {
      assert.equal((await get(server, '/healthz')).status, 200)
      assert.equal((await get(server, '/v1/voices', by('wrong'))).status, 401)
    }
  })
})

describe('wrong keys', () => {
  it('are looked up only so often, from one address, and then not at all', async () => {
    let lookups = 0
    const counting = {
      ...store,
      keys: {
        ...store.keys,
        find(hash: Uint8Array) {
          lookups++
          return store.keys.find(hash)
        },
      },
    }
    const server = testApp(counting, { PARLEY_AUTH_FAILURES: '10' })
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, number) => get(server, '/v1/agents', by(`wrong ${number}`))),
    )
    const told = (status: number) => answers.filter((answer) => answer.status === status)
    assert.deepEqual([told(401).length, told(429).length, lookups], [10, 190, 10])
    const [tooMany] = told(429)
    assert.deepEqual([tooMany?.body.code, tooMany?.headers['retry-after']], ['rate_limited', '6'])
    assert.equal((await get(server, '/v1/agents', by('wrong'), '203.0.113.9')).status, 401)
    const bare = await get(server, '/v1/token?expires_in_seconds=60', by('wrong'))
    assert.deepEqual([bare.status, Object.keys(bare.body), bare.headers['retry-after']], [429, ['detail'], '6'])
    await server.clock.to(6000)
    assert.deepEqual(
      [(await get(server, '/v1/agents', by('w'))).status, (await get(server, '/v1/agents', by('w'))).status],
      [401, 429],
    )
  })

  it('do not lock out a key that was good before behind the same address', async () => {
    const server = testApp(store, { PARLEY_AUTH_FAILURES: '3' })
    assert.equal((await get(server, '/v1/agents', by(otherKey))).status, 200)
    for (let number = 0; number < 20; number++) await get(server, '/v1/agents', by('wrong'))
    assert.equal((await get(server, '/v1/agents', by(otherKey))).status, 200)
    const fresh = newApiKey()
    await store.keys.add('acct_other', { name: 'Fresh', hash: hashOf(fresh), prefix: 'parley_sk' })
    assert.equal((await get(server, '/v1/agents', by(fresh))).status, 429)
    assert.equal((await get(server, '/v1/agents', by(fresh), '203.0.113.2')).status, 200)
    assert.equal((await get(server, '/v1/agents', by(fresh))).status, 200)
  })

  it('are not what good keys are counted as, however many come', async () => {
    const server = testApp(store, { PARLEY_AUTH_FAILURES: '2' })
    for (let number = 0; number < 10; number++) {
      const key = newApiKey()
      await store.keys.add('acct_other', { name: 'Many', hash: hashOf(key), prefix: 'parley_sk' })
      assert.equal((await get(server, '/v1/agents', by(key))).status, 200)
    }
  })

  it('count for whoever is behind a proxy that is trusted, and for the proxy where it is not', async () => {
    const from = (client: string) => ({ ...by('wrong'), 'x-forwarded-for': client })
    for (const [trust, expected] of [
      ['203.0.113.0/24', [401, 429, 401]],
      ['', [401, 429, 429]],
    ] as const) {
      const server = testApp(store, { PARLEY_AUTH_FAILURES: '1', PARLEY_TRUST_PROXY: trust })
      const statuses = []
      for (const client of ['198.51.100.1', '198.51.100.1', '198.51.100.2'])
        statuses.push((await get(server, '/v1/agents', from(client))).status)
      assert.deepEqual(statuses, expected, trust)
    }
  })

  it('use up no try while the database cannot say that they are wrong', async () => {
    let isGone = true
    const failing = {
      ...store,
      keys: {
        ...store.keys,
        find: (hash: Uint8Array) => (isGone ? Promise.reject(new Error('gone')) : store.keys.find(hash)),
      },
    }
    const server = testApp(failing, { PARLEY_AUTH_FAILURES: '1' })
    for (let number = 0; number < 5; number++) assert.equal((await get(server, '/v1/agents', by(otherKey))).status, 500)
    isGone = false
    assert.equal((await get(server, '/v1/agents', by(otherKey))).status, 200)
  })

  it('are counted, as is everything that is refused', async () => {
    const refused: number[] = []
    const server = testApp(
      store,
      { PARLEY_RATE_LIMIT: '1' },
      {
        metrics: {
          expose: () => Promise.reject(new Error('unused')),
          requestRefused: (status) => void refused.push(status),
        },
      },
    )
    await get(server, '/v1/agents', by('wrong'))
    await get(server, '/v1/keys', by(otherKey))
    await get(server, '/v1/agents', by(otherKey))
    await get(server, '/v1/accounts', by(otherKey))
    assert.deepEqual(refused, [401, 429, 403])
  })
})

describe('tokens that this server gave out', () => {
  it('open a session although their address has tried too many wrong ones', async () => {
    const server = testApp(store, { PARLEY_AUTH_FAILURES: '1' })
    const message = new IncomingMessage(new Socket())
    const reason = async (given: string) => {
      const found = await server.doorkeeper.connection(message, given)
      return found.ok ? found.via : found.reason
    }
    const token = async () => (await server.send('POST', '/v1/tokens')).body.token as string
    const elsewhere = newToken()
    await store.tokens.issue({
      hash: hashOf(elsewhere),
      accountId: 'acct_other',
      expiresInSeconds: 60,
      sessionCapSeconds: undefined,
    })
    assert.deepEqual([await reason('wrong'), await reason('wrong')], ['wrong', 'too many'])
    const given = await token()
    assert.deepEqual([await reason(given), await reason(given), await reason(given)], ['token', 'wrong', 'too many'])
    assert.equal(await reason(elsewhere), 'too many')
  })
})

// Who is let in: keys, tokens, and the page of this server.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { authenticator, firstKey } from '../../dist/http/auth.js'
import { hashOf, newApiKey, newToken } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { DatabaseAwayError } from '../../dist/storage/patience.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { answerOf, apiKey, type TestApp, testApp } from './app.js'

let store: Store
let server: TestApp
before(async () => {
  store = await openStore('memory')
  server = testApp(store)
})
after(() => store.close())

const get = async (url: string, headers: Record<string, string> = {}, to = server) =>
  answerOf(await to.app.inject({ method: 'GET', url, headers }))

describe('a key', () => {
  it('opens every REST route, raw and as Bearer (4)', async () => {
    const stored = newApiKey()
    await store.keys.add(defaultAccountId, { name: 'Test', hash: hashOf(stored), prefix: 'parley_sk_' })
    for (const key of [apiKey, stored])
      for (const authorization of [key, `Bearer ${key}`, `bearer ${key}`])
        for (const url of ['/v1/agents', '/v1/voices', '/v1/token?expires_in_seconds=60'])
          assert.equal((await get(url, { authorization })).status, 200, `${url} ${authorization}`)
  })

  it('is asked for where it is missing, and refused where it is wrong', async () => {
    const missing = await get('/v1/agents')
    assert.deepEqual(
      [missing.status, missing.body.code, missing.body.message],
      [401, 'missing_authorization', 'Missing authorization header'],
    )
    for (const authorization of ['', ' ', 'Bearer', 'Bearer '])
      assert.equal(
        (await get('/v1/agents', { authorization })).body.code,
        'missing_authorization',
        `"${authorization}"`,
      )
    for (const authorization of ['wrong', `Basic ${apiKey}`, `${apiKey}x`, apiKey.slice(1), 'Bearer \u00ff\u00fe']) {
      const answer = await get('/v1/agents', { authorization })
      assert.deepEqual([answer.status, answer.body.code], [401, 'unauthorized'], authorization)
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
    }
  })

  it('that cannot be checked, as the database is away, is not refused: it is asked for again', async () => {
    const away = Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' })
    const keys = { ...store.keys, find: () => Promise.reject(new DatabaseAwayError(away)) }
    const cutOff = testApp({ ...store, keys })
    const ask = (url: string) => get(url, { authorization: newApiKey() }, cutOff)
    const { status, body, headers } = await ask('/v1/agents')
    assert.deepEqual([status, body.code, headers['retry-after']], [503, 'auth_service_unavailable', '5'])
    assert.equal(headers['www-authenticate'], undefined)
    const older = await ask('/v1/token?expires_in_seconds=60')
    assert.deepEqual([older.status, older.body], [503, { detail: body.message }])
  })

  it('is asked for before anything is said about the request', async () => {
    for (const [method, url] of [
      ['POST', '/v1/agents'],
      ['PUT', '/v1/agents/x'],
      ['DELETE', '/v1/agents/x'],
      ['POST', '/v1/tokens'],
    ] as const)
      assert.equal(
        answerOf(await server.app.inject({ method, url, payload: 'nonsense' })).body.code,
        'missing_authorization',
      )
  })

  it('is made at the first start, and only then', async () => {
    const fresh = await openStore('memory')
    const key = await firstKey(fresh.keys)
    assert.match(key ?? '', /^parley_sk_[\w-]{43}$/)
    assert.equal(await firstKey(fresh.keys), undefined)
    const { request } = authenticator({ store: fresh, apiKey: undefined, tokenReuse: 'refuse' })
    const found = await request(key)
    assert.ok(found.ok && found.via === 'key')
    assert.deepEqual([found.accountId, found.scopes, found.maxSessions], [defaultAccountId, ['admin'], undefined])
    await fresh.close()
  })
})

describe('GET /v1/token', () => {
  const token = (query: string, headers: Record<string, string> = { authorization: apiKey }, to = server) =>
    get(`/v1/token${query}`, headers, to)

  it('gives a token and how long it may be redeemed, and ignores what it does not know (8, 13)', async () => {
    const { status, body } = await token('?expires_in_seconds=60&product=voice_agent')
    assert.deepEqual([status, Object.keys(body), body.expires_in_seconds], [200, ['token', 'expires_in_seconds'], 60])
    assert.notEqual((await token('?expires_in_seconds=60')).body.token, body.token)
  })

  it('says in the older form what is wrong with the query (14-18)', async () => {
    const cases: [string, object][] = [
      ['', { type: 'missing', loc: ['query', 'expires_in_seconds'], msg: 'Field required', input: null }],
      [
        '?expires_in_seconds=601',
        {
          type: 'less_than_equal',
          loc: ['query', 'expires_in_seconds'],
          msg: 'Input should be less than or equal to 600',
          input: '601',
          ctx: { le: 600 },
        },
      ],
      [
        '?expires_in_seconds=0',
        {
          type: 'greater_than_equal',
          loc: ['query', 'expires_in_seconds'],
          msg: 'Input should be greater than or equal to 1',
          input: '0',
          ctx: { ge: 1 },
        },
      ],
      [
        '?expires_in_seconds=60&max_session_duration_seconds=59',
        {
          type: 'greater_than_equal',
          loc: ['query', 'max_session_duration_seconds'],
          msg: 'Input should be greater than or equal to 60',
          input: '59',
          ctx: { ge: 60 },
        },
      ],
      [
        '?expires_in_seconds=60&max_session_duration_seconds=10801',
        {
          type: 'less_than_equal',
          loc: ['query', 'max_session_duration_seconds'],
          msg: 'Input should be less than or equal to 10800',
          input: '10801',
          ctx: { le: 10800 },
        },
      ],
      [
        '?expires_in_seconds=soon',
        {
          type: 'int_parsing',
          loc: ['query', 'expires_in_seconds'],
          msg: 'Input should be a valid integer, unable to parse string as an integer',
          input: 'soon',
        },
      ],
    ]
    for (const [query, detail] of cases) {
      const answer = await token(query)
      assert.deepEqual([answer.status, answer.body], [422, { detail: [detail] }], query)
    }
  })

  it('answers a missing header with 422 and a wrong key with 401, or 404 where that is asked for (19, 20)', async () => {
    const missing = await token('?expires_in_seconds=60', {})
    assert.deepEqual(
      [missing.status, missing.body],
      [422, { detail: [{ type: 'missing', loc: ['header', 'authorization'], msg: 'Field required', input: null }] }],
    )
    const strict = testApp(store, { PARLEY_STRICT_COMPAT: 'on' })
    for (const [to, status] of [
      [server, 401],
      [strict, 404],
    ] as const) {
      const wrong = await token('?expires_in_seconds=60', { authorization: 'wrong' }, to)
      assert.deepEqual([wrong.status, wrong.body], [status, { detail: 'Invalid API key' }])
    }
  })
})

describe('POST /v1/tokens', () => {
  it('gives a token and when it expires, also without a body (25)', async () => {
    for (const body of [undefined, {}, { expires_in_seconds: 60 }]) {
      const answer = await server.send('POST', '/v1/tokens', body)
      assert.deepEqual([answer.status, Object.keys(answer.body)], [201, ['token', 'expires_at']])
      assert.match(answer.body.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
      assert.ok(Math.abs(Date.parse(answer.body.expires_at) - Date.now() - 60_000) < 10_000)
    }
    const named = answerOf(
      await server.app.inject({
        method: 'POST',
        url: '/v1/tokens',
        headers: { authorization: apiKey, 'content-type': 'application/json' },
      }),
    )
    assert.equal(named.status, 201)
  })

  it('refuses a time out of range, in the envelope', async () => {
    for (const expires_in_seconds of [0, 601, 1.5, '60']) {
      const { status, body } = await server.send('POST', '/v1/tokens', { expires_in_seconds })
      assert.deepEqual([status, body.code, body.param], [422, 'validation_error', 'expires_in_seconds'])
    }
  })
})

describe('a connection', () => {
  const issue = async (query = '') =>
    (await get(`/v1/token?expires_in_seconds=60${query}`, { authorization: apiKey })).body.token as string
  const door = (tokenReuse: 'refuse' | 'allow' = 'refuse') => authenticator({ store, apiKey, tokenReuse })
  const by = { ok: true, accountId: defaultAccountId, keyId: undefined, maxSessions: undefined }
  const byKey = { ...by, via: 'key', scopes: ['admin'] }
  const byToken = (sessionCapSeconds?: number) => ({ ...by, via: 'token', sessionCapSeconds })
  const wrong = { ok: false, reason: 'wrong' }

  it('is let in by a key in the header or the query, raw or Bearer (2, 3, 7)', async () => {
    const { connection } = door()
    assert.deepEqual(await connection(apiKey, undefined), byKey)
    assert.deepEqual(await connection(`Bearer ${apiKey}`, undefined), byKey)
    assert.deepEqual(await connection(undefined, apiKey), byKey)
  })

  it('is let in once by a token in the query or the header, with the cap of its session (5, 6, 21)', async () => {
    const { connection } = door()
    const capped = await issue('&max_session_duration_seconds=90')
    assert.deepEqual(await connection(undefined, capped), byToken(90))
    assert.deepEqual(await connection(undefined, capped), wrong)
    const inHeader = await issue()
    assert.deepEqual(await connection(`Bearer ${inHeader}`, undefined), byToken(10800))
    assert.deepEqual(await connection(`Bearer ${inHeader}`, undefined), wrong)
    const created = (await server.send('POST', '/v1/tokens')).body.token
    assert.deepEqual(await connection(undefined, created), byToken())
  })

  it('is let in again by the same token where the operator allows it (Q2)', async () => {
    const token = await issue()
    for (let time = 0; time < 2; time++) assert.equal((await door('allow').connection(undefined, token)).ok, true)
  })

  it('is let in by the token of a page although a proxy added a header of its own', async () => {
    assert.equal((await door().connection('Basic dXNlcjpwYXNz', await issue())).ok, true)
  })

  it('is refused without a credential, with a wrong one, and with a token that was never given', async () => {
    const { connection } = door()
    assert.deepEqual(await connection(undefined, undefined), { ok: false, reason: 'missing' })
    assert.deepEqual(await connection('Bearer ', ''), { ok: false, reason: 'missing' })
    assert.deepEqual(await connection(undefined, 'wrong'), wrong)
    assert.deepEqual(await connection(undefined, newToken()), wrong)
  })

  it('cannot use a token as a key', async () => {
    assert.deepEqual(await door().request(await issue()), wrong)
  })
})

describe('the page of this server', () => {
  const page = {
    host: '127.0.0.1:8080',
    'x-parley-console': '1',
    referer: 'http://127.0.0.1:8080/',
    'sec-fetch-site': 'same-origin',
  }
  const posted = {
    host: page.host,
    'x-parley-console': '1',
    origin: 'http://127.0.0.1:8080',
    'sec-fetch-site': 'same-origin',
  }

  it('needs no key in a browser on this machine, to read and to write', async () => {
    assert.equal((await get('/v1/agents', page)).status, 200)
    assert.deepEqual((await get('/console/config', page)).body, { keyless: true })
    assert.equal(answerOf(await server.app.inject({ method: 'POST', url: '/v1/tokens', headers: posted })).status, 201)
    for (const host of ['localhost:8080', '[::1]:8080', '127.0.0.1', 'LOCALHOST:1'])
      assert.equal((await get('/v1/agents', { ...page, host, referer: `http://${host}/` })).status, 200, host)
  })

  const others: Record<string, Record<string, string | undefined>> = {
    'without the header that only the page sends': { 'x-parley-console': undefined },
    'with another value in it': { 'x-parley-console': 'true' },
    'from a page of another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    'from another site, by a browser that does not say so': {
      origin: 'https://evil.example',
      'sec-fetch-site': undefined,
    },
    'from another port of this machine': {
      origin: 'http://127.0.0.1:3000',
      referer: undefined,
      'sec-fetch-site': 'same-site',
    },
    'from a name that was made to lead here': { host: 'evil.example:8080', referer: 'http://evil.example:8080/' },
    'from a name that begins like one of this machine': {
      host: 'localhost.evil.example',
      referer: 'http://localhost.evil.example/',
    },
    'from a page of no origin': { origin: 'null' },
    'from no page at all': { referer: undefined, 'sec-fetch-site': undefined },
    'that a proxy passed on': { 'x-forwarded-for': '203.0.113.7' },
    'that a proxy passed on under this name': { forwarded: 'for=203.0.113.7' },
    'whose browser says that it comes from elsewhere': { 'sec-fetch-site': 'same-site' },
    'from a page that came over https': { referer: 'https://127.0.0.1:8080/' },
  }
  for (const [what, change] of Object.entries(others))
    it(`needs a key for a request ${what}`, async () => {
      const headers = Object.fromEntries(
        Object.entries({ ...page, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
      )
      assert.equal((await get('/v1/agents', headers)).body.code, 'missing_authorization')
    })

  it('needs a key for a request from another machine', async () => {
    const answer = answerOf(await server.app.inject({ url: '/v1/agents', headers: page, remoteAddress: '192.168.1.7' }))
    assert.equal(answer.body.code, 'missing_authorization')
    const config = answerOf(
      await server.app.inject({ url: '/console/config', headers: page, remoteAddress: '192.168.1.7' }),
    )
    assert.deepEqual(config.body, { keyless: false })
  })

  it('needs a key when the operator says so, and when other machines can reach the server', async () => {
    for (const environment of [{ PARLEY_CONSOLE: 'key' }, { HOST: '0.0.0.0' }, { HOST: '192.168.1.7' }]) {
      const locked = testApp(store, environment)
      assert.equal((await get('/v1/agents', page, locked)).body.code, 'missing_authorization')
      assert.deepEqual((await get('/console/config', page, locked)).body, { keyless: false })
    }
  })

  it('does not get in by a wrong key where it needs none', async () => {
    assert.equal((await get('/v1/agents', { ...page, authorization: 'wrong' })).body.code, 'unauthorized')
  })

  it('is not what the pages of other sites may be, whatever origins are allowed', async () => {
    for (const origins of ['https://evil.example', '*']) {
      const open = testApp(store, { PARLEY_CORS_ORIGINS: origins })
      const asked = answerOf(
        await open.app.inject({
          method: 'OPTIONS',
          url: '/v1/agents',
          headers: {
            origin: 'https://evil.example',
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'x-parley-console',
          },
        }),
      )
      assert.doesNotMatch(String(asked.headers['access-control-allow-headers']), /parley-console|\*/i)
      const headers = { ...page, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      assert.equal((await get('/v1/agents', headers, open)).body.code, 'missing_authorization')
    }
  })
})

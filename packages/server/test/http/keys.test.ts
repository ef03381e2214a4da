// API keys as a resource: made once, listed without their secret, revoked; and what each may do.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { AccountRecord, CreatedKey, KeyRecord, routeList, type Scope, scopes } from '@parley/protocol'
import { allows } from '../../dist/http/auth.js'
import { hashOf } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { type Answer, apiKey, type TestApp, testApp } from './app.js'

let store: Store
let server: TestApp
before(async () => {
  store = await openStore('memory')
  server = testApp(store)
})
after(() => store.close())

const as = (authorization: string) => ({ authorization })
const make = async (body: object, by = apiKey): Promise<CreatedKey> => {
  const { status, body: key } = await server.send('POST', '/v1/keys', body, as(by))
  assert.equal(status, 201, JSON.stringify(key))
  return CreatedKey.strict().parse(key)
}
const refused = ({ status, body }: Answer, expected: number, code: string) =>
  assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body))

describe('an API key', () => {
  it('is shown once, works, and is known again by its beginning', async () => {
    const { key, ...record } = await make({ name: ' The web site ', scopes: ['tokens', 'agents'], max_sessions: 3 })
    assert.match(key, /^parley_sk_[\w-]{43}$/)
    assert.ok(key.startsWith(record.prefix) && record.prefix.length < 20)
    assert.deepEqual([record.name, record.scopes, record.max_sessions], ['The web site', ['agents', 'tokens'], 3])
    assert.deepEqual([record.last_used_at, record.expires_at], [null, null])
    assert.equal((await server.send('GET', '/v1/agents', undefined, as(key))).status, 200)
    const { body, text } = await server.send('GET', '/v1/keys')
    const [listed] = body.keys
    assert.deepEqual({ ...KeyRecord.strict().parse(listed), last_used_at: null }, record)
    assert.equal(new Date(listed.last_used_at).getTime() % 60_000, 0)
    assert.ok(!text.includes(key))
  })

  it('may open sessions and make tokens and agents, but no keys, when nothing else is said', async () => {
    const { key, scopes } = await make({ name: 'Plain' })
    assert.deepEqual(scopes, ['agents', 'sessions', 'tokens', 'calls'])
    refused(await server.send('POST', '/v1/keys', { name: 'More' }, as(key)), 403, 'insufficient_scope')
  })

  it('is accepted no more once it is revoked, nor are the tokens that it has made', async () => {
    const { id, key } = await make({ name: 'Gone' })
    const { token } = (await server.send('POST', '/v1/tokens', {}, as(key))).body
    assert.equal((await server.send('DELETE', `/v1/keys/${id}`)).status, 204)
    refused(await server.send('GET', '/v1/agents', undefined, as(key)), 401, 'unauthorized')
    assert.equal(await store.tokens.redeem(hashOf(token), { reuse: false }), undefined)
    refused(await server.send('DELETE', `/v1/keys/${id}`), 404, 'key_not_found')
    for (const wrong of ['key_0', 'x', '%00', `${id}0`])
      refused(await server.send('DELETE', `/v1/keys/${wrong}`), 404, 'key_not_found')
  })

  it('has a time at which it expires, where one is asked for', async () => {
    const { expires_at } = await make({ name: 'Brief', expires_in_seconds: 3600 })
    assert.ok(Math.abs(Date.parse(expires_at!) - Date.now() - 3_600_000) < 60_000)
  })

  it('is refused with what is wrong about it', async () => {
    const cases: readonly [object, string][] = [
      [{}, 'name'],
      [{ name: '  ' }, 'name'],
      [{ name: 'a\0' }, 'name'],
      [{ name: 'x', scopes: [] }, 'scopes'],
      [{ name: 'x', scopes: ['everything'] }, 'scopes[0]'],
      [{ name: 'x', max_sessions: 0 }, 'max_sessions'],
      [{ name: 'x', expires_in_seconds: 1.5 }, 'expires_in_seconds'],
      [{ name: 'x', account_id: 'nobody' }, 'account_id'],
    ]
    for (const [body, param] of cases) {
      const answer = await server.send('POST', '/v1/keys', body)
      refused(answer, 422, 'validation_error')
      assert.equal(answer.body.param, param)
    }
  })

  it('is listed in pages, newest first', async () => {
    const made: string[] = []
    for (const name of ['1', '2', '3']) made.unshift((await make({ name })).id)
    const first = (await server.send('GET', '/v1/keys?limit=2')).body
    assert.equal(first.has_more, true)
    const second = (await server.send('GET', `/v1/keys?limit=1&cursor=${first.response_metadata.next_cursor}`)).body
    assert.deepEqual(
      [...first.keys, ...second.keys].map(({ id }: KeyRecord) => id),
      made,
    )
  })
})

describe('a scope', () => {
  const secured = routeList.filter((route) => route.secured)
  const ask = (authorization: string, { method, path }: (typeof secured)[number]) =>
    server.send(method, path.replace(/:\w+/, 'nobody'), method === 'GET' ? undefined : {}, as(authorization))

  for (const scope of scopes)
    it(`${scope} opens its own routes and no other`, async () => {
      const { key } = await make({ name: scope, scopes: [scope] })
      for (const route of secured) {
        const isAllowed = scope === 'admin' || route.scope === scope || route.scope === 'any'
        const { status, headers, text } = await ask(key, route)
        assert.equal(status !== 403, isAllowed, `${route.name}: ${status} ${text}`)
        if (status !== 403) continue
        assert.match(String(headers['www-authenticate']), /^Bearer error="insufficient_scope"/)
        assert.match(text, new RegExp(route.scope === 'operator' ? "account 'default'" : `scope '${route.scope}'`))
        assert.equal('code' in JSON.parse(text), route.name !== 'getToken')
      }
    })

  it('is asked of HEAD as of GET', async () => {
    for (const [scope, status] of [
      ['agents', 200],
      ['tokens', 403],
    ] as const) {
      const { key } = await make({ name: scope, scopes: [scope] })
      assert.equal((await server.send('HEAD', '/v1/agents', undefined, as(key))).status, status, scope)
    }
  })

  it('is needed for the figures of the server, where a key is', async () => {
    const locked = testApp(store, { HOST: '0.0.0.0' })
    for (const [scope, status] of [
      ['metrics', 200],
      ['agents', 403],
    ] as const) {
      const { key } = await make({ name: scope, scopes: [scope] })
      assert.equal((await locked.send('GET', '/metrics', undefined, as(key))).status, status, scope)
    }
  })

  it('admin of another account is none of the server', () => {
    const grant = (accountId: string, ...given: Scope[]) => ({
      accountId,
      scopes: given,
      keyId: undefined,
      maxSessions: undefined,
    })
    assert.ok(allows(grant(defaultAccountId, 'admin'), 'operator'))
    assert.ok(allows(grant('acct_1', 'admin'), 'agents'))
    for (const need of ['operator', 'metrics'] as const) assert.ok(!allows(grant('acct_1', 'admin', 'metrics'), need))
    assert.ok(!allows(grant(defaultAccountId, 'agents'), 'operator'))
  })

  it('is enough for the page of this server to do its work, and not to make keys', async () => {
    const page = { host: '127.0.0.1:8080', 'x-parley-console': '1', referer: 'http://127.0.0.1:8080/' }
    const asPage = async (method: 'GET' | 'POST', url: string) =>
      (await server.app.inject({ method, url, headers: page, ...(method === 'POST' && { payload: {} }) })).statusCode
    assert.equal(await asPage('GET', '/v1/agents'), 200)
    assert.equal(await asPage('POST', '/v1/tokens'), 201)
    assert.equal(await asPage('POST', '/v1/keys'), 403)
    assert.equal(await asPage('GET', '/v1/accounts'), 403)
  })
})

describe('an account', () => {
  const create = async (name: string) =>
    AccountRecord.strict().parse((await server.send('POST', '/v1/accounts', { name })).body)

  it('is made by the operator, gets its first key from them, and makes further ones by itself', async () => {
    const { id } = await create('Second')
    const { key } = await make({ name: 'Theirs', scopes: ['admin'], account_id: id })
    const own = await make({ name: 'Own' }, key)
    const { keys } = (await server.send('GET', '/v1/keys', undefined, as(key))).body
    assert.deepEqual(
      keys.map(({ name }: KeyRecord) => name),
      ['Own', 'Theirs'],
    )
    assert.equal((await make({ name: 'Named', account_id: id }, key)).name, 'Named')
    assert.equal((await server.send('DELETE', `/v1/keys/${own.id}`, undefined, as(key))).status, 204)
  })

  it('may make keys for no other account, and needs to be there', async () => {
    const [{ id }, { id: other }] = [await create('One'), await create('Other')]
    const { key } = await make({ name: 'Theirs', scopes: ['admin'], account_id: id })
    for (const account_id of [other, 'default'])
      refused(await server.send('POST', '/v1/keys', { name: 'x', account_id }, as(key)), 403, 'insufficient_scope')
    const nobody = `acct_${'0'.repeat(32)}`
    refused(await server.send('POST', '/v1/keys', { name: 'x', account_id: nobody }), 404, 'account_not_found')
  })

  it('is deleted with its keys, its sessions are ended, and the default one stays', async () => {
    const ended: string[] = []
    const watched = testApp(store, {}, { accountRemoved: (id) => void ended.push(id) })
    const { id } = await create('Gone')
    const { key } = await make({ name: 'Theirs', account_id: id })
    assert.equal((await watched.send('DELETE', `/v1/accounts/${id}`)).status, 204)
    assert.deepEqual(ended, [id])
    refused(await server.send('GET', '/v1/agents', undefined, as(key)), 401, 'unauthorized')
    refused(await server.send('DELETE', `/v1/accounts/${id}`), 404, 'account_not_found')
    refused(await server.send('DELETE', '/v1/accounts/default'), 409, 'account_in_use')
    const { accounts } = (await server.send('GET', '/v1/accounts')).body
    assert.ok(accounts.every((account: AccountRecord) => account.id !== id))
    assert.equal(accounts.at(-1).id, 'default')
  })
})

// Requests by chance: whatever is asked, the answer is a documented one, and the server goes on.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { RestError, type Route, restSchemas, routeList } from '@parley/protocol'
import { openApi } from '@parley/protocol/documents'
import fc from 'fast-check'
import { hashOf } from '../../dist/secrets.js'
import { openStore } from '../../dist/storage/open.js'
import { defaultAccountId, type Store } from '../../dist/storage/store.js'
import { eventOf, sessionHappening } from '../../dist/webhooks/events.js'
import { apiKey, type TestApp, testApp } from '../http/app.js'
import { holds, timeoutMs } from './budget.js'
import { brokenText, type Json, nearly, value } from './json.js'

let store: Store
let server: TestApp
let folder: string
/** Everything of an account that nobody is told of, as it is stored. */
let untouched: string
before(async () => {
  store = await openStore('memory')
  folder = mkdtempSync(join(tmpdir(), 'parley-fuzz-'))
  server = testApp(store, { PARLEY_RATE_LIMIT: '0', PARLEY_AUTH_FAILURES: '0', PARLEY_DATA_DIR: folder })
  await store.accounts.create(WITNESS, 'Witness')
  await store.agents.create(WITNESS, 'agent_of_witness', { document: { name: 'Mine' }, secrets: {} })
  await session(WITNESS, WITNESSED)
  untouched = await ofWitness()
  for (const [authorization, scopes] of Object.entries(limited))
    await store.keys.add(defaultAccountId, { name: 'Limited', hash: hashOf(authorization), prefix: 'p', scopes })
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const WITNESS = `acct_${'f'.repeat(32)}`
const WITNESSED = `sess_${'f'.repeat(32)}`
const limited = { 'key-for-agents': ['agents'], 'key-for-sessions': ['sessions'] } as const

async function ofWitness(): Promise<string> {
  const page = { limit: 100, after: undefined }
  return JSON.stringify([
    await store.agents.list(WITNESS, page),
    await store.keys.list(WITNESS, page),
    await store.webhooks.list(WITNESS, { ...page, includeDisabled: true }),
    await store.sessions.list(WITNESS, { ...page, status: undefined, agentId: undefined }),
    await store.deliveries.ofSession(WITNESS, WITNESSED, page),
  ])
}

/** A session that has ended, with a delivery of its end to a webhook of its own. */
async function session(accountId: string, id: string): Promise<void> {
  const row = { id, accountId, agentId: undefined, config: {}, retentionDays: undefined, createdAt: new Date(0) }
  await store.sessions.complete(row, { closeReason: 'client_end', durationSeconds: 1, endedAt: new Date(1000) })
  await store.sessions.publish(id, [{ type: 'timeline', place: 'disk' }])
  const webhook = { url: 'https://example.com/', events: ['session.completed'], secret: undefined }
  await store.webhooks.bring(accountId, { ...webhook, id: `session.${id}`, sessionId: id }, new Date(0))
  const ended = { at: 1000, reason: 'client_end' }
  await store.deliveries.publish(
    eventOf(sessionHappening({ id, accountId, agentId: undefined, startedAt: 0, ended })),
    new Date(1000),
  )
}

/** What the routes that make nothing can be asked for: a session, its delivery and the address of its file. */
async function another(): Promise<void> {
  const id = `sess_${randomBytes(16).toString('hex')}`
  await session(defaultAccountId, id)
  const { deliveries } = await store.deliveries.ofSession(defaultAccountId, id, { limit: 1, after: undefined })
  const { artifacts } = (await server.send('GET', `/v1/sessions/${id}`)).body
  const address = String(artifacts[0].url).replace(/.*\//, '')
  const { path } = server.history.fileAt(address)!
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '{"turns":[]}')
  Object.assign(latest, { '/v1/sessions': id, '/v1/webhook-deliveries': deliveries[0]!.id, '/v1/artifacts': address })
}

const schemas: Readonly<Record<string, { parse(value: unknown): unknown }>> = restSchemas
const plain = JSON.parse(JSON.stringify(openApi())) as {
  readonly paths: Record<
    string,
    Record<string, { requestBody?: { content: { 'application/json': { example: Json } } } }>
  >
}

/** What the OpenAPI document shows as the body of a route. */
const exampleOf = ({ method, path }: Route): Json =>
  plain.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.requestBody?.content['application/json']
    .example ?? {}

const text = fc.string({ unit: 'binary', maxLength: 60 })
/** The last id that each kind of thing was given, so that what was made is also changed and deleted. */
const latest: Record<string, string> = {}

const id = (path: string) =>
  fc.oneof(
    fc.constant(null).map(() => latest[path.replace(/\/:.*$/, '')] ?? 'nobody'),
    fc.constantFrom('nobody', '%00', '%', '%ff', '..', '%2e%2e%2f', 'x'.repeat(256), 'x'.repeat(300), '\u00e9', ' '),
    text.map((given) => encodeURIComponent(wellFormed(given))),
  )

/** Halves of characters, which no address can hold, are replaced. */
const wellFormed = (given: string): string => Buffer.from(given).toString()

const query = fc
  .dictionary(
    fc.constantFrom(
      'limit',
      'cursor',
      'expires_in_seconds',
      'max_session_duration_seconds',
      'status',
      '__proto__',
      'a[b]',
    ),
    fc.oneof(fc.constantFrom('1', '50', '0', '-1', '1e3', '99999999999999999999', '', ' 7 ', '+5', 'NaN', '\0'), text),
    { maxKeys: 3 },
  )
  .map(
    (fields) =>
      new URLSearchParams(Object.entries(fields).map(([name, given]): [string, string] => [name, wellFormed(given)])),
  )

const payload = (route: Route) =>
  fc.oneof(
    { arbitrary: nearly(fc.constant(exampleOf(route))).map((body) => JSON.stringify(body)), weight: 6 },
    { arbitrary: value.map((body) => JSON.stringify(body)), weight: 1 },
    { arbitrary: brokenText, weight: 1 },
    { arbitrary: fc.constant(undefined), weight: 1 },
  )

const headers = fc.record(
  {
    'content-type': fc.oneof(
      { arbitrary: fc.constant('application/json'), weight: 6 },
      {
        arbitrary: fc.constantFrom('text/plain', 'application/json; charset=latin1', 'multipart/form-data', 'x/y', ''),
        weight: 1,
      },
    ),
    authorization: fc.oneof(
      { arbitrary: fc.constantFrom(apiKey, `Bearer ${apiKey}`), weight: 9 },
      { arbitrary: fc.constantFrom(...Object.keys(limited)), weight: 2 },
      { arbitrary: fc.constantFrom('', 'Bearer', 'wrong', `Basic ${apiKey}`, 'Bearer \u00ff'), weight: 1 },
    ),
    'idempotency-key': fc.oneof(fc.constantFrom('a', 'b', ' ', 'x'.repeat(300)), fc.uuid()),
    'content-length': fc.constantFrom('0', '1', '-1', 'x'),
    'x-forwarded-for': fc.constantFrom('203.0.113.7', 'rubbish', '::', ','),
    'x-parley-console': fc.constantFrom('1', '0'),
    range: fc.constantFrom('bytes=0-3', 'bytes=5-', 'bytes=900-', 'bytes=-1', 'bytes=3-1,0-0', 'x'),
  },
  { requiredKeys: ['content-type', 'authorization'] },
)

const request = fc.constantFrom(...routeList).chain((route) =>
  fc.record({
    route: fc.constant(route),
    method: fc.oneof(
      { arbitrary: fc.constant(route.method), weight: 8 },
      { arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'), weight: 1 },
    ),
    id: id(route.path),
    query,
    headers,
    payload: payload(route),
    more: fc.oneof(
      { arbitrary: fc.constant(''), weight: 9 },
      { arbitrary: fc.constantFrom('/', '//', '/x', '%'), weight: 1 },
    ),
  }),
)
type Asked = typeof request extends fc.Arbitrary<infer Found> ? Found : never

let asked = 0
const met = new Set<string>()

async function isAnswered({ route, method, id, query, headers, payload, more }: Asked): Promise<void> {
  if (asked++ % 50 === 0) await another()
  const { 'content-length': length, ...rest } = headers
  const hasBody = payload !== undefined && method !== 'GET' && method !== 'HEAD'
  const response = await server.app.inject({
    method: method as 'GET', // one of the methods that inject knows
    url: `${route.path.replace(/:\w+/, id)}${more}${query.size > 0 ? `?${query}` : ''}`,
    headers: { ...rest, ...(length !== undefined && !hasBody && { 'content-length': length }) },
    ...(hasBody && { payload }),
  })
  const { statusCode: status } = response
  assert.ok(status < 500, `${status} ${response.payload.slice(0, 300)}`)
  assert.match(String(response.headers['x-request-id'] ?? ''), /^req_[0-9a-f]{32}$/)
  if (method === 'HEAD' || method === 'OPTIONS') return
  const found = routeList.find((other) => other.method === method && other.path === route.path)
  if (found && status < 300) met.add(found.path)
  if (status === 204) return assert.equal(response.payload, '')
  if (status === 206 || status === 416)
    return assert.ok(route.path === '/v1/artifacts/:id' && headers.range !== undefined)
  const body: unknown = JSON.parse(response.payload)
  if (status >= 400) return isDocumentedError(route, method, status, body)
  // a part of a file
  if (found?.path === '/v1/artifacts/:id' && headers.range !== undefined) return assert.ok([200, 206].includes(status))
  assert.equal(status, found?.status, `${method} ${route.path}`)
  if (found?.response !== undefined) assert.deepEqual(schemas[found.response]?.parse(body), body)
  if (method === 'POST') latest[route.path] = (body as { id?: string }).id ?? '' // an object: it has passed its schema
}

function isDocumentedError(route: Route, method: string, status: number, body: unknown): void {
  const isBare =
    route.path === '/v1/token' && method === 'GET' && typeof body === 'object' && body !== null && !('code' in body)
  if (isBare) return assert.deepEqual([Object.keys(body), [401, 403, 422].includes(status)], [['detail'], true])
  const parsed = RestError.strict().parse(body)
  assert.ok(parsed.message.length > 0)
  assert.ok(parsed.code !== 'internal_error')
}

const lists = [
  { path: '/v1/agents', of: 'agents' },
  { path: '/v1/sessions', of: 'sessions' },
  { path: '/v1/webhook-subscriptions', of: 'subscriptions' },
] as const

/** What is in a list is there once, and can be read. */
async function assertReadable({ path, of }: (typeof lists)[number]): Promise<void> {
  const ids: string[] = []
  for (let cursor = '', more = true; more; ) {
    const page = (await server.send('GET', `${path}?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)).body
    ids.push(...page[of].map((entry: { id: string }) => entry.id))
    cursor = page.response_metadata.next_cursor
    more = page.has_more
  }
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids.slice(0, 100))
    assert.equal((await server.send('GET', `${path}/${id}`)).status, 200, `${path}/${id}`)
}

test('any request is answered as documented, and the server goes on', { timeout: timeoutMs }, async (t) => {
  await holds(t, request, isAnswered)
  const never = new Set(routeList.filter(({ path }) => !met.has(path)).map(({ path }) => path))
  t.diagnostic(`${asked} requests; never answered with a success: ${[...never].join(', ') || 'no path'}`)
  assert.equal(await ofWitness(), untouched)
  for (const list of lists) await assertReadable(list)
  const agent = { name: 'After', system_prompt: 'All is well.', voice: { voice_id: 'alba' } }
  const made = await server.send('POST', '/v1/agents', agent)
  assert.equal(made.status, 201)
  assert.equal((await server.send('GET', `/v1/agents/${made.body.id}`)).body.name, 'After')
  await store.ping()
})

// Requests by chance: whatever is asked, the answer is a documented one, and the server goes on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { RestError, type Route, restSchemas, routeList } from '@parley/protocol'
import { openApi } from '@parley/protocol/documents'
import fc from 'fast-check'
import { openStore } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { apiKey, type TestApp, testApp } from '../http/app.js'
import { holds, timeoutMs } from './budget.js'
import { brokenText, type Json, nearly, value } from './json.js'

let store: Store
let server: TestApp
before(async () => {
  store = await openStore('memory')
  server = testApp(store, { PARLEY_RATE_LIMIT: '0', PARLEY_AUTH_FAILURES: '0' })
})
after(() => store.close())

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
      { arbitrary: fc.constantFrom('', 'Bearer', 'wrong', `Basic ${apiKey}`, 'Bearer \u00ff'), weight: 1 },
    ),
    'idempotency-key': fc.oneof(fc.constantFrom('a', 'b', ' ', 'x'.repeat(300)), fc.uuid()),
    'content-length': fc.constantFrom('0', '1', '-1', 'x'),
    'x-forwarded-for': fc.constantFrom('203.0.113.7', 'rubbish', '::', ','),
    'x-parley-console': fc.constantFrom('1', '0'),
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

async function isAnswered({ route, method, id, query, headers, payload, more }: Asked): Promise<void> {
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
  if (status === 204) return assert.equal(response.payload, '')
  const body: unknown = JSON.parse(response.payload)
  if (status >= 400) return isDocumentedError(route, method, status, body)
  const met = routeList.find((other) => other.method === method && other.path === route.path)
  assert.equal(status, met?.status, `${method} ${route.path}`)
  assert.deepEqual(schemas[String(met?.response)]?.parse(body), body)
  if (method === 'POST') latest[route.path] = (body as { id?: string }).id ?? '' // an object: it has passed its schema
}

function isDocumentedError(route: Route, method: string, status: number, body: unknown): void {
  const isBare =
    route.path === '/v1/token' && method === 'GET' && typeof body === 'object' && body !== null && !('code' in body)
  if (isBare) return assert.deepEqual([Object.keys(body), [401, 422].includes(status)], [['detail'], true])
  const parsed = RestError.strict().parse(body)
  assert.ok(parsed.message.length > 0)
  assert.ok(parsed.code !== 'internal_error')
}

test('any request is answered as documented, and the server goes on', { timeout: timeoutMs }, async (t) => {
  await holds(t, request, isAnswered)
  const agent = { name: 'After', system_prompt: 'All is well.', voice: { voice_id: 'alba' } }
  const made = await server.send('POST', '/v1/agents', agent)
  assert.equal(made.status, 201)
  assert.equal((await server.send('GET', `/v1/agents/${made.body.id}`)).body.name, 'After')
  await store.ping()
})

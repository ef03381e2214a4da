// No secret leaves the server again: not in an answer, not in an error, not in the log, not in the database's readable part.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, it } from 'node:test'
import fc from 'fast-check'
import { sql } from 'kysely'
import { newToken } from '../../dist/secrets.js'
import { type OpenDatabase, openDatabase, storeOn } from '../../dist/storage/open.js'
import type { Store } from '../../dist/storage/store.js'
import { answerOf, apiKey, type TestApp, testApp } from './app.js'

let database: OpenDatabase
let store: Store
let server: TestApp
before(async () => {
  database = await openDatabase('memory')
  store = await storeOn(database)
  server = testApp(store)
})
after(() => store.close())

/** Something unmistakable, of letters that JSON, URLs and headers leave as they are. */
const secret = fc
  .uint8Array({ minLength: 12, maxLength: 12 })
  .map((bytes) => `s3cret-${Buffer.from(bytes).toString('hex')}`)

const faults = ['none', 'voice', 'name', 'url', 'depth', 'json', 'text', 'header', 'list'] as const

const situation = fc.record({
  header: secret,
  preConnect: secret,
  llm: secret,
  key: secret,
  token: secret,
  fault: fc.constantFrom(...faults),
})

function bodyFor({
  header,
  preConnect,
  llm,
  fault,
}: {
  header: string
  preConnect: string
  llm: string
  fault: (typeof faults)[number]
}) {
  const headers = [{ name: fault === 'header' ? 'not a name' : 'X-Key', value: header }]
  return {
    name: fault === 'name' ? '' : 'Ada',
    system_prompt: fault === 'text' ? 'a\0b' : 'Be brief.',
    voice: { voice_id: fault === 'voice' ? 'nobody' : 'alba' },
    tools: [
      {
        name: 'look_up',
        http: {
          url: fault === 'url' ? `ftp://x/${header}` : 'https://shop.example',
          headers: fault === 'list' ? { 'X-Key': header } : headers,
        },
        parameters: fault === 'depth' ? nested(100) : { type: 'object' },
      },
    ],
    pre_connect_requests: [
      { http: { url: 'https://shop.example', headers: [{ name: 'Authorization', value: preConnect }] } },
    ],
    llm: [{ base_url: 'https://models.example/v1', model: 'large', api_key: llm }],
  }
}

const nested = (depth: number): object => (depth === 0 ? {} : { inside: nested(depth - 1) })

it('a secret that was sent is never seen again, whatever goes wrong (141, 157)', async () => {
  await fc.assert(
    fc.asyncProperty(situation, async (given) => {
      const body = bodyFor(given)
      const answers = [await server.send('POST', '/v1/agents', body)]
      const id = answers[0]!.body?.id
      if (id !== undefined) {
        const { id: _, created_at: __, updated_at: ___, ...record } = answers[0]!.body
        answers.push(await server.send('GET', `/v1/agents/${id}`), await server.send('PUT', `/v1/agents/${id}`, record))
        answers.push(await server.send('PUT', `/v1/agents/${id}`, bodyFor({ ...given, fault: 'url' })))
      }
      answers.push(await server.send('GET', '/v1/agents'))
      const payload = JSON.stringify(body)
      const headers = {
        authorization: apiKey,
        'content-type': given.fault === 'json' ? 'text/plain' : 'application/json',
      }
      answers.push(
        answerOf(
          await server.app.inject({ method: 'POST', url: '/v1/agents', headers, payload: payload.slice(0, -1) }),
        ),
      )
      answers.push(answerOf(await server.app.inject({ url: '/v1/agents', headers: { authorization: given.key } })))
      answers.push(
        answerOf(
          await server.app.inject({
            url: `/v1/ws?token=${given.token}`,
            headers: { authorization: `Bearer ${given.key}` },
          }),
        ),
      )
      const { rows } = await sql`select document, secrets from agents`.execute(database.db)
      const seen = [
        ...answers.map(({ text, headers }) => text + JSON.stringify(headers)),
        server.logged(),
        JSON.stringify(rows),
      ].join('\n')
      for (const [what, text] of Object.entries({ ...given, fault: '', apiKey }))
        if (text) assert.ok(!seen.includes(text), `${what} was seen`)
    }),
    { numRuns: 60 },
  )
})

it('a token and a key are in the database only as hashes', async () => {
  const { body } = await server.send('POST', '/v1/tokens')
  const tables = ['accounts', 'api_keys', 'agents', 'tokens', 'idempotency_keys']
  const dump = await Promise.all(
    tables.map(async (table) => (await sql`select * from ${sql.table(table)}`.execute(database.db)).rows),
  )
  assert.ok(!JSON.stringify(dump).includes(body.token))
  assert.ok(!JSON.stringify(dump).includes(apiKey))
})

it('what is logged by mistake is struck out', () => {
  const marked = Object.fromEntries(
    ['authorization', 'token', 'api_key', 'secret', 'resume_token'].map((name) => [name, `${name}-hidden`]),
  )
  const headers = [{ name: 'X-Key', value: 'listed-hidden' }]
  server.app.log.info(
    {
      ...marked,
      request: marked,
      agent: { tool: marked },
      headers,
      tool: { headers },
      raw: { headers: { 'x-key': 'named-hidden' } },
    },
    'careless',
  )
  const failure = Object.assign(new Error('it failed'), { detail: 'row-hidden', config: { token: newToken() } })
  server.app.log.error({ err: failure }, 'careless')
  const line = server.logged().split('\n').slice(-3).join('\n')
  assert.match(line, /careless/)
  assert.doesNotMatch(line, /hidden|parley_tt_/)
})

it('a database that fails while it handles a secret does not tell it', async () => {
  const key = randomBytes(16).toString('hex')
  await sql`alter table agents add constraint small check (length(document::text) < 10) not valid`.execute(database.db)
  const answer = await server.send(
    'POST',
    '/v1/agents',
    bodyFor({ header: key, preConnect: key, llm: key, fault: 'none' }),
  )
  await sql`alter table agents drop constraint small`.execute(database.db)
  assert.deepEqual([answer.status, answer.body.code], [500, 'internal_error'])
  assert.ok(!answer.text.includes('small'))
  assert.ok(server.logged().includes('violates check constraint'))
  assert.ok(!server.logged().includes(key))
  assert.doesNotMatch(server.logged(), /Failing row|Be brief/)
})

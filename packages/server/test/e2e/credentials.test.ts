// Getting in, beyond what the conformance suite asks (checklist 12, 24, 25).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(() => server.close())

const request = (method: string, path: string, authorization?: string) =>
  fetch(`${server.url}${path}`, { method, headers: { ...(authorization && { authorization }) } })

async function expiryOf(query: string): Promise<number> {
  const response = await request('GET', `/v1/token?${query}`, server.key)
  // the fields of the answer have tests of their own
  const { token } = (await response.json()) as { token: string }
  const peer = await visitors.open({ token })
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  const ready = await peer.first('session.ready')
  await peer.end()
  return Number(ready.expires_at)
}

test('whoever asks at the address of the socket without upgrading is told to upgrade (12)', async () => {
  for (const method of ['GET', 'HEAD']) {
    const response = await request(method, '/v1/ws')
    assert.equal(response.status, 426)
    assert.equal(response.headers.get('upgrade'), 'websocket')
  }
})

test('the cap that a token brings shows in expires_at; without one it is three hours (24)', async () => {
  for (const [query, cap] of [
    ['expires_in_seconds=60&max_session_duration_seconds=60', 60],
    ['expires_in_seconds=60', 10_800],
  ] as const) {
    const before = Date.now() / 1000
    const expiresAt = await expiryOf(query)
    assert.ok(expiresAt >= Math.floor(before + cap) && expiresAt <= Date.now() / 1000 + cap, `${expiresAt - before}`)
  }
})

test('the newer token route answers with 201, the token and when it runs out, and nothing else (25)', async () => {
  const response = await request('POST', '/v1/tokens', server.key)
  assert.equal(response.status, 201)
  // only its keys are looked at
  assert.deepEqual(Object.keys((await response.json()) as object).sort(), ['expires_at', 'token'])
})

test('every frame of every session above has the documented form (65, 66, 69)', () => visitors.assertConform())

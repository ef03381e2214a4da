// Who gets in and how, and the first frames (checklist 1-12, 21-30).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Credentials, Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(() => server.close())

const request = (method: string, path: string, authorization?: string, body?: object) =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { ...(authorization && { authorization }), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })

async function token(query = 'expires_in_seconds=60'): Promise<string> {
  const response = await request('GET', `/v1/token?${query}`, server.key)
  assert.equal(response.status, 200)
  // the fields of the answer have tests of their own
  return ((await response.json()) as { token: string }).token
}

async function getsIn(credentials: Credentials): Promise<Peer> {
  const peer = await visitors.open(credentials)
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await peer.first('session.ready')
  return peer
}

async function turnedAway(credentials: Credentials): Promise<Frame> {
  const peer = await visitors.open(credentials)
  assert.equal((await peer.closed).code, 1008)
  assert.equal(peer.frames.length, 1)
  return peer.frames[0]!
}

test('a key opens a session: raw, as Bearer, and in the address (1, 2, 3, 7)', async () => {
  for (const credentials of [{ key: server.key }, { key: `Bearer ${server.key}` }, { token: server.key }])
    await (await getsIn(credentials)).end()
})

test('a temporary token opens a session: in the address and as Bearer (5, 6)', async () => {
  await (await getsIn({ token: await token() })).end()
  await (await getsIn({ key: `Bearer ${await token()}` })).end()
})

test('a key is accepted raw and as Bearer by every route, and no route does without (4)', async () => {
  const agent = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
  for (const authorization of [server.key, `Bearer ${server.key}`]) {
    const created = await request('POST', '/v1/agents', authorization, agent)
    assert.equal(created.status, 201)
    const { id } = (await created.json()) as { id: string }
    const routes: readonly (readonly [string, string, number, object?])[] = [
      ['GET', '/v1/agents', 200],
      ['GET', `/v1/agents/${id}`, 200],
      ['PUT', `/v1/agents/${id}`, 200, { name: 'Bea' }],
      ['GET', '/v1/token?expires_in_seconds=60', 200],
      ['POST', '/v1/tokens', 201],
      ['GET', '/v1/voices', 200],
      ['DELETE', `/v1/agents/${id}`, 204],
    ]
    for (const [method, path, status, body] of routes) {
      const without = await request(method, path, undefined, body)
      assert.ok(without.status >= 400 && without.status < 500, `${method} ${path} without a key: ${without.status}`)
      assert.equal((await request(method, path, authorization, body)).status, status, `${method} ${path}`)
    }
  }
})

test('query parameters that are not known are ignored, by the socket and by the token route (8)', async () => {
  const made = await token('product=voice_agent&expires_in_seconds=60&what=ever')
  await (await getsIn({ token: made, query: 'product=voice_agent&v=2' })).end()
})

test('a stranger is let in, told so in one frame, and sent away with 1008 (9, 10, 11)', async () => {
  for (const credentials of [{}, { key: 'wrong' }, { key: 'Bearer wrong' }, { token: 'wrong' }]) {
    const { timestamp, ...frame } = await turnedAway(credentials)
    assert.equal(typeof timestamp, 'number')
    assert.deepEqual(frame, {
      type: 'session.error',
      code: 'unauthorized',
      message: 'Authentication failed',
      session_id: null,
      param: null,
    })
  }
})

test('a plain request at the address of the socket is told to upgrade (12)', async () => {
  for (const method of ['GET', 'HEAD']) {
    const response = await request(method, '/v1/ws')
    assert.equal(response.status, 426)
    assert.equal(response.headers.get('upgrade'), 'websocket')
  }
})

test('a token opens one session, even when two try at once (21)', async () => {
  const made = await token()
  const rivals = await Promise.all([visitors.open({ token: made }), visitors.open({ token: made })])
  for (const peer of rivals) peer.socket.send('{"type":"session.update","session":{}}', () => {})
  const answers = await Promise.all(
    rivals.map((peer) => Promise.race([peer.first('session.ready'), peer.first('session.error')])),
  )
  assert.deepEqual(answers.map(({ type }) => type).sort(), ['session.error', 'session.ready'])
  assert.equal((await turnedAway({ token: made })).code, 'unauthorized')
  const winner = rivals[answers.findIndex(({ type }) => type === 'session.ready')]!
  await winner.converses()
  await winner.end()
  assert.equal((await turnedAway({ token: made })).code, 'unauthorized')
})

test('a token runs out, but not the session that it opened (22, 23)', async () => {
  const made = await Promise.all(
    [1, 1].map(async () => {
      const response = await request('POST', '/v1/tokens', server.key, { expires_in_seconds: 1 })
      return (await response.json()) as { token: string; expires_at: string }
    }),
  )
  const [used, kept] = made
  const peer = await getsIn({ token: used!.token })
  await server.until(() => made.every(({ expires_at }) => Date.now() > Date.parse(expires_at)))
  assert.equal((await turnedAway({ token: kept!.token })).code, 'unauthorized')
  await peer.converses()
  await peer.end()
})

test('the cap that a token brings shows in expires_at; without one it is three hours (24)', async () => {
  for (const [query, cap] of [
    ['&max_session_duration_seconds=60', 60],
    ['', 10_800],
  ] as const) {
    const before = Date.now() / 1000
    const peer = await getsIn({ token: await token(`expires_in_seconds=60${query}`) })
    const expiresAt = Number(peer.of('session.ready')[0]!.expires_at)
    assert.ok(expiresAt >= Math.floor(before + cap) && expiresAt <= Date.now() / 1000 + cap, `${expiresAt - before}`)
    await peer.end()
  }
})

test('the newer token route needs no body and tells when the token runs out (25)', async () => {
  const before = Date.now()
  const response = await request('POST', '/v1/tokens', server.key)
  assert.equal(response.status, 201)
  const made = (await response.json()) as { token: string; expires_at: string }
  assert.deepEqual(Object.keys(made).sort(), ['expires_at', 'token'])
  assert.match(made.expires_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  const life = Date.parse(made.expires_at) - before
  assert.ok(life > 59_000 && life < 65_000, `it lives for ${life} ms`)
  await (await getsIn({ token: made.token })).end()
})

test('the server is silent until the client speaks, then says updated and ready, within 5 s (26, 27, 28)', async () => {
  const peer = await visitors.open()
  await peer.settled()
  assert.deepEqual(peer.frames, [])
  const asked = performance.now()
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await peer.first('session.ready')
  assert.deepEqual(
    peer.received.map(({ frame }) => frame.type),
    ['session.updated', 'session.ready'],
  )
  assert.ok(peer.received[1]!.at - asked < 5000)
  await peer.end()
})

test('session.ready has its documented fields, and one id names the session throughout (29, 30)', async () => {
  const peer = await getsIn({ key: server.key })
  const [updated, ready] = peer.frames
  assert.deepEqual(Object.keys(ready!).sort(), [
    'config',
    'expires_at',
    'resume_token',
    'session_id',
    'timestamp',
    'type',
  ])
  assert.match(String(ready!.session_id), /^sess_[0-9a-f]{32}$/)
  assert.ok(Number.isInteger(ready!.expires_at))
  assert.equal(typeof ready!.resume_token, 'string')
  assert.deepEqual(ready!.config, updated!.config)
  // both frames have passed the schema of the event
  assert.equal((ready!.config as { id: string }).id, ready!.session_id)
  await peer.end()
})

test('every frame of every session above has the documented form (65, 66, 69)', () => visitors.assertConform())

// How many sessions run at once, and who may open one, over real sockets.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'

let server: TestServer
before(async () => {
  server = await startTestServer({
    PARLEY_MAX_SESSIONS_PER_ACCOUNT: '3',
    PARLEY_MAX_SESSIONS: '8',
    PARLEY_AUTH_FAILURES: '5',
    PARLEY_IDLE_SECONDS: '2',
  })
})
after(() => server.close())

async function rest(method: string, path: string, body?: object, key = server.key): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  // the routes that are asked here answer with JSON objects, or with nothing
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

const keyWith = async (fields: object) => String((await rest('POST', '/v1/keys', { name: 'Test', ...fields })).key)

/** An account of its own, with a key that may do everything in it. */
async function newAccount(): Promise<{ id: string; key: string }> {
  const { id } = await rest('POST', '/v1/accounts', { name: 'Test' })
  return { id: String(id), key: await keyWith({ scopes: ['admin'], account_id: id }) }
}

/** A connection whose first message opens a session, or tries to. */
async function opening(credentials: Parameters<typeof Peer.open>[1]): Promise<Peer> {
  const peer = await Peer.open(server.url, credentials)
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  return peer
}

async function isRefused(peer: Peer, code: string): Promise<void> {
  const { code: closed } = await peer.closed
  assert.deepEqual([closed, peer.frames.map((frame) => frame.code)], [1008, [code]])
}

/** Keeps a session from being idle. */
const busy = async (key: string): Promise<Peer> => {
  const peer = await Peer.ready(server.url, key)
  const timer = setInterval(() => peer.send({ type: 'conversation.message', role: 'system', content: 'On.' }), 300)
  void peer.closed.then(() => clearInterval(timer))
  return peer
}

test('a session beyond those of its account is refused, and another account has its own', async () => {
  const [one, other] = [await newAccount(), await newAccount()]
  const peers = await Promise.all([busy(one.key), busy(one.key), busy(one.key)])
  await isRefused(await opening({ key: one.key }), 'concurrency_exceeded')
  const elsewhere = await busy(other.key)
  await peers[0]!.end()
  const next = await busy(one.key)
  await Promise.all([peers[1]!, peers[2]!, elsewhere, next].map((peer) => peer.end()))
})

test('of connections that came at once, only as many begin as there are places; the others are told', async () => {
  const { key } = await newAccount()
  const peers = await Promise.all(Array.from({ length: 5 }, () => opening({ key })))
  const first = await Promise.all(
    peers.map((peer) => Promise.race([peer.first('session.ready'), peer.first('session.error')])),
  )
  assert.deepEqual(first.map(({ type, code }) => code ?? type).sort(), [
    ...Array(2).fill('concurrency_exceeded'),
    ...Array(3).fill('session.ready'),
  ])
  for (const [index, frame] of first.entries())
    if (frame.type === 'session.ready') await peers[index]!.end()
    else assert.equal((await peers[index]!.closed).code, 1008)
  assert.match(
    String((await (await fetch(`${server.url}/metrics`)).text()).match(/parley_sessions_refused_total.*/g)),
    /code="concurrency_exceeded"\} [3-9]/,
  )
})

test('a key has its own limit, which its tokens share', async () => {
  const key = await keyWith({ scopes: ['sessions', 'tokens'], max_sessions: 1 })
  const { token } = await rest('POST', '/v1/tokens', {}, key)
  const { token: second } = await rest('POST', '/v1/tokens', {}, key)
  const peer = await opening({ token: String(token) })
  await peer.first('session.ready')
  await isRefused(await opening({ key }), 'concurrency_exceeded')
  await isRefused(await opening({ token: String(second) }), 'concurrency_exceeded')
  await peer.end()
})

test('a key without the scope sessions opens none', async () => {
  const key = await keyWith({ scopes: ['agents', 'tokens'] })
  await isRefused(await Peer.open(server.url, { key }), 'unauthorized')
})

test('the sessions of an account that is deleted end in good order', async () => {
  const { id, key } = await newAccount()
  const peer = await busy(key)
  await rest('DELETE', `/v1/accounts/${id}`)
  assert.equal((await peer.closed).code, 1000)
  assert.ok(await peer.first('session.ended'))
  await isRefused(await Peer.open(server.url, { key }), 'unauthorized')
})

test('a session in which nobody says anything ends by itself, and one that is busy does not', async () => {
  const { key } = await newAccount()
  const active = await busy(key)
  const silent = await Peer.ready(server.url, key)
  assert.equal((await silent.closed).code, 1000)
  assert.equal(silent.frames.at(-1)?.type, 'session.ended')
  await active.converses()
  await active.end()
  assert.match(await (await fetch(`${server.url}/metrics`)).text(), /parley_sessions_ended_total\{reason="idle"\} 1/)
})

test('many wrong tokens are soon not even looked up, and a good key still gets in', { timeout: 120_000 }, async () => {
  await (await Peer.ready(server.url, server.key)).end()
  const messages = new Set<unknown>()
  for (let round = 0; round < 6; round++) {
    const peers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => Peer.open(server.url, { token: `parley_tt_${round}_${number}` })),
    )
    for (const peer of peers) {
      await isRefused(peer, 'unauthorized')
      messages.add(String(peer.frames[0]?.message).replace(/\d+/, 'n'))
    }
  }
  assert.deepEqual([...messages].sort(), [
    'Authentication failed',
    'Too many wrong credentials came from this address. Try again in n s.',
  ])
  await (await Peer.ready(server.url, server.key)).end()
  await server.until(() => server.sessions() === 0)
})

test('connections beyond those of the server are refused at once, even when none has begun', async () => {
  const { key } = await newAccount()
  const silent = await Promise.all(Array.from({ length: 8 }, () => Peer.open(server.url, { key })))
  await isRefused(await Peer.open(server.url, { key }), 'at_capacity')
  for (const peer of silent) peer.socket.close()
})

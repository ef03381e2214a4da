import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'

let server: TestServer
let bystander: Peer

before(async () => {
  // a session that outlived its connection would hide that it was let go
  server = await startTestServer({ PARLEY_RESUME_GRACE_SECONDS: '0' })
  bystander = await Peer.ready(server.url, server.key)
})

after(async () => {
  await bystander.converses()
  await bystander.end()
  await server.close()
})

const silence = { type: 'input.audio', audio: Buffer.alloc(2400).toString('base64') }

test('whatever is wrong with a message, the session goes on (59-64)', async () => {
  const peer = await Peer.ready(server.url, server.key)
  const wrong: readonly (readonly [string, string, string])[] = [
    ['{"type":', 'invalid_format', 'Invalid JSON format.'],
    ['', 'invalid_format', 'Invalid JSON format.'],
    ['{"type":"dance"}', 'invalid_format', 'Unknown message type: dance'],
    ['{"type":"input.audio"}', 'invalid_format', "Invalid message format for type 'input.audio'"],
    ['{"type":"input.audio","audio":5}', 'invalid_format', "Invalid message format for type 'input.audio'"],
    ['{"type":"input.audio","audio":"not base64!"}', 'invalid_audio', 'Invalid audio data'],
    ['{"type":"reply.cancel"}', 'invalid_format', "Invalid message format for type 'reply.cancel'"],
    [
      '{"type":"tool.result","call_id":"a","result":{}}',
      'invalid_format',
      "Invalid message format for type 'tool.result'",
    ],
    [
      '{"type":"conversation.message","role":"agent","content":"x"}',
      'invalid_format',
      "Invalid message format for type 'conversation.message'",
    ],
  ]
  for (const [text, code, message] of wrong) {
    const error = peer.next('session.error')
    peer.socket.send(text)
    const { timestamp, ...rest } = await error
    assert.equal(typeof timestamp, 'number')
    assert.deepEqual(rest, { type: 'session.error', code, message })
  }
  const refused = peer.next('session.error')
  peer.socket.send(randomBytes(2400))
  assert.equal((await refused).code, 'invalid_format')
  await peer.converses()
  await peer.end()
})

test('JSON that is not an object, and objects of every odd shape, are errors', async () => {
  const peer = await Peer.ready(server.url, server.key)
  for (const text of [
    'null',
    '5',
    '"text"',
    '[]',
    '{}',
    '{"type":null}',
    '{"type":{}}',
    `{"type":"${'x'.repeat(10_000)}"}`,
    '[['.repeat(50_000),
  ]) {
    const error = peer.next('session.error')
    peer.socket.send(text)
    assert.equal((await error).code, 'invalid_format')
  }
  await peer.converses()
  await peer.end()
})

test('a frame of 30 MB closes the connection with 1009, and nobody else notices (Q14)', async () => {
  const peer = await Peer.ready(server.url, server.key)
  peer.socket.send(`{"type":"input.audio","audio":"${'A'.repeat(30_000_000)}"}`, () => {})
  assert.equal((await peer.closed).code, 1009)
  await bystander.converses()
})

test('ten thousand tiny frames a second are an error that says so, and then the end', async () => {
  const peer = await Peer.ready(server.url, server.key)
  const text = JSON.stringify({ type: 'input.audio', audio: 'AAA=' })
  let closed = false
  peer.closed.then(() => {
    closed = true
  })
  for (let second = 0; second < 12 && !closed; second++) {
    for (let batch = 0; batch < 20; batch++) {
      for (let frame = 0; frame < 500; frame++) peer.socket.send(text, () => {})
      await new Promise((resolve) => setTimeout(resolve, 45))
    }
  }
  assert.equal((await peer.closed).code, 1008)
  const errors = peer.of('session.error')
  assert.ok(errors.length > 0 && errors.length < 15)
  assert.ok(errors.every(({ code }) => code === 'audio_rate_violation'))
  await bystander.converses()
})

test('sound faster than it plays is refused once a second, and the session goes on (109)', async () => {
  const peer = await Peer.ready(server.url, server.key)
  const error = peer.next('session.error')
  for (let frame = 0; frame < 400; frame++) peer.send(silence)
  assert.equal((await error).code, 'audio_rate_violation')
  await peer.converses()
  assert.equal(peer.of('session.error').length, 1)
  await peer.end()
})

test('sound before the session is ready is dropped without a word (67)', async () => {
  const peer = await Peer.open(server.url, { key: server.key })
  for (let frame = 0; frame < 20; frame++) peer.send(silence)
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await peer.next('session.ready')
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.updated', 'session.ready'],
  )
  await peer.end()
})

test('a client that vanishes takes only its own session with it (123)', async () => {
  const peers = await Promise.all(Array.from({ length: 10 }, () => Peer.ready(server.url, server.key)))
  for (const peer of peers) peer.socket.terminate()
  await bystander.converses()
  await server.until(() => server.sessions() === 1)
})

test('a client that stops reading is dropped once too much is waiting for it', async () => {
  const peer = await Peer.ready(server.url, server.key)
  peer.socket.pause()
  // each update is answered with all settings; the answers are never read
  const text = JSON.stringify({ type: 'session.update', session: { system_prompt: 'x'.repeat(200_000) } })
  for (let round = 0; round < 120 && server.sessions() > 1; round++) {
    peer.socket.send(text, () => {})
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await server.until(() => server.sessions() === 1, 20_000)
  peer.socket.terminate()
  await bystander.converses()
})

test('what is no WebSocket at all is refused and forgotten', async () => {
  const { hostname, port } = new URL(server.url)
  const send = (text: string) =>
    new Promise<string>((resolve) => {
      const stream = connect(Number(port), hostname, () => stream.end(text))
      let answer = ''
      stream.on('data', (data) => {
        answer += data
      })
      stream.on('error', () => resolve(answer))
      stream.on('close', () => resolve(answer))
    })
  assert.match(
    await send('GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  )
  assert.match(
    await send('GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    /^HTTP\/1\.1 404/,
  )
  assert.match(
    await send('GET //[ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    /^HTTP\/1\.1 4/,
  )
  assert.match(await send('rubbish\r\n\r\n'), /^HTTP\/1\.1 400/)
  await bystander.converses()
})

test('a stranger is told so on an open socket, and that is all (9-11)', async () => {
  for (const credentials of [{}, { key: 'wrong' }, { token: 'wrong' }]) {
    const peer = await Peer.open(server.url, credentials)
    assert.equal((await peer.closed).code, 1008)
    const [frame, ...more] = peer.frames
    assert.deepEqual(more, [])
    assert.deepEqual(
      { ...frame, timestamp: 0 },
      {
        type: 'session.error',
        code: 'unauthorized',
        message: 'Authentication failed',
        session_id: null,
        param: null,
        timestamp: 0,
      },
    )
  }
})

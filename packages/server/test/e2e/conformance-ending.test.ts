// How a session ends, and that it stays ended (checklist 112-115).
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

test('session.end is answered by session.ended and the close, and nothing follows (112)', async () => {
  const peer = await visitors.ready()
  peer.send({ type: 'session.end' })
  assert.equal((await peer.closed).code, 1000)
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.updated', 'session.ready', 'session.ended'],
  )
  assert.equal(server.sessions(), 0)
})

test('a reply that is open at the end is closed first (74, 112)', async () => {
  const peer = await visitors.ready({ greeting: 'A greeting that nobody will hear to its end.' })
  await peer.first('reply.audio')
  peer.send({ type: 'session.end' })
  assert.equal((await peer.closed).code, 1000)
  assert.deepEqual(
    peer.frames.slice(-2).map(({ type, status }) => [type, status]),
    [
      ['reply.done', 'interrupted'],
      ['session.ended', undefined],
    ],
  )
})

test('the length of the session is a float, that of the sound is its own, or null without any (113, 114)', async () => {
  for (const [frames, expected] of [
    [0, null],
    [7, 0.35],
  ] as const) {
    const peer = await visitors.ready()
    const began = performance.now()
    for (let frame = 0; frame < frames; frame++)
      peer.send({ type: 'input.audio', audio: Buffer.alloc(2400).toString('base64') })
    await peer.settled()
    peer.send({ type: 'session.end' })
    const ended = await peer.first('session.ended')
    const { text } = peer.received.find(({ frame }) => frame.type === 'session.ended')!
    assert.match(text, /"session_duration_seconds":\d+\.\d+/)
    const lasted = (performance.now() - began) / 1000
    assert.ok(Math.abs(Number(ended.session_duration_seconds) - lasted) < 0.5, text)
    assert.equal(ended.audio_duration_seconds, expected)
    await peer.closed
  }
})

test('a session that has ended, or that never was, cannot be resumed (115)', async () => {
  const over = await visitors.ready()
  const ended = String(over.of('session.ready')[0]!.session_id)
  await over.end()
  for (const session_id of [ended, 'sess_00000000000000000000000000000000']) {
    const peer = await visitors.open()
    peer.send({ type: 'session.resume', session_id })
    assert.equal((await peer.closed).code, 1008)
    assert.deepEqual(
      peer.frames.map(({ type, code, param }) => [type, code, param]),
      [['session.error', 'session_not_found', 'session_id']],
    )
  }
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97)', () =>
  visitors.assertConform())

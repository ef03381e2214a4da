// Replies to the letter and to the millisecond, as engines that follow a script allow it (checklist 74-83, 87).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

const replies = ['The first thing to say is this, in full.', 'Another thing to say. It has two sentences.'] as const

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer({
    PARLEY_LLM_OPTIONS: JSON.stringify({ replies }),
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 30 }),
  })
  visitors = new Visitors(server)
})
after(() => server.close())

const create = (peer: Peer, instructions?: string) =>
  peer.send({ type: 'reply.create', ...(instructions && { instructions }) })

/** The types of the frames of a reply, with runs of one type as one. */
const courseOf = (peer: Peer, reply: unknown) =>
  peer.frames
    .filter(({ reply_id }) => reply_id === reply)
    .map(({ type }) => type)
    .filter((type, index, types) => type !== types[index - 1])

const withoutDeltas = (types: readonly string[]) =>
  types.filter((type) => type !== 'transcript.agent.delta').filter((type, index, kept) => type !== kept[index - 1])

test('a reply is one id from started to done, with its words before the text and its text after the sound (74-83)', async () => {
  const peer = await visitors.ready()
  create(peer)
  const done = await peer.next('reply.done')
  const reply = done.reply_id
  assert.deepEqual(withoutDeltas(courseOf(peer, reply)), [
    'reply.started',
    'reply.audio',
    'transcript.agent',
    'reply.done',
  ])
  const spoken = peer.of('transcript.agent')[0]!
  assert.ok(replies.some((text) => text === spoken.text))
  assert.deepEqual([spoken.interrupted, done.status], [false, 'completed'])
  const deltas = peer.of('transcript.agent.delta')
  assert.deepEqual(
    deltas.map(({ delta }) => String(delta).trim()),
    String(spoken.text).split(' '),
  )
  let end = 0
  for (const { start_ms, end_ms } of deltas) {
    assert.ok(Number.isInteger(start_ms) && Number(start_ms) >= end && Number(end_ms) > Number(start_ms))
    end = Number(end_ms)
  }
  assert.match(String(reply), /^resp_[0-9a-f]{32}$/)
  assert.match(String(spoken.item_id), /^msg_[0-9a-f]{32}$/)
  for (const frame of peer.of('reply.audio')) {
    assert.deepEqual(Object.keys(frame).sort(), ['data', 'reply_id', 'timestamp', 'type'])
  }
  await peer.end()
})

test('reply.create during another reply waits for its end; of several the last counts (76, 87)', async () => {
  const peer = await visitors.ready()
  create(peer)
  await peer.next('reply.audio')
  for (const _ of [1, 2, 3]) create(peer)
  const done: Frame[] = []
  done.push(await peer.next('reply.done'))
  done.push(await peer.next('reply.done'))
  await peer.settled()
  assert.deepEqual(
    done.map(({ status }) => status),
    ['completed', 'completed'],
  )
  assert.equal(peer.of('reply.started').length, 2)
  for (const { text } of peer.of('transcript.agent')) assert.ok(replies.some((reply) => reply === text))
  await peer.end()
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97, 104, 108)', () =>
  visitors.assertConform())

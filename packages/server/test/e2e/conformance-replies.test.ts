// The greeting, and replies that are asked for (checklist 70, 71, 74-84, 86-89).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

const replies = ['The first thing to say is this, in full.', 'Another thing to say. It has two sentences.'] as const
const greeting = 'Hello, and welcome to the bakery! What can I get you today?'

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

test('a greeting is heard within a second of ready, word for word, without the client doing anything (70, 71)', async () => {
  const peer = await visitors.ready({ greeting })
  const spoken = await peer.first('transcript.agent')
  const done = await peer.first('reply.done')
  const at = (type: string) => peer.received.find(({ frame }) => frame.type === type)!.at
  assert.ok(at('reply.audio') - at('session.ready') < 1000)
  assert.deepEqual([spoken.text, spoken.interrupted, done.status], [greeting, false, 'completed'])
  assert.equal(peer.of('reply.started').length, 1)
  await peer.end()
})

test('a greeting is repeated to the letter, whatever is in it (71, 83)', async () => {
  for (const odd of [
    '  Hi,   *you*! ',
    '1. Bread… 2. Cake — 3 £ each',
    'Grüß Gott. Wie geht’s?\nGut?',
    'Dr. No said "no."',
  ]) {
    const peer = await visitors.ready({ greeting: odd, output: { type: 'audio' } })
    assert.equal((await peer.first('transcript.agent')).text, odd)
    await peer.end()
  }
})

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

test('reply.create starts a reply within 200 ms when nobody speaks (84)', async () => {
  const peer = await visitors.ready()
  const waits: number[] = []
  for (let round = 0; round < 5; round++) {
    const asked = performance.now()
    const started = peer.next('reply.started')
    const done = peer.next('reply.done')
    create(peer)
    const { reply_id } = await started
    waits.push(performance.now() - asked)
    peer.send({ type: 'reply.cancel', reply_id })
    await done
  }
  // the middle one, for a moment in which the machine is busy is not the server's doing
  const median = waits.sort((a, b) => a - b)[2]!
  assert.ok(median <= 200, `${median} ms`)
  await peer.end()
})

test('reply.create during the greeting takes its place (86)', async () => {
  const peer = await visitors.ready({ greeting })
  await peer.first('reply.audio')
  const started = peer.next('reply.started')
  create(peer, 'Say something else.')
  const { reply_id } = await started
  const [cut] = peer.of('reply.done')
  assert.equal(cut?.status, 'interrupted')
  assert.notEqual(reply_id, cut?.reply_id)
  assert.equal((await peer.next('reply.done')).status, 'completed')
  assert.ok(!peer.of('transcript.agent').some(({ text }) => text === greeting))
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

test('reply.cancel stops the reply that it names, and no other (79, 80, 88, 97)', async () => {
  const peer = await visitors.ready()
  create(peer)
  const { reply_id } = await peer.next('reply.started')
  peer.send({ type: 'reply.cancel', reply_id: 'resp_00000000000000000000000000000000' })
  await peer.next('transcript.agent.delta', ({ start_ms }) => Number(start_ms) > 100)
  await peer.next('reply.audio', () => peer.of('reply.audio').length > 30)
  const done = peer.next('reply.done')
  peer.send({ type: 'reply.cancel', reply_id })
  assert.deepEqual([(await done).reply_id, (await done).status], [reply_id, 'interrupted'])
  const [cut] = peer.of('transcript.agent')
  assert.equal(cut?.interrupted, true)
  assert.ok(replies.some((reply) => reply.startsWith(`${cut?.text} `)))
  peer.send({ type: 'reply.cancel', reply_id })
  await peer.converses()
  assert.deepEqual(peer.of('session.error'), [])
  await peer.end()
})

test('a message adds to the conversation and nothing is said to it (89)', async () => {
  const peer = await visitors.ready()
  for (const role of ['user', 'system'])
    peer.send({ type: 'conversation.message', role, content: 'The customer has opened the page of cakes.' })
  await peer.settled()
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.updated', 'session.ready'],
  )
  await peer.converses()
  assert.equal(peer.of('reply.started').length, 1)
  await peer.end()
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97, 104, 108)', () =>
  visitors.assertConform())

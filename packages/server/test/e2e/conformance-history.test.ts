// What is kept of a session, over a real socket (checklist 161-165).
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { SessionList, SessionRecord } from '@parley/protocol'
import type { TimelineDocument } from '../../dist/history/timeline-document.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Talker } from '../helpers/talker.js'
import { Visitors } from '../helpers/visitors.js'
import { listen } from '../history/listen.js'

let server: TestServer
let visitors: Visitors
const folder = mkdtempSync(join(tmpdir(), 'parley-heard-'))

before(async () => {
  server = await startTestServer({
    PARLEY_VAD_OPTIONS: '{"sampleRateHz":24000}',
    PARLEY_STT_OPTIONS: '{"sampleRateHz":24000,"texts":["What time is it?"]}',
    PARLEY_RECORDINGS: 'on',
  })
  visitors = new Visitors(server)
})
after(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = async (path: string, method = 'GET', key = server.key) => {
  const response = await fetch(`${server.url}${path}`, { method, headers: { authorization: key } })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

/** The session as it is shown once its files are there. */
async function finished(id: string): Promise<SessionRecord> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const { status, body } = await ask(`/v1/sessions/${id}`)
    if (status === 200 && body.artifacts.length > 0) return SessionRecord.parse(body)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The session has no files.')
}

const USER_HZ = 300
const speech = (ms: number) =>
  Int16Array.from({ length: ms * 24 }, (_, index) => 12_000 * Math.sin((2 * Math.PI * USER_HZ * index) / 24_000))

const fetched = async (session: SessionRecord, type: string) => {
  const artifact = session.artifacts.find((one) => one.type === type)
  assert.ok(artifact, `no ${type}`)
  // without a key
  const response = await fetch(artifact.url)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), artifact.content_type)
  return response
}

const timelineOf = async (session: SessionRecord) =>
  // compared with the documented members below
  (await (await fetched(session, 'timeline')).json()) as TimelineDocument

test('a finished session has its sound, its timeline and its metadata; the sound is stereo, the user left, the agent right (162-165)', async () => {
  const peer = await visitors.ready({ greeting: 'Good evening.', system_prompt: 'Be brief.' })
  const id = String(peer.of('session.ready')[0]!.session_id)
  const open = await ask(`/v1/sessions/${id}`)
  const talker = new Talker(peer)
  await peer.next('reply.done')
  const answered = peer.next('reply.done')
  await talker.say(speech(1000))
  await answered
  peer.send({ type: 'reply.create', instructions: 'Say goodbye.' })
  await peer.next('reply.done')
  await talker.end()
  await peer.closed

  if (open.status === 200) assert.deepEqual([open.body.status, open.body.artifacts], ['created', []])
  const session = await finished(id)
  assert.equal(session.status, 'completed')
  assert.equal(session.public_close_reason, 'client_end')
  assert.equal(session.agent_id, null)
  assert.equal(session.config?.greeting, 'Good evening.')
  const seconds = Number(peer.of('session.ended')[0]!.session_duration_seconds)
  assert.ok(Math.abs(session.duration_seconds! - seconds) < 0.05)
  assert.deepEqual(
    session.artifacts.map(({ type, content_type }) => [type, content_type]),
    [
      ['audio', 'audio/ogg'],
      ['timeline', 'application/json'],
      ['metadata', 'application/json'],
    ],
  )

  const timeline = await timelineOf(session)
  assert.equal(timeline.session_id, id)
  const { turns = [] } = timeline
  assert.ok(!('config_changes' in timeline))
  assert.deepEqual(timeline.ended.public_reason, 'client_end')
  assert.deepEqual(timeline.ended.reason, 'user_initiated')
  assert.deepEqual(
    turns.map((turn) => [turn.trigger, turn.status, 'tool_calls' in turn]),
    [
      ['greeting', 'completed', false],
      ['user_speech', 'completed', false],
      ['reply_create', 'completed', false],
    ],
  )
  const [greeting, answer, requested] = turns
  assert.ok(greeting && answer && requested)
  assert.equal(requested.requested_instructions, 'Say goodbye.')
  assert.equal(greeting.agent_text, 'Good evening.')
  assert.equal(answer.user_transcript, 'What time is it?')
  const { latency } = answer
  const moments = [
    answer.user_speech_started_at_ms,
    answer.user_speech_ended_at_ms,
    latency.decided_at_ms,
    latency.first_token_at_ms,
    latency.first_sentence_at_ms,
    latency.first_sound_made_at_ms,
    latency.first_sound_sent_at_ms,
    answer.agent_reply_ended_at_ms,
  ]
  assert.deepEqual(
    moments,
    [...moments].sort((a, b) => Number(a) - Number(b)),
  )
  const [startedAt, endedAt, sentAt] = [
    answer.user_speech_started_at_ms,
    answer.user_speech_ended_at_ms,
    latency.first_sound_sent_at_ms,
  ]
  assert.ok(startedAt !== null && endedAt !== null && sentAt !== null && answer.agent_reply_ended_at_ms !== null)
  assert.ok(Math.abs(answer.time_to_first_audio_ms! - (sentAt - endedAt)) <= 1)
  assert.ok(latency.decisions?.some(({ what, why }) => what === 'end of turn' && why))

  const metadata = (await (await fetched(session, 'metadata')).json()) as Record<string, unknown>
  assert.equal(metadata.format, 'ogg/opus')
  assert.equal(metadata.channel_layout, 'stereo (left=user, right=agent)')
  assert.deepEqual([metadata.channels, metadata.sample_rate, metadata.dropped_chunks], [2, 24_000, 0])
  assert.ok(Number(metadata.uploaded_chunks) > 0)

  const path = join(folder, 'audio.ogg')
  writeFileSync(path, Buffer.from(await (await fetched(session, 'audio')).arrayBuffer()))
  const heard = await listen(path)
  assert.equal(heard.channels, 2)
  assert.ok(Math.abs(heard.seconds - seconds) < 0.1, `${heard.seconds} s of ${seconds} s`)
  const [from, to] = [startedAt + 200, endedAt - 200]
  assert.ok(heard.tone('user', USER_HZ, from, to) > 0.2)
  assert.ok(heard.level('agent', from, to) < 0.01)
  assert.ok(heard.level('agent', sentAt, answer.agent_reply_ended_at_ms) > 0.02)
  assert.ok(heard.level('user', sentAt + 100, answer.agent_reply_ended_at_ms) < 0.01)
})

test('what the user cut off is not in the recording, and the timeline says when it was', async () => {
  const peer = await visitors.ready({
    greeting:
      'This is a greeting that goes on and on, until somebody says that it is enough of it, which will be soon.',
    input: { turn_detection: { interruption_delay: 0 } },
  })
  const id = String(peer.of('session.ready')[0]!.session_id)
  const talker = new Talker(peer)
  await peer.first('reply.audio')
  const done = peer.next('reply.done')
  void talker.say(speech(1500))
  assert.equal((await done).status, 'interrupted')
  await peer.next('transcript.user')
  await talker.end()
  const session = await finished(id)
  const timeline = await timelineOf(session)
  const [greeting, next] = timeline.turns ?? []
  assert.ok(greeting)
  assert.deepEqual([greeting.trigger, greeting.status], ['greeting', 'interrupted'])
  assert.equal(greeting.interrupted_at_ms, greeting.agent_reply_ended_at_ms)
  const path = join(folder, 'cut.ogg')
  writeFileSync(path, Buffer.from(await (await fetched(session, 'audio')).arrayBuffer()))
  const heard = await listen(path)
  const [sentAt, cutAt] = [greeting.latency.first_sound_sent_at_ms, greeting.interrupted_at_ms]
  assert.ok(sentAt !== null && cutAt !== null)
  assert.ok(heard.level('agent', sentAt, cutAt) > 0.02)
  const until = next?.latency.first_sound_sent_at_ms ?? timeline.ended.duration_seconds * 1000
  assert.ok(heard.level('agent', cutAt + 30, until - 30) < 0.01)
})

test('the list takes limit, cursor, status and agent_id, and refuses others (161)', async () => {
  const ids: string[] = []
  for (let count = 0; count < 3; count++) {
    const peer = await visitors.ready()
    ids.unshift(String(peer.of('session.ready')[0]!.session_id))
    await peer.end()
    await finished(ids[0]!)
  }
  const first = SessionList.parse((await ask('/v1/sessions?limit=2')).body)
  assert.deepEqual(
    first.sessions.map(({ id }) => id),
    ids.slice(0, 2),
  )
  assert.equal(first.has_more, true)
  const second = SessionList.parse(
    (await ask(`/v1/sessions?limit=1&cursor=${first.response_metadata.next_cursor}`)).body,
  )
  assert.equal(second.sessions[0]?.id, ids[2])
  assert.deepEqual((await ask('/v1/sessions?status=created')).body.sessions, [])
  assert.deepEqual((await ask('/v1/sessions?agent_id=agent_unknown')).body.sessions, [])
  assert.deepEqual((await ask('/v1/sessions?agent_id=%00')).body.sessions, [])
  assert.deepEqual(Object.keys(first.sessions[0]!).sort(), [
    'agent_id',
    'created_at',
    'duration_seconds',
    'ended_at',
    'id',
    'public_close_reason',
    'status',
  ])
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'status=gone']) {
    const { status, body } = await ask(`/v1/sessions?${query}`)
    assert.deepEqual([status, body.code], [422, 'validation_error'], query)
  }
  assert.equal((await ask('/v1/sessions?limit=200')).status, 200)
})

test('a deleted session is gone, and so are its files', async () => {
  const peer = await visitors.ready()
  const id = String(peer.of('session.ready')[0]!.session_id)
  await peer.end()
  const { artifacts } = await finished(id)
  assert.equal((await ask(`/v1/sessions/${id}`, 'DELETE')).status, 204)
  for (const { url } of artifacts) assert.equal((await fetch(url)).status, 404)
  for (const method of ['GET', 'DELETE']) {
    const { status, body } = await ask(`/v1/sessions/${id}`, method)
    assert.deepEqual([status, body.code, body.message], [404, 'session_not_found', 'Session not found'])
  }
})

test('every frame of every session above has the documented form', () => visitors.assertConform())

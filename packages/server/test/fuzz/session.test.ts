// Messages by chance over a real socket: every one that is owed an answer gets it, and nothing stays behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ClientEventType, parseClientEvent, type SessionList, type SessionRecord } from '@parley/protocol'
import { asyncApi } from '@parley/protocol/documents'
import fc from 'fast-check'
import type { TimelineDocument } from '../../dist/history/timeline-document.js'
import { type FakeServer, fakeServer } from '../engines/openai-server.js'
import { type Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { assertConforms } from '../helpers/trace.js'
import { holds, timeoutMs } from './budget.js'
import { brokenText, type Json, nearly } from './json.js'

let model: FakeServer
let server: TestServer
let agentId: string
before(async () => {
  // by turns it calls a tool that it was offered, if there is one, hangs up if it may, and says something
  model = await fakeServer(({ body, answer }, count) => {
    const offered = (body.tools ?? []) as readonly { readonly function: { readonly name: string } }[] // as the client of models writes it
    const name = offered[count % (offered.length + 2)]?.function.name
    if (name === undefined) return answer.says('As you wish. ', 'Anything else?').done()
    answer.calls(0, `call_${count}`, name, count % 5 === 0 ? { what: 'nothing that was said' } : {}).done('tool_calls')
  })
  server = await startTestServer({
    PARLEY_LLM: 'openai',
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: 'none',
    PARLEY_LLM_MODEL: 'test',
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 10 }),
    PARLEY_RESUME_GRACE_SECONDS: '2',
    PARLEY_RATE_LIMIT: '0',
  })
  const agent = {
    ...{ name: 'Stored', system_prompt: 'Be brief.', voice: { voice_id: 'alba' }, greeting: 'Hi.' },
    tools: [
      tool,
      { ...tool, name: 'of_server', execution_mode: 'interactive', http: { url: `${model.baseUrl}/none` } },
    ],
    parley: { end_call: true, history: { record_audio: false, retention_days: 3 } },
  }
  agentId = String((await rest<{ id: string }>('POST', '/v1/agents', agent)).id)
})
after(async () => {
  await server.close()
  await model.stop()
})

async function rest<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: server.key, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  assert.ok(response.ok, `${response.status} ${path}`)
  // True: what the route is documented to answer with; a wrong shape fails the test.
  return (await response.json()) as Body
}

const messages = JSON.parse(JSON.stringify(asyncApi())) as {
  readonly components: {
    readonly messages: Record<string, { readonly examples: readonly { readonly payload: Json }[] }>
  }
}

/** What the AsyncAPI document shows of an event. */
const exampleOf = (type: ClientEventType): Json => messages.components.messages[type]?.examples[0]?.payload ?? {}

const tool = {
  type: 'function',
  name: 'look_up',
  description: 'Looks it up.',
  parameters: { type: 'object', properties: { what: { type: 'string' } } },
  timeout_seconds: 1,
  execution_mode: 'interactive',
  response_instructions: { success: 'Say it.', error: 'Say sorry.' },
}

/** Every setting that there is, with a value that it may have. */
const settings: Readonly<Record<string, Json>> = {
  system_prompt: 'Be brief.',
  greeting: 'Hello there.',
  input: {
    type: 'audio',
    format: { encoding: 'audio/pcmu', sample_rate: 8000 },
    turn_detection: {
      type: 'server_vad',
      vad_threshold: 0.4,
      min_silence: 200,
      max_silence: 900,
      interrupt_response: true,
      interruption_delay: 100,
      uninterruptible_turns: ['greeting'],
    },
    keyterms: ['Parley'],
    transcription_mode: 'balanced',
    continuous_partials: true,
    transcription_prompt: 'Names.',
    language_codes: ['en'],
    voice_focus: 'near-field',
    voice_focus_threshold: 0.5,
  },
  output: { type: 'audio', voice: 'alba', format: { encoding: 'audio/pcm', sample_rate: 24_000 }, volume: 50 },
  tools: [tool],
  parley: { end_call: true, filler: { mode: 'phrases', after_ms: 200, phrases: ['One moment.'] } },
  webhook: { url: 'http://127.0.0.1:9/', events: ['session.started', 'session.completed'], secret: 'x'.repeat(32) },
}

/** Not sent: the agent is given a moment. */
const PAUSE = 'the agent is given a moment'
const PAUSE_MS = 250

/** Stand for what the server has named by the time that the message is sent. */
const [CALL, REPLY] = ['the latest call', 'the latest reply']
const results: fc.Arbitrary<Json> = fc.record({
  type: fc.constant('tool.result'),
  call_id: fc.constant(CALL),
  result: fc.constantFrom('', '{"ok":true}', 'x'.repeat(20_000), '\ud800'),
  is_error: fc.boolean(),
})

/** Some of the settings, or a stored agent. */
const session: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.subarray(Object.entries(settings)).map((chosen) => Object.fromEntries(chosen)), weight: 5 },
  {
    arbitrary: fc.constant({ greeting: 'Hi.', tools: [tool, { ...tool, name: 'other', execution_mode: 'hold' }] }),
    weight: 3,
  },
  { arbitrary: fc.constant(null).map((): Json => ({ agent_id: agentId })), weight: 2 },
  { arbitrary: fc.constant({ agent_id: 'agent_of_nobody' }), weight: 1 },
)

const sound = fc
  .tuple(fc.integer({ min: 0, max: 4800 }), fc.integer({ min: 0, max: 12_000 }), fc.boolean())
  .map(([bytes, loudness, isOdd]): Json => {
    const samples = Int16Array.from({ length: bytes / 2 }, (_, index) => (index % 40 < 20 ? loudness : -loudness))
    const whole = Buffer.from(samples.buffer)
    return { type: 'input.audio', audio: (isOdd ? whole.subarray(1) : whole).toString('base64') }
  })

const others = (Object.keys(messages.components.messages) as ClientEventType[]).filter((type) => exampleOf(type))
const message: fc.Arbitrary<string | Buffer> = fc.oneof(
  { arbitrary: nearly(session.map((given) => ({ type: 'session.update', session: given }))).map(written), weight: 5 },
  {
    arbitrary: fc
      .constantFrom(...others)
      .chain((type) => nearly(fc.constant(exampleOf(type))))
      .map(written),
    weight: 6,
  },
  { arbitrary: sound.map(written), weight: 4 },
  { arbitrary: nearly(sound).map(written), weight: 1 },
  { arbitrary: fc.constant(written({ type: 'reply.create' })), weight: 4 },
  { arbitrary: nearly(results).map(written), weight: 4 },
  { arbitrary: fc.constant(PAUSE), weight: 6 },
  { arbitrary: fc.constant(written({ type: 'reply.cancel', reply_id: REPLY })), weight: 1 },
  { arbitrary: brokenText, weight: 2 },
  { arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
)

function written(event: Json): string {
  return JSON.stringify(event)
}

/** A reply is asked for, in which a tool may be called; the call is answered or left. */
const exchange = fc
  .tuple(nearly(results).map(written), fc.array(message, { maxLength: 2 }))
  .map(([result, more]) => [written({ type: 'reply.create' }), PAUSE, result, ...more])

const course = (maxLength: number) =>
  fc
    .array(fc.oneof({ arbitrary: message.map((one) => [one]), weight: 5 }, { arbitrary: exchange, weight: 1 }), {
      maxLength,
    })
    .map((parts) => parts.flat())

/** Most sessions begin as they should; the others with whatever comes. Some go on over other connections. */
const conversation = fc.record({
  first: fc.option(session, { freq: 4 }),
  messages: course(12),
  isHasty: fc.boolean(),
  leaves: fc.constantFrom('ends', 'ends', 'ends', 'vanishes', 'closes'),
  returns: fc.array(fc.record({ loses: fc.boolean(), messages: course(4), isHasty: fc.boolean() }), { maxLength: 2 }),
})

function filled(peer: Peer, sent: string | Buffer): string | Buffer {
  if (Buffer.isBuffer(sent)) return sent
  const [call, reply] = [peer.of('tool.call').at(-1)?.call_id, peer.of('reply.started').at(-1)?.reply_id]
  return sent.replaceAll(CALL, String(call)).replaceAll(REPLY, String(reply))
}

/** What a message is owed, whatever the session is at: an answer at once, or none. */
function isOwedAnswer(sent: string | Buffer, isReady: boolean, called: readonly unknown[] = []): boolean {
  if (Buffer.isBuffer(sent)) return true
  const parsed = parseClientEvent(sent)
  if (!parsed.ok) return true
  switch (parsed.event.type) {
    case 'input.audio':
      return false
    case 'session.update':
    case 'session.resume':
    case 'session.end':
      return true
    case 'tool.result':
      return !isReady || !called.includes(parsed.event.call_id)
    case 'reply.create':
    case 'reply.cancel':
    case 'conversation.message':
      return !isReady
  }
}

/** Sound may be told to come too fast, which is an answer to no message in particular. */
const isAnswer = ({ type, code }: Frame): boolean =>
  ['session.error', 'session.updated', 'session.ended'].includes(type) && code !== 'audio_rate_violation'

const answers = (peer: Peer): number => peer.frames.filter(isAnswer).length
const isClosed = (peer: Peer): boolean => peer.socket.readyState === peer.socket.CLOSED

/** One after the other: each is answered before the next is sent. */
async function converse(peer: Peer, all: readonly (string | Buffer)[]): Promise<void> {
  for (const unfilled of all) {
    if (unfilled === PAUSE) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      if (isClosed(peer)) return
      continue
    }
    const each = filled(peer, unfilled)
    const called = peer.of('tool.call').map(({ call_id }) => call_id)
    const owed = isOwedAnswer(each, peer.of('session.ready').length > 0, called) ? 1 : 0
    const before = answers(peer)
    peer.socket.send(each)
    await Promise.race([peer.settled(), peer.closed])
    await server
      .until(() => answers(peer) >= before + owed || isClosed(peer), 10_000)
      .catch(() => assert.fail(`no answer to ${String(each).slice(0, 300)}`))
    assert.ok(answers(peer) >= before + owed, `closed without an answer to ${String(each).slice(0, 300)}`)
    if (peer.socket.readyState !== peer.socket.OPEN) return
  }
}

/** All at once, whatever the session is at by then: in the end there are as many answers as messages that are owed one in any case. */
async function blurt(peer: Peer, unfilled: readonly (string | Buffer)[]): Promise<void> {
  const all = unfilled.filter((each) => each !== PAUSE).map((each) => filled(peer, each))
  const called = all.flatMap((each) => callIn(each))
  const before = answers(peer)
  for (const each of all) peer.socket.send(each)
  const owed = all.filter((each) => isOwedAnswer(each, true, called)).length
  await server
    .until(() => answers(peer) - before >= owed || isClosed(peer), 10_000)
    .catch(() => assert.fail(`${answers(peer) - before} answers to ${owed} messages`))
}

async function leave(peer: Peer, how: 'ends' | 'vanishes' | 'closes'): Promise<void> {
  if (peer.socket.readyState !== peer.socket.OPEN) return
  if (how === 'vanishes') return peer.socket.terminate()
  if (how === 'closes') return peer.socket.close()
  peer.send({ type: 'session.end' })
  const { code } = await peer.closed
  // a stored agent may have turned out not to be there meanwhile
  assert.equal(peer.frames.at(-1)?.type, code === 1008 ? 'session.error' : 'session.ended')
  assert.ok(code === 1000 || code === 1008, `closed with ${code}`)
}

/** The call that a message answers, should there be one by the time that it is read. */
function callIn(sent: string | Buffer): readonly string[] {
  const parsed = Buffer.isBuffer(sent) ? undefined : parseClientEvent(sent)
  return parsed?.ok && parsed.event.type === 'tool.result' ? [parsed.event.call_id] : []
}

/** The session is gone on with over another connection, after the first was lost or while it is there. */
async function returned(peer: Peer, loses: boolean): Promise<Peer> {
  const { session_id } = peer.of('session.ready')[0]!
  const isOpen = peer.socket.readyState === peer.socket.OPEN
  if (loses) peer.socket.terminate()
  const next = await Peer.open(server.url, { key: server.key })
  next.send({ type: 'session.resume', session_id })
  await server.until(() => next.frames.length > 0, 10_000)
  const first = next.frames[0]!
  const codes = ['session_not_found', 'session_expired']
  assert.ok(
    first.session_id === session_id ? first.type === 'session.ready' : codes.includes(String(first.code)),
    JSON.stringify(first),
  )
  if (first.type === 'session.ready' && isOpen && !loses) assert.equal((await peer.closed).code, 1008)
  return next
}

/** Every session that became ready has ended, is told of as documented, and its timeline is whole. */
async function assertKept(): Promise<number> {
  let count = 0
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: SessionList = await rest<SessionList>('GET', `/v1/sessions?limit=100${query}`)
    for (const { id, status, public_close_reason: reason, duration_seconds: seconds } of page.sessions) {
      assert.deepEqual(
        [status, reason !== 'error', (seconds ?? -1) >= 0],
        ['completed', true, true],
        `${id}: ${reason}`,
      )
      if (count++ % 10 === 0) await assertTimeline(id)
    }
    cursor = page.response_metadata.next_cursor || null
  }
  return count
}

async function assertTimeline(id: string): Promise<void> {
  const find = async () =>
    (await rest<SessionRecord>('GET', `/v1/sessions/${id}`)).artifacts.find(({ type }) => type === 'timeline')
  let timeline = await find()
  // the files of the latest are being finished
  for (const end = performance.now() + 20_000; !timeline && performance.now() < end; timeline = await find())
    await new Promise((resolve) => setTimeout(resolve, 50))
  assert.ok(timeline, `${id} has no timeline`)
  const { turns = [] } = (await (await fetch(timeline.url)).json()) as TimelineDocument // the server's own document
  const calls = turns.flatMap(({ tool_calls }) => tool_calls ?? [])
  assert.equal(new Set(turns.map(({ turn_id }) => turn_id)).size, turns.length)
  assert.equal(new Set(calls.map(({ call_id }) => call_id)).size, calls.length, 'a call stands twice')
  for (const { status, agent_reply_started_at_ms: began, agent_reply_ended_at_ms: ended } of turns) {
    assert.notEqual(status, 'in_progress')
    if (began !== null && ended !== null) assert.ok(ended >= began)
  }
  for (const { timed_out, is_error, duration_ms } of calls) {
    assert.ok((duration_ms ?? 0) >= 0)
    if (timed_out) assert.ok(is_error)
  }
}

test('any messages in any order are answered, and no session stays behind', { timeout: timeoutMs }, async (t) => {
  const counted = { sent: 0, received: 0, calls: 0, resumed: 0 }
  await holds(t, conversation, async ({ first, messages, isHasty, leaves, returns }) => {
    let peer = await Peer.open(server.url, { key: server.key })
    const peers = [peer]
    const opening = first === null ? [] : [written({ type: 'session.update', session: first })]
    await (isHasty ? blurt : converse)(peer, [...opening, ...messages])
    counted.sent += opening.length + messages.length
    for (const { loses, messages, isHasty } of returns) {
      if (peer.of('session.ready').length === 0) break
      peer = await returned(peer, loses)
      peers.push(peer)
      if (peer.of('session.ready').length === 0) break
      await (isHasty ? blurt : converse)(peer, messages)
      counted.sent += 1 + messages.length
      counted.resumed += 1
    }
    await leave(peer, leaves)
    for (const each of peers) {
      await each.closed
      assertConforms(each.received)
      for (const { code } of each.of('session.error')) assert.notEqual(code, 'internal_error')
      counted.received += each.received.length
      counted.calls += each.of('tool.call').length
    }
  })
  await server.until(() => server.sessions() === 0, 20_000)
  t.diagnostic(JSON.stringify({ ...counted, replies: model.requests.length, sessions: await assertKept() }))
  const peer = await Peer.ready(server.url, server.key)
  await peer.converses()
  await peer.end()
})

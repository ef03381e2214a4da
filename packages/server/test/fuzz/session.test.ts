// Messages by chance over a real socket: every one that is owed an answer gets it, and nothing stays behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ClientEventType, parseClientEvent } from '@parley/protocol'
import { asyncApi } from '@parley/protocol/documents'
import fc from 'fast-check'
import { type Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { assertConforms } from '../helpers/trace.js'
import { holds, timeoutMs } from './budget.js'
import { brokenText, type Json, nearly } from './json.js'

let server: TestServer
let agentId: string
before(async () => {
  server = await startTestServer()
  const response = await fetch(`${server.url}/v1/agents`, {
    method: 'POST',
    headers: { authorization: server.key, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Stored', system_prompt: 'Be brief.', voice: { voice_id: 'alba' }, greeting: 'Hi.' }),
  })
  agentId = String(((await response.json()) as { id: string }).id) // what creating an agent answers with
})
after(() => server.close())

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
  parameters: { type: 'object', properties: { what: { type: 'string', pattern: '^a' } }, required: ['what'] },
  timeout_seconds: 5,
  execution_mode: 'hold',
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
}

/** Some of the settings, or a stored agent. */
const session: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: fc.subarray(Object.entries(settings)).map((chosen) => Object.fromEntries(chosen)), weight: 5 },
  { arbitrary: fc.constant(null).map((): Json => ({ agent_id: agentId })), weight: 1 },
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
  { arbitrary: fc.constant(written({ type: 'reply.create' })), weight: 2 },
  { arbitrary: brokenText, weight: 2 },
  { arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
)

function written(event: Json): string {
  return JSON.stringify(event)
}

/** Most sessions begin as they should; the others with whatever comes. */
const conversation = fc.record({
  first: fc.option(session, { freq: 4 }),
  messages: fc.array(message, { maxLength: 14 }),
  isHasty: fc.boolean(),
  leaves: fc.constantFrom('ends', 'ends', 'ends', 'vanishes', 'closes'),
})

/** What a message is owed, whatever the session is at: an answer at once, or none. */
function isOwedAnswer(sent: string | Buffer, isReady: boolean): boolean {
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
      return true
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
  for (const each of all) {
    const owed = isOwedAnswer(each, peer.of('session.ready').length > 0) ? 1 : 0
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
async function blurt(peer: Peer, all: readonly (string | Buffer)[]): Promise<void> {
  const before = answers(peer)
  for (const each of all) peer.socket.send(each)
  const owed = all.filter((each) => isOwedAnswer(each, true)).length
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

test('any messages in any order are answered, and no session stays behind', { timeout: timeoutMs }, async (t) => {
  await holds(t, conversation, async ({ first, messages, isHasty, leaves }) => {
    const peer = await Peer.open(server.url, { key: server.key })
    const opening = first === null ? [] : [written({ type: 'session.update', session: first })]
    await (isHasty ? blurt : converse)(peer, [...opening, ...messages])
    await leave(peer, leaves)
    await peer.closed
    assertConforms(peer.received)
    for (const { code } of peer.of('session.error')) assert.notEqual(code, 'internal_error')
    await server.until(() => server.sessions() === 0, 10_000)
  })
  const peer = await Peer.ready(server.url, server.key)
  await peer.converses()
  await peer.end()
})

// A session over a real WebSocket against a scripted server: how it opens, what it carries, how it ends.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ConnectOptions, connect, type Session, type SessionClosed, SessionError } from '@parley/client'
import { WebSocket } from 'ws'
import { type Line, ScriptedServer } from './scripted-server.js'

type Extra = Partial<Omit<ConnectOptions, 'url' | 'WebSocket'>>

/** A session and the server's end of its line. */
async function dial(
  t: TestContext,
  extra: Extra = {},
): Promise<{ session: Session; line: Line; server: ScriptedServer }> {
  const server = await ScriptedServer.start()
  t.after(() => server.close())
  const connected = server.line()
  const options = { agentId: 'agent_1', ...extra, url: server.url, WebSocket }
  // Two credentials or two targets cannot be written by a caller; a test that merges options says so here.
  const session = connect(options as ConnectOptions)
  t.after(() => session.close())
  return { session, line: await connected, server }
}

async function ready(t: TestContext, extra: Extra = {}, format?: object) {
  const call = await dial(t, extra)
  await call.line.accept(format)
  await call.session.ready
  return call
}

const closing = (session: Session) => new Promise<SessionClosed>((resolve) => session.on('close', resolve))
const once = <Name extends Parameters<Session['on']>[0]>(session: Session, name: Name) =>
  new Promise<unknown>((resolve) => {
    const stop = session.on(name, (value) => {
      stop()
      resolve(value)
    })
  })

test('the first message binds the stored agent and nothing else (checklist 35, 36)', async (t) => {
  const { session, line } = await dial(t)
  assert.equal(session.state, 'connecting')
  assert.deepEqual(await line.heard('session.update'), { type: 'session.update', session: { agent_id: 'agent_1' } })
  assert.equal(line.request.url, '/v1/ws')
})

test('an agent may be described in place', async (t) => {
  const settings = { system_prompt: 'Be brief.', greeting: 'Hi', output: { voice: 'alba' } }
  const server = await ScriptedServer.start()
  t.after(() => server.close())
  const connected = server.line()
  const session = connect({ url: server.url, session: settings, WebSocket })
  t.after(() => session.close())
  assert.deepEqual(await (await connected).heard('session.update'), { type: 'session.update', session: settings })
})

test('ready tells the session, its settings and when it ends', async (t) => {
  const { session, line } = await dial(t)
  await line.accept()
  const { sessionId, config, expiresAt } = await session.ready
  assert.equal(sessionId, 'sess_1')
  assert.equal(config.id, 'sess_1')
  assert.equal(expiresAt.getTime(), 1_790_010_800_000)
  assert.equal(session.state, 'ready')
})

test('outside a browser a key travels in the header, never in the address (checklist 3)', async (t) => {
  const { line } = await dial(t, { key: 'secret' })
  assert.equal(line.request.headers.authorization, 'Bearer secret')
  assert.equal(line.request.url, '/v1/ws')
})

test('a token is fetched when the session opens, not before', async (t) => {
  const server = await ScriptedServer.start()
  t.after(() => server.close())
  const connected = server.line()
  let asked = 0
  const getToken = async () => `token-${++asked}`
  const session = connect({ url: server.url, agentId: 'agent_1', getToken, WebSocket })
  t.after(() => session.close())
  assert.equal((await connected).request.headers.authorization, 'Bearer token-1')
  assert.equal(asked, 1)
})

test('samples are sent as the bytes of PCM, little-endian (checklist 104)', async (t) => {
  const { session, line } = await ready(t)
  session.sendAudio(Int16Array.of(1, -2, 0x1234))
  const { audio } = await line.heard('input.audio')
  assert.deepEqual([...Buffer.from(audio, 'base64')], [1, 0, 0xfe, 0xff, 0x34, 0x12])
})

test('samples are encoded for a session that listens in mu-law', async (t) => {
  const { session, line } = await ready(t, {}, { encoding: 'audio/pcmu', sample_rate: 8000 })
  session.sendAudio(Int16Array.of(0, 32_767, -32_768))
  const { audio } = await line.heard('input.audio')
  assert.deepEqual([...Buffer.from(audio, 'base64')], [0xff, 0x80, 0x00])
})

test('bytes are sent as they are, from anywhere in a larger buffer', async (t) => {
  const { session, line } = await ready(t)
  session.sendAudio(new Uint8Array([9, 9, 1, 2, 3, 4]).subarray(2))
  assert.deepEqual([...Buffer.from((await line.heard('input.audio')).audio, 'base64')], [1, 2, 3, 4])
})

test('sound before the session is ready is dropped, and an empty frame is not sent', async (t) => {
  const { session, line } = await dial(t)
  await line.heard('session.update')
  session.sendAudio(Int16Array.of(7))
  await line.accept()
  await session.ready
  session.sendAudio(new Int16Array(0))
  session.sendAudio(Int16Array.of(8))
  await line.heard('input.audio')
  assert.deepEqual(
    line.received.map((event) => event.type),
    ['session.update', 'input.audio'],
  )
  assert.deepEqual([...Buffer.from((await line.heard('input.audio')).audio, 'base64')], [8, 0])
})

test('sound that the line cannot carry is left out and counted, not stored without end', async (t) => {
  const { session } = await ready(t, { maxBufferedBytes: -1 })
  session.sendAudio(Int16Array.of(1))
  session.sendAudio(Int16Array.of(1))
  assert.equal(session.droppedFrames, 2)
})

test('every other message has its method', async (t) => {
  const { session, line } = await ready(t)
  session.update({ output: { volume: 50 } })
  session.createReply()
  session.createReply('Say hello.')
  session.cancelReply('resp_1')
  session.say('system', 'The user opened the billing page.')
  session.sendToolResult('call_1', { celsius: 20 })
  session.sendToolResult('call_2', 'plain', true)
  session.sendAudio(Int16Array.of(1))
  await line.heard('input.audio')
  assert.deepEqual(line.received.slice(1, -1), [
    { type: 'session.update', session: { output: { volume: 50 } } },
    { type: 'reply.create' },
    { type: 'reply.create', instructions: 'Say hello.' },
    { type: 'reply.cancel', reply_id: 'resp_1' },
    { type: 'conversation.message', role: 'system', content: 'The user opened the billing page.' },
    { type: 'tool.result', call_id: 'call_1', result: '{"celsius":20}', is_error: false },
    { type: 'tool.result', call_id: 'call_2', result: 'plain', is_error: true },
  ])
})

test('a message before the session is ready says what to wait for', async (t) => {
  const { session } = await dial(t)
  assert.throws(() => session.createReply(), { code: 'not_ready', message: /Await session.ready/ })
})

test('the sound of a reply arrives decoded, with the reply that it belongs to', async (t) => {
  const { session, line } = await ready(t)
  const heard = once(session, 'audio')
  line.say('reply.audio', { reply_id: 'resp_1', data: '' })
  line.say('reply.audio', { reply_id: 'resp_1', data: Buffer.from([1, 0, 0xfe, 0xff, 9]).toString('base64') })
  assert.deepEqual(await heard, { replyId: 'resp_1', samples: Int16Array.of(1, -2), sampleRateHz: 24_000 })
})

test('A-law is decoded at its own rate', async (t) => {
  const { session, line } = await ready(t, {}, { encoding: 'audio/pcma', sample_rate: 8000 })
  const heard = once(session, 'audio')
  line.say('reply.audio', { reply_id: 'resp_1', data: Buffer.from([0xd5, 0x55]).toString('base64') })
  assert.deepEqual(await heard, { replyId: 'resp_1', samples: Int16Array.of(8, -8), sampleRateHz: 8000 })
})

test('an event that this version does not know is seen by those who ask for all, and by nobody else', async (t) => {
  const { session, line } = await ready(t)
  const seen: string[] = []
  session.on('event', ({ type }) => seen.push(type))
  line.socket.send('not json')
  line.socket.send('[1]')
  line.socket.send(Buffer.from([1, 2]), { binary: true })
  line.say('reply.content_part.started')
  line.say('input.speech.started')
  await once(session, 'input.speech.started')
  assert.deepEqual(seen, ['reply.content_part.started', 'input.speech.started'])
})

test('a listener that was taken off hears nothing more', async (t) => {
  const { session, line } = await ready(t)
  let heard = 0
  const stop = session.on('input.speech.started', () => heard++)
  stop()
  line.say('input.speech.started')
  await once(session, 'input.speech.started')
  assert.equal(heard, 0)
})

test('a refused credential rejects ready with the code and closes (checklist 10, 11)', async (t) => {
  const { session, line } = await dial(t)
  await line.heard('session.update')
  const closed = closing(session)
  line.say('session.error', { code: 'unauthorized', message: 'Authentication failed', param: null, session_id: null })
  line.socket.close(1008, 'unauthorized')
  await assert.rejects(session.ready, (error: unknown) => {
    assert.ok(error instanceof SessionError)
    assert.deepEqual([error.code, error.message, error.param], ['unauthorized', 'Authentication failed', undefined])
    return true
  })
  assert.equal((await closed).error?.code, 'unauthorized')
  assert.equal(session.state, 'ended')
})

test('a refused setting is named', async (t) => {
  const { session, line } = await dial(t)
  line.say('session.error', { code: 'invalid_value', message: "Invalid voice 'x'.", param: 'output.voice' })
  await assert.rejects(session.ready, { code: 'invalid_value', param: 'output.voice' })
})

test('a server that never answers is given up on', async (t) => {
  const { session } = await dial(t, { timeoutMs: 30 })
  const closed = closing(session)
  await assert.rejects(session.ready, { code: 'timeout', message: /did not answer within 0.03 s/ })
  assert.equal((await closed).error?.code, 'timeout')
})

test('a server that is not there is reported as such', async () => {
  const server = await ScriptedServer.start()
  await server.close()
  const session = connect({ url: server.url, agentId: 'agent_1', WebSocket })
  const closed = closing(session)
  await assert.rejects(session.ready, { code: 'connection_failed', message: /could not be reached/ })
  assert.equal((await closed).code, 1006)
})

test('a token that cannot be had is reported without opening a line', async () => {
  const getToken = () => Promise.reject(new Error('token server is down'))
  const session = connect({ url: 'http://127.0.0.1:9', agentId: 'agent_1', getToken, WebSocket })
  await assert.rejects(session.ready, { code: 'connection_failed', message: 'token server is down' })
})

test('something that is no address is refused with how an address looks', async () => {
  const session = connect({ url: 'ftp://example.com', agentId: 'agent_1', WebSocket })
  await assert.rejects(session.ready, { code: 'connection_failed', message: /Give it as http/ })
})

test('an error in the middle of a session is told and the session goes on (checklist 59)', async (t) => {
  const { session, line } = await ready(t)
  const told = once(session, 'error')
  line.say('session.error', { code: 'immutable_field', message: 'no', param: 'output.voice', session_id: 'sess_1' })
  assert.deepEqual(
    { ...((await told) as SessionError) },
    { name: 'SessionError', code: 'immutable_field', param: 'output.voice' },
  )
  assert.equal(session.state, 'ready')
  session.createReply()
  await line.heard('reply.create')
})

test('a broken connection is told apart from an end', async (t) => {
  const { session, line } = await ready(t, { resume: false })
  const closed = closing(session)
  line.socket.terminate()
  const { code, error } = await closed
  assert.deepEqual([code, error?.code], [1006, 'connection_lost'])
})

test('the error that the server closes with is the reason of the close', async (t) => {
  const { session, line } = await ready(t)
  const closed = closing(session)
  line.say('session.error', { code: 'internal_error', message: 'Something broke.', session_id: 'sess_1' })
  line.socket.close(1011)
  const { code, error } = await closed
  assert.deepEqual([code, error?.code], [1011, 'internal_error'])
})

test("end resolves with the server's account (checklist 112, 113)", async (t) => {
  const { session, line } = await ready(t)
  const closed = closing(session)
  const ending = session.end()
  await line.heard('session.end')
  line.say('session.ended', { session_duration_seconds: 2.5, audio_duration_seconds: null })
  const ended = await ending
  assert.deepEqual([ended.session_duration_seconds, ended.audio_duration_seconds], [2.5, null])
  line.socket.close(1000)
  const { code, error } = await closed
  assert.deepEqual([code, error], [1000, undefined])
  assert.throws(() => session.createReply(), { code: 'closed' })
})

test('an end that the connection does not survive is an error', async (t) => {
  const { session, line } = await ready(t)
  const ending = session.end()
  await line.heard('session.end')
  line.socket.terminate()
  await assert.rejects(ending, { code: 'connection_lost' })
})

test('end before the session is ready closes it and says so', async (t) => {
  const { session } = await dial(t)
  await assert.rejects(session.end(), { code: 'not_ready' })
  await assert.rejects(session.ready, { code: 'closed' })
})

test('close says goodbye without waiting, and nothing is told after it', async (t) => {
  const { session, line } = await ready(t)
  const closed = closing(session)
  const seen: string[] = []
  session.on('event', ({ type }) => seen.push(type))
  session.close()
  assert.equal(session.state, 'ended')
  line.say('input.speech.started')
  await line.heard('session.end')
  assert.equal((await closed).error, undefined)
  assert.deepEqual(seen, [])
})

test('a session closed before its token came opens no line', async () => {
  let opened = 0
  class Counted extends WebSocket {
    constructor(url: string) {
      super(url)
      opened++
    }
  }
  let give: (token: string) => void = () => {}
  const getToken = () =>
    new Promise<string>((resolve) => {
      give = resolve
    })
  const session = connect({ url: 'http://127.0.0.1:9', agentId: 'agent_1', getToken, WebSocket: Counted })
  session.close()
  give('late')
  await assert.rejects(session.ready, { code: 'closed' })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(opened, 0)
})

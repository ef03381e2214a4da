// A session whose connection breaks: when it is resumed, how, and what the program is told.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ConnectOptions, connect, type Session, type SessionClosed, SessionError } from '@parley/client'
import { WebSocket } from 'ws'
import { isBroken, Retries } from '../dist/resume.js'
import { type Line, ScriptedServer } from './scripted-server.js'

interface Call {
  readonly server: ScriptedServer
  readonly session: Session
  readonly line: Line
  /** What the program was told, in order. */
  readonly told: string[]
  readonly closed: Promise<SessionClosed>
}

async function ready(t: TestContext, extra: Partial<ConnectOptions> = {}): Promise<Call> {
  const server = await ScriptedServer.start()
  t.after(() => server.close())
  const connected = server.line()
  // The options of a test make one of the forms that a caller may write.
  const session = connect({ key: 'secret', agentId: 'agent_1', ...extra, url: server.url, WebSocket } as ConnectOptions)
  t.after(() => session.close())
  const told: string[] = []
  session.on('reconnecting', ({ attempt, delayMs }) => told.push(`reconnecting ${attempt} ${delayMs}`))
  session.on('resumed', ({ sessionId }) => told.push(`resumed ${sessionId}`))
  session.on('error', ({ code }) => told.push(`error ${code}`))
  const closed = new Promise<SessionClosed>((resolve) => session.on('close', resolve))
  const line = await connected
  await line.accept()
  await session.ready
  return { server, session, line, told, closed }
}

/** Breaks the connection, and gives the next one. */
function broken({ server, line }: Pick<Call, 'server' | 'line'>): Promise<Line> {
  const next = server.line()
  line.socket.terminate()
  return next
}

const resumed = (session: Session) => new Promise((resolve) => session.on('resumed', resolve))

test('a broken connection is followed by another that resumes the session, with the token of the session', async (t) => {
  const call = await ready(t)
  const back = resumed(call.session)
  const line = await broken(call)
  assert.equal(call.session.state, 'reconnecting')
  assert.equal(line.request.headers.authorization, 'Bearer parley_rt_1')
  await line.resume()
  await back
  assert.deepEqual(line.received, [{ type: 'session.resume', session_id: 'sess_1' }])
  assert.deepEqual(call.told, ['reconnecting 1 250', 'resumed sess_1'])
  assert.equal(call.session.state, 'ready')
  call.session.sendAudio(Int16Array.of(1))
  await line.heard('input.audio')
})

test('what is sent meanwhile is kept and sent in order; sound is left out', async (t) => {
  const call = await ready(t)
  const line = await broken(call)
  call.session.sendToolResult('call_1', '{}')
  call.session.sendAudio(Int16Array.of(1))
  call.session.createReply()
  await line.resume()
  await line.heard('reply.create')
  assert.deepEqual(
    line.received.map(({ type }) => type),
    ['session.resume', 'tool.result', 'reply.create'],
  )
})

test('a session can be lost again, and each loss has attempts of its own', async (t) => {
  const call = await ready(t)
  const first = await broken(call)
  await first.resume()
  await resumed(call.session)
  const second = await broken({ server: call.server, line: first })
  await second.resume()
  await resumed(call.session)
  assert.deepEqual(call.told, ['reconnecting 1 250', 'resumed sess_1', 'reconnecting 1 250', 'resumed sess_1'])
})

test('a refusal that is final ends the session with its code', async (t) => {
  const call = await ready(t)
  const line = await broken(call)
  await line.heard('session.resume')
  line.say('session.error', { code: 'session_not_found', message: 'gone', param: 'session_id', session_id: null })
  line.socket.close(1008)
  assert.equal((await call.closed).error?.code, 'session_not_found')
  assert.deepEqual([call.session.state, call.told.at(-1)], ['ended', 'error session_not_found'])
})

test('a refusal that may pass is tried again, a little later', async (t) => {
  const call = await ready(t)
  const first = await broken(call)
  const second = call.server.line()
  await first.heard('session.resume')
  first.say('session.error', { code: 'at_capacity', message: 'stopping', param: null, session_id: null })
  first.socket.close(1008)
  const line = await second
  await line.resume()
  await resumed(call.session)
  assert.deepEqual(call.told, ['reconnecting 1 250', 'reconnecting 2 500', 'resumed sess_1'])
})

test('an attempt that is not answered in time is given up for the next', async (t) => {
  const call = await ready(t, { timeoutMs: 100 })
  await broken(call)
  const line = await call.server.line()
  await line.resume()
  await resumed(call.session)
  assert.deepEqual(call.told, ['reconnecting 1 250', 'reconnecting 2 500', 'resumed sess_1'])
})

test('nothing is resumed after session.end, after a close in good order, or when the program does not want it', async (t) => {
  const ended = await ready(t)
  const ending = ended.session.end()
  await ended.line.heard('session.end')
  ended.line.socket.terminate()
  await assert.rejects(ending, { code: 'connection_lost' })
  const refused = await ready(t)
  refused.line.socket.close(1008, 'resumed elsewhere')
  assert.equal((await refused.closed).code, 1008)
  const plain = await ready(t, { resume: false })
  plain.line.socket.terminate()
  assert.equal((await plain.closed).error?.code, 'connection_lost')
  for (const { told, server } of [ended, refused, plain]) assert.deepEqual([told, server.lines.length], [[], 1])
})

test('a session that is closed while it reconnects stays closed', async (t) => {
  const call = await ready(t)
  const reconnecting = new Promise((resolve) => call.session.on('reconnecting', resolve))
  call.line.socket.terminate()
  await reconnecting
  call.session.close()
  assert.equal((await call.closed).error, undefined)
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal(call.server.lines.length, 1)
  assert.throws(() => call.session.createReply(), { code: 'closed' })
})

test('there are five attempts, each after twice the time of the one before, within 25 s', () => {
  let now = 1000
  const quick = new Retries(() => now)
  assert.deepEqual(
    Array.from({ length: 6 }, () => quick.next()),
    [250, 500, 1000, 2000, 4000, undefined],
  )
  const slow = new Retries(() => now)
  assert.equal(slow.next(), 250)
  now += 24_600
  assert.deepEqual([slow.next(), slow.leftMs], [undefined, 400])
})

test('a connection is broken by the network or a restart, not by a refusal', () => {
  const failed = new SessionError('internal_error', 'It failed.')
  const broken = [1000, 1001, 1002, 1005, 1006, 1008, 1009, 1011, 1012, 3005].filter((code) =>
    isBroken(code, undefined),
  )
  assert.deepEqual(broken, [1001, 1005, 1006, 1011, 1012, 3005])
  assert.equal(isBroken(1011, failed), false)
  assert.equal(isBroken(1006, failed), true)
})

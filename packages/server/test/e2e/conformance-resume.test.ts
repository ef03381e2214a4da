// A lost connection and what comes after it, over real sockets (checklist 115-121, 123).
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { hashOf } from '../../dist/secrets.js'
import { openDatabase, openStore } from '../../dist/storage/open.js'
import { type Credentials, type Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

const OTHER_KEY = 'key-of-another-account-0123456789'
const folder = mkdtempSync(join(tmpdir(), 'parley-resume-'))
let server: TestServer
let hasty: TestServer
let visitors: Visitors

before(async () => {
  await addAccount()
  server = await startTestServer({ PARLEY_DATA_DIR: folder, PARLEY_TTS_OPTIONS: '{"msPerCharacter":20}' })
  hasty = await startTestServer({ PARLEY_RESUME_GRACE_SECONDS: '1', PARLEY_MAX_SESSIONS: '1' })
  visitors = new Visitors(server)
})
after(async () => {
  await server.close()
  await hasty.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A second account, with a key of its own. */
async function addAccount(): Promise<void> {
  const store = await openStore({ dataDir: folder })
  await store.close()
  const { db, close } = await openDatabase({ dataDir: folder })
  await sql`insert into accounts (id, name) values ('other', 'Other')`.execute(db)
  await sql`insert into api_keys (account_id, name, prefix, hash) values ('other', 'a', 'key', ${hashOf(OTHER_KEY)})`.execute(
    db,
  )
  await close()
}

const readyOf = (peer: Peer): Frame => peer.of('session.ready')[0]!
const idOf = (peer: Peer): string => String(readyOf(peer).session_id)
const typesOf = (peer: Peer): string[] => peer.frames.map(({ type }) => type)

/** Lost without a goodbye. */
async function drop(peer: Peer): Promise<void> {
  peer.socket.terminate()
  await peer.closed
}

async function resumed(sessionId: string, credentials?: Credentials): Promise<Peer> {
  const peer = await visitors.open(credentials)
  peer.send({ type: 'session.resume', session_id: sessionId })
  await peer.first('session.ready')
  return peer
}

/** What a resume that must fail was answered with. */
async function refusal(peer: Peer, sessionId: string): Promise<unknown[]> {
  peer.send({ type: 'session.resume', session_id: sessionId })
  const { code } = await peer.closed
  const [frame, ...more] = peer.frames
  return [frame?.type, frame?.code, frame?.param, code, more.length]
}

test('session.resume as the first message goes on with the session, without a second greeting (116, 117, 119)', async () => {
  const lost = await visitors.ready({ system_prompt: 'Be brief.', greeting: 'Hi.' })
  await lost.first('reply.done')
  await drop(lost)
  const peer = await resumed(idOf(lost))
  assert.deepEqual(typesOf(peer), ['session.ready'])
  const [before, after] = [readyOf(lost), readyOf(peer)]
  for (const field of ['session_id', 'config', 'expires_at', 'resume_token'] as const)
    assert.deepEqual(after[field], before[field])
  await peer.converses()
  assert.deepEqual(
    peer.of('transcript.agent').map(({ text }) => text),
    ['This is the first reply.'],
  )
  await peer.end()
})

test('the resume token lets a connection in, as a Bearer or in the address (118)', async () => {
  let peer = await visitors.ready()
  const id = idOf(peer)
  const token = String(readyOf(peer).resume_token)
  assert.match(token, /^parley_rt_/)
  for (const credentials of [{ key: `Bearer ${token}` }, { token }]) {
    await drop(peer)
    peer = await resumed(id, credentials)
    await peer.converses()
  }
  await peer.end()
})

test('a resume token is for nothing but its session', async () => {
  const peer = await visitors.ready()
  const other = await visitors.ready()
  const token = String(readyOf(peer).resume_token)
  assert.deepEqual(await refusal(await visitors.open({ token }), idOf(other)), [
    'session.error',
    'session_forbidden',
    'session_id',
    1008,
    0,
  ])
  const stranger = await visitors.open({ token })
  stranger.send({ type: 'session.update', session: {} })
  assert.equal((await stranger.closed).code, 1008)
  assert.deepEqual(
    stranger.frames.map(({ code }) => code),
    ['unauthorized'],
  )
  // one character of the proof is another
  const forged = await visitors.open({ token: token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.at(-1) })
  assert.equal((await forged.closed).code, 1008)
  assert.deepEqual(
    forged.frames.map(({ code }) => code),
    ['unauthorized'],
  )
  await peer.converses()
  await peer.end()
  assert.deepEqual((await refusal(await visitors.open({ token }), idOf(peer)))[1], 'session_not_found')
  await other.end()
})

test('the token that opened the session opens a connection once more, only to resume it, only while it is lost (21)', async () => {
  const response = await fetch(`${server.url}/v1/token?expires_in_seconds=60`, {
    headers: { authorization: server.key },
  })
  const { token } = (await response.json()) as { token: string }
  const lost = await visitors.open({ token })
  lost.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await lost.first('session.ready')
  const early = await visitors.open({ token })
  assert.equal((await early.closed).code, 1008)
  assert.deepEqual([early.frames[0]?.code, early.frames.length], ['unauthorized', 1])
  await drop(lost)
  const second = await visitors.open({ token })
  second.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  assert.equal((await second.closed).code, 1008)
  assert.equal(second.frames[0]?.code, 'unauthorized')
  const peer = await resumed(idOf(lost), { token })
  await peer.converses()
  await peer.end()
  const late = await visitors.open({ token })
  await late.closed
  assert.equal(late.frames[0]?.code, 'unauthorized')
})

test("another account's session is forbidden, and stays as it is (121)", async () => {
  const lost = await visitors.ready()
  await drop(lost)
  assert.deepEqual(await refusal(await visitors.open({ key: OTHER_KEY }), idOf(lost)), [
    'session.error',
    'session_forbidden',
    'session_id',
    1008,
    0,
  ])
  await (await resumed(idOf(lost))).end()
})

test('a session that was ended, never was, or never became ready cannot be resumed (115)', async () => {
  const ended = await visitors.ready()
  await ended.end()
  const waiting = await visitors.open()
  waiting.send({ type: 'reply.create' })
  await drop(waiting)
  for (const id of [idOf(ended), `sess_${'0'.repeat(32)}`, 'no id', `sess_\u0000`])
    assert.deepEqual(await refusal(await visitors.open(), id), [
      'session.error',
      'session_not_found',
      'session_id',
      1008,
      0,
    ])
})

test('session.resume that is not the first message is refused, and the session goes on', async () => {
  const peer = await visitors.ready()
  const error = peer.next('session.error')
  peer.send({ type: 'session.resume', session_id: idOf(peer) })
  assert.equal((await error).code, 'invalid_value')
  await peer.converses()
  await peer.end()
})

test('a reply in flight is gone: nothing of it reaches the new connection', async () => {
  const lost = await visitors.ready({ greeting: 'A greeting that is long enough to be cut off in its middle.' })
  await lost.first('reply.audio')
  await new Promise((resolve) => setTimeout(resolve, 300))
  await drop(lost)
  const peer = await resumed(idOf(lost))
  await peer.converses()
  const greeting = String(lost.of('reply.started')[0]!.reply_id)
  assert.ok(peer.frames.every((frame) => frame.reply_id !== greeting))
  assert.equal(peer.of('reply.started').length, 1)
  await peer.end()
})

test('the newest connection wins; the older one is closed with 1008, resumed elsewhere', async () => {
  const older = await visitors.ready({ greeting: 'A greeting that is long enough to be cut off in its middle.' })
  await older.first('reply.audio')
  const newer = await resumed(idOf(older))
  assert.deepEqual(await older.closed, { code: 1008, reason: 'resumed elsewhere' })
  assert.ok(!typesOf(older).includes('session.ended'))
  await newer.converses()
  await newer.end()
})

test('of a hundred resumes at once one stays connected, and the session is unharmed', async () => {
  const lost = await visitors.ready()
  const others = server.sessions() - 1
  await drop(lost)
  const peers = await Promise.all(Array.from({ length: 100 }, () => visitors.open()))
  for (const peer of peers) peer.send({ type: 'session.resume', session_id: idOf(lost) })
  const open = () => peers.filter(({ socket }) => socket.readyState === socket.OPEN)
  await server.until(() => open().length === 1, 20_000)
  const [winner] = open()
  await winner!.first('session.ready')
  await winner!.converses()
  assert.equal(server.sessions(), others + 1)
  const closes = await Promise.all(peers.filter((peer) => peer !== winner).map(({ closed }) => closed))
  assert.deepEqual([...new Set(closes.map(({ code, reason }) => `${code} ${reason}`))], ['1008 resumed elsewhere'])
  await winner!.end()
})

test('without a resume the session ends with its grace, without session.ended, and cannot be resumed (120, 123)', async () => {
  const impatient = new Visitors(hasty)
  const lost = await impatient.ready({ greeting: 'A greeting that nobody will hear to its end.' })
  await lost.first('reply.audio')
  await drop(lost)
  assert.equal(hasty.sessions(), 1)
  await hasty.until(() => hasty.sessions() === 0)
  assert.ok(!typesOf(lost).includes('session.ended'))
  assert.deepEqual((await refusal(await impatient.open(), idOf(lost))).slice(0, 4), [
    'session.error',
    'session_not_found',
    'session_id',
    1008,
  ])
  impatient.assertConform()
})

test('a server that is full refuses new sessions and takes one back that was lost', async () => {
  const only = await Peer.ready(hasty.url, hasty.key)
  const one = await Peer.open(hasty.url, { key: hasty.key })
  one.send({ type: 'session.update', session: {} })
  assert.equal((await one.closed).code, 1008)
  assert.deepEqual([one.frames.length, one.frames[0]?.code], [1, 'at_capacity'])
  const again = await Peer.open(hasty.url, { key: hasty.key })
  await drop(only)
  again.send({ type: 'session.resume', session_id: idOf(only) })
  await again.first('session.ready')
  await again.end()
})

test('every frame on every connection above has the documented form (64-66, 69, 74-83, 97)', () =>
  visitors.assertConform())

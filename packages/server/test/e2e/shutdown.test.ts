// `parley serve` as a process: how it starts, is refused, ends, and comes back.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Peer } from '../helpers/peer.js'
import { KEY, killAll, Served } from '../helpers/served.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-shutdown-'))

after(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

test('SIGTERM lets a running session go on for its time, ends it in good order, and exits with 0', async () => {
  const server = new Served({ PARLEY_DATA_DIR: join(folder, 'drain'), PARLEY_DRAIN_SECONDS: '2' })
  const url = await server.url
  assert.notEqual(new URL(url).port, '0')
  assert.equal((await fetch(`${url}/readyz`)).status, 200)
  const peer = await Peer.ready(url, KEY)
  const idle = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
  await once(idle, 'connect')

  server.kill('SIGTERM')
  const asked = performance.now()
  const turnedAway = await comesTrue(async () => {
    const late = await Peer.open(url, { key: KEY })
    late.send({ type: 'session.update', session: {} })
    const { code } = await late.closed
    return code === 1008 && late.frames[0]?.code === 'at_capacity'
  })
  assert.ok(turnedAway, 'a new session is refused while the running one goes on')
  assert.equal((await fetch(`${url}/readyz`)).status, 503)
  await peer.converses()
  const { code, reason } = await peer.closed
  assert.deepEqual([peer.frames.at(-1)?.type, code, reason], ['session.ended', 1000, 'server_stopping'])

  const { code: exit } = await server.ended
  idle.destroy()
  assert.equal(exit, 0)
  const took = performance.now() - asked
  assert.ok(took >= 1900 && took < 12_000, `it took ${Math.round(took)} ms`)
})

test('SIGINT ends running sessions at once', async () => {
  const server = new Served({ PARLEY_DATA_DIR: join(folder, 'drain'), PARLEY_DRAIN_SECONDS: '600' })
  const peer = await Peer.ready(await server.url, KEY)
  server.kill('SIGINT')
  assert.equal((await peer.closed).reason, 'server_stopping')
  assert.equal((await server.ended).code, 0)
})

test('a second server on the same data folder is refused by name of the folder; after kill -9 the next one starts', async () => {
  const dataDir = join(folder, 'shared')
  const first = new Served({ PARLEY_DATA_DIR: dataDir })
  const url = await first.url
  const authorization = { authorization: KEY }
  const created = await fetch(`${url}/v1/agents`, {
    method: 'POST',
    headers: { ...authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Kept', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }),
  })
  assert.equal(created.status, 201)
  const { id } = (await created.json()) as { id: string }

  const second = await new Served({ PARLEY_DATA_DIR: dataDir }).ended
  assert.equal(second.code, 1)
  assert.match(second.stderr, /Another server \(process \d+\) uses the data folder .*shared.*PARLEY_DATA_DIR/)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)

  first.kill('SIGKILL')
  await first.ended
  const third = new Served({ PARLEY_DATA_DIR: dataDir })
  const found = await fetch(`${await third.url}/v1/agents/${id}`, { headers: authorization })
  assert.equal(found.status, 200)
  const peer = await Peer.open(await third.url, { key: KEY })
  peer.send({ type: 'session.update', session: { agent_id: id } })
  await peer.next('session.ready')
  await peer.end()
  third.kill('SIGTERM')
  assert.equal((await third.ended).code, 0)
})

test('a start that cannot succeed says what to do, and leaves nothing behind that would keep the next from starting', async () => {
  const dataDir = join(folder, 'refused')
  const taken = await occupied()
  const port = String((taken.address() as { port: number }).port)
  const refused = await new Served({ PARLEY_DATA_DIR: dataDir, PORT: port }).ended
  taken.close()
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, new RegExp(`cannot listen at 127.0.0.1, port ${port}: another program does.*PORT`))

  const unreachable = await new Served({ DATABASE_URL: 'postgresql://user:hush@127.0.0.1:1/parley' }).ended
  assert.equal(unreachable.code, 1)
  assert.match(unreachable.stderr, /The database at 127.0.0.1:1 cannot be used: .*DATABASE_URL/)
  assert.doesNotMatch(unreachable.stderr, /hush/)

  const failing = await new Served({ PARLEY_DATA_DIR: dataDir, PARLEY_TTS: './no-such-engine.js' }).ended
  assert.equal(failing.code, 6)
  assert.match(failing.stderr, /The tts engine at \.\/no-such-engine\.js could not be loaded/)

  const next = new Served({ PARLEY_DATA_DIR: dataDir })
  await next.url
  next.kill('SIGTERM')
  assert.equal((await next.ended).code, 0)
})

async function occupied(): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** The signal takes a moment to arrive. */
async function comesTrue(holds: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 10; attempt++) if (await withTimeout(holds(), 150)) return true
  return false
}

const withTimeout = (result: Promise<boolean>, ms: number): Promise<boolean> =>
  Promise.race([result, new Promise<boolean>((resolve) => setTimeout(resolve, ms, false))])

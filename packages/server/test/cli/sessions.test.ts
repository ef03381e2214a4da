// `parley sessions`, against a server that keeps what was said.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { listen } from '../history/listen.js'
import { parleyHere } from './parley.js'

let server: TestServer
const folder = mkdtempSync(join(tmpdir(), 'parley-cli-sessions-'))
before(async () => {
  server = await startTestServer()
})
after(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const asked = (...args: readonly string[]) =>
  parleyHere(['sessions', ...args, '--url', server.url, '--key', server.key])

test('sessions are listed, shown, fetched and deleted', async () => {
  assert.match((await asked('list')).stdout, /There are no sessions\. Have one with `parley talk`\./)
  const peer = await Peer.ready(server.url, server.key, { greeting: 'Hello.' })
  const id = String(peer.of('session.ready')[0]!.session_id)
  await peer.next('reply.done')
  await peer.end()

  const sound = join(folder, 'call.ogg')
  let fetched = await asked('get', id, '--audio', sound)
  for (const end = performance.now() + 20_000; fetched.code === 5 && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    fetched = await asked('get', id, '--audio', sound)
  }
  assert.equal(fetched.code, 0, fetched.stderr)
  assert.match(fetched.stdout, /Status +completed: client_end/)
  assert.match(fetched.stdout, /Kept +audio, timeline, metadata/)
  assert.ok((await listen(sound)).level('agent', 0, 500) > 0.01)

  const listed = await asked('list', '--status', 'completed')
  assert.match(listed.stdout, new RegExp(`${id}  .* s  client_end`))
  const timeline = join(folder, 'timeline.json')
  const shown = await asked('get', id, '--json', '--timeline', timeline)
  assert.equal(JSON.parse(shown.stdout).id, id)
  assert.equal(JSON.parse(readFileSync(timeline, 'utf8')).turns[0].agent_text, 'Hello.')

  assert.deepEqual([(await asked('delete', id)).stdout], [`Deleted ${id}.\n`])
  const gone = await asked('get', id)
  assert.equal(gone.code, 5)
  assert.match(gone.stderr, /Session not found\. Look at what there is with `parley sessions list`\./)
})

test('what cannot be fetched is said, with the reason', async () => {
  const peer = await Peer.ready(server.url, server.key)
  const id = String(peer.of('session.ready')[0]!.session_id)
  let open = await asked('get', id, '--audio', join(folder, 'open.ogg'))
  for (const end = performance.now() + 20_000; /Session not found/.test(open.stderr) && performance.now() < end; )
    open = await asked('get', id, '--audio', join(folder, 'open.ogg'))
  assert.equal(open.code, 5)
  assert.match(open.stderr, /has no audio of sess_\w+: it is still open\./)
  await peer.end()
})

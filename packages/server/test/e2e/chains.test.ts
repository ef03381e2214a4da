// A server whose engines stand in for each other: what a caller gets when the first of a chain fails (169, 170).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type FakeServer, fakeServer } from '../engines/openai-server.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let model: FakeServer
let server: TestServer
let visitors: Visitors
before(async () => {
  model = await fakeServer(async ({ answer }) => {
    answer.says('It leaves at nine. And it comes ')
    await new Promise((resolve) => setTimeout(resolve, 100))
    answer.breakOff()
  })
  server = await startTestServer({
    PARLEY_LLM: 'openai,scripted',
    OPENAI_BASE_URL: model.baseUrl,
    PARLEY_LLM_OPTIONS: JSON.stringify({
      openai: { maxRetries: 0 },
      scripted: { replies: ['at ten in the evening.'] },
    }),
  })
  visitors = new Visitors(server)
})
after(async () => {
  visitors.assertConform()
  await server.close()
  await model.stop()
})

test('a reply that the first model breaks off is finished by the second, and no word is said twice (169)', async () => {
  const peer = await visitors.ready()
  const done = peer.next('reply.done', () => true, 20_000)
  peer.send({ type: 'reply.create' })
  assert.equal((await done).status, 'completed')
  assert.equal(peer.of('transcript.agent')[0]?.text, 'It leaves at nine. And it comes at ten in the evening.')
  assert.deepEqual(peer.of('reply.error'), [])
  await peer.end()
})

test('the chain is told to whoever asks whether the server is ready', async () => {
  const { engines } = (await (await fetch(`${server.url}/readyz`)).json()) as {
    engines: { kind: string; name: string }[]
  }
  assert.equal(engines.find(({ kind }) => kind === 'llm')?.name, 'openai,scripted')
})

// A conversation whose server dies, or is restarted, and that goes on with the next one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { type FakeServer, fakeServer } from '../engines/openai-server.js'
import { Peer } from '../helpers/peer.js'
import { startReceiver } from '../helpers/receiver.js'
import { KEY, killAll, Served } from '../helpers/served.js'
import { startPostgres } from '../storage/postgres.js'

const folder = mkdtempSync(join(tmpdir(), 'parley-restart-'))
after(() => {
  killAll()
  rmSync(folder, { recursive: true, force: true })
})

const STORY = 'Once upon a time there was a fox. It lived in a wood, far away from every road that people use.'
const SECRET = 'a-secret-of-more-than-32-characters!'
const session = { system_prompt: 'You tell stories.', greeting: 'Hi.' }

/** A language model that greets John, begins a story, and is then slow to answer the request with number `stalls`. */
const model = (stalls = Number.POSITIVE_INFINITY): Promise<FakeServer> =>
  fakeServer(({ answer }, count) => {
    if (count === stalls) return
    answer.says(['Hello John.', STORY, 'Gladly.'][count] ?? 'As I said.').done()
  })

const environmentOf = ({ baseUrl }: FakeServer, more: Readonly<Record<string, string>>) => ({
  PARLEY_LLM: 'openai',
  OPENAI_BASE_URL: baseUrl,
  PARLEY_LLM_MODEL: 'test',
  OPENAI_API_KEY: 'none',
  ...more,
})

const messagesOf = ({ requests }: FakeServer, count: number) =>
  // the test's own server has parsed what the engine sent
  (requests[count]!.body.messages as readonly { role: string; content: string }[]).map(
    ({ role, content }) => `${role}: ${content}`,
  )

function asked(peer: Peer, text: string): void {
  peer.send({ type: 'conversation.message', role: 'user', content: text })
  peer.send({ type: 'reply.create' })
}

async function resumed(url: string, token: string, sessionId: string): Promise<Peer> {
  const peer = await Peer.open(url, { token })
  peer.send({ type: 'session.resume', session_id: sessionId })
  await peer.first('session.ready')
  return peer
}

/** Talks until the agent is in the middle of its story. Returns what was heard of it. */
async function intoTheStory(url: string): Promise<{ peer: Peer; sessionId: string; token: string }> {
  const peer = await Peer.open(url, { key: KEY })
  peer.send({ type: 'session.update', session })
  const ready = await peer.first('session.ready')
  await peer.first('reply.done')
  const greeted = peer.next('reply.done')
  asked(peer, 'My name is John.')
  await greeted
  asked(peer, 'Tell me a story.')
  await peer.next('transcript.agent.delta', ({ delta }) => String(delta).startsWith('Once'))
  await new Promise((resolve) => setTimeout(resolve, 1000))
  return { peer, sessionId: String(ready.session_id), token: String(ready.resume_token) }
}

async function survivesAKill(place: Readonly<Record<string, string>>): Promise<void> {
  const llm = await model()
  try {
    const first = new Served(environmentOf(llm, place))
    const { peer: lost, sessionId, token } = await intoTheStory(await first.url)
    first.kill('SIGKILL')
    await Promise.all([first.ended, lost.closed])

    const second = new Served(environmentOf(llm, place))
    const peer = await resumed(await second.url, token, sessionId)
    assert.equal(peer.frames[0]?.session_id, sessionId)
    assert.equal(peer.frames[0]?.resume_token, token)
    await peer.settled()
    assert.deepEqual(
      peer.frames.map(({ type }) => type),
      ['session.ready'],
      'neither a greeting nor the story is said again',
    )
    asked(peer, 'Where was I?')
    await peer.first('reply.done')
    const told = messagesOf(llm, 2)
    const story = told[5]?.replace('assistant: ', '') ?? ''
    assert.deepEqual(
      [...told.slice(0, 5), ...told.slice(6)],
      [
        'system: You tell stories.',
        'assistant: Hi.',
        'user: My name is John.',
        'assistant: Hello John.',
        'user: Tell me a story.',
        'user: Where was I?',
      ],
    )
    assert.ok(STORY.startsWith(story) && story.length >= 3 && story.length < STORY.length, `it heard "${story}"`)
    await peer.end()
    const gone = await Peer.open(await second.url, { token })
    gone.send({ type: 'session.resume', session_id: sessionId })
    await gone.closed
    assert.equal(gone.frames[0]?.code, 'session_not_found')
    second.kill('SIGTERM')
    assert.equal((await second.ended).code, 0)
  } finally {
    await llm.stop()
  }
}

test('a server killed in the middle of a reply: the next one goes on with the whole history', () =>
  survivesAKill({ PARLEY_DATA_DIR: join(folder, 'killed') }))

test('the same with a PostgreSQL server', async (t) => {
  const postgres = await startPostgres()
  if (typeof postgres === 'string') return t.skip(postgres)
  try {
    await survivesAKill({ DATABASE_URL: await postgres.createDatabase(), PARLEY_DATA_DIR: join(folder, 'postgres') })
  } finally {
    killAll()
    await postgres.stop()
  }
})

test('a planned restart does not wait for a session that lost its connection; it goes on afterwards, and what was owed is said', async () => {
  const llm = await model(1)
  const environment = environmentOf(llm, {
    PARLEY_DATA_DIR: join(folder, 'planned'),
    PARLEY_DRAIN_SECONDS: '600',
  })
  const first = new Served(environment)
  const lost = await Peer.open(await first.url, { key: KEY })
  lost.send({ type: 'session.update', session })
  const { session_id, resume_token } = await lost.first('session.ready')
  await lost.first('reply.done')
  await lost.converses()
  asked(lost, 'Tell me a story.')
  await llm.request(1)
  lost.socket.terminate()
  await lost.closed
  first.kill('SIGTERM')
  assert.equal((await first.ended).code, 0)

  const second = new Served(environment)
  const peer = await resumed(await second.url, String(resume_token), String(session_id))
  await peer.first('reply.done')
  assert.deepEqual(
    peer.of('transcript.agent').map(({ text }) => text),
    ['Gladly.'],
  )
  assert.deepEqual(messagesOf(llm, 2), messagesOf(llm, 1))
  await peer.end()
  second.kill('SIGTERM')
  assert.equal((await second.ended).code, 0)
  await llm.stop()
})

test('the webhook that a session brings hears of its end after the server was killed, resumed or not', async () => {
  const receiver = await startReceiver()
  const place = { PARLEY_DATA_DIR: join(folder, 'webhooks'), PARLEY_RESUME_GRACE_SECONDS: '600' }
  const first = new Served(place)
  const url = await first.url
  const [resumes, stays] = await Promise.all(
    ['/resumed', '/lost'].map(async (path) => {
      const webhook = {
        url: `${receiver.url}${path}`,
        events: ['session.started', 'session.completed'],
        secret: SECRET,
      }
      const peer = await Peer.ready(url, KEY, { ...session, webhook })
      await receiver.received(path, 1)
      return peer
    }),
  )
  const { session_id, resume_token } = resumes!.of('session.ready')[0]!
  first.kill('SIGKILL')
  await Promise.all([first.ended, resumes!.closed, stays!.closed])

  const second = new Served(place)
  const peer = await resumed(await second.url, String(resume_token), String(session_id))
  await peer.end()
  const completed = (await receiver.received('/resumed', 2))[1]!
  assert.deepEqual(
    [completed.body.event, completed.body.session.public_close_reason],
    ['session.completed', 'client_end'],
  )
  new Webhook(SECRET, { format: 'raw' }).verify(completed.raw, { ...completed.headers } as Record<string, string>) // the three are single
  assert.equal(receiver.at('/lost').length, 1)
  second.kill('SIGKILL')
  await second.ended

  const third = new Served({ ...place, PARLEY_RESUME_GRACE_SECONDS: '1' })
  await third.url
  const lost = (await receiver.received('/lost', 2))[1]!
  assert.deepEqual([lost.body.event, lost.body.session.public_close_reason], ['session.completed', 'error'])
  third.kill('SIGTERM')
  await third.ended
  assert.deepEqual([receiver.at('/resumed').length, receiver.at('/lost').length], [2, 2])
  await receiver.close()
})

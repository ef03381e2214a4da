// The process with the native engines dies in the middle of calls: what becomes of them, and of everybody else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Tts } from '../../dist/engines/engine.js'
import { type HostLease, leaseHost } from '../../dist/engines/host/shared-host.js'
import { fliteTts } from '../../dist/engines/tts/flite/flite.js'
import { Peer } from '../helpers/peer.js'
import { embeddedEngines, startTestServer, type TestServer } from '../helpers/server.js'
import { spoken } from '../helpers/speech.js'
import { Talker } from '../helpers/talker.js'

const PROMPT =
  'You are the assistant of Blue Door Bakery. We open at seven in the morning. Sourdough costs four pounds.'
const LONG_GREETING =
  'Welcome to the bakery. We have bread, cakes, rolls and coffee, and we are glad to tell you about each of them.'

let server: TestServer
let voice: Tts
let lease: HostLease

before(async () => {
  ;[server, voice] = await Promise.all([
    startTestServer(embeddedEngines),
    fliteTts.create(fliteTts.options.parse({ workers: 1 }), { dataDir: '.parley', log: () => {} }),
  ])
  // the host that the server's engines share, as this is the server's own process
  lease = await leaseHost({}, () => {})
})

after(async () => {
  await lease.release()
  await Promise.all([server.close(), voice.close()])
})

async function killHost(): Promise<void> {
  const pid = await lease.host.pid()
  const { crashes } = lease.host.counts
  process.kill(pid!, 'SIGKILL')
  await server.until(() => lease.host.counts.crashes > crashes)
}

/** Asks until there is an answer: what was said into the gap may be lost, but not the session. */
async function isAnswered(talker: Talker, question: Int16Array, answer: RegExp): Promise<void> {
  const { peer } = talker
  for (let attempt = 0; attempt < 3; attempt++) {
    const answered = peer.next('transcript.agent', ({ text }) => answer.test(String(text)), 12_000)
    await talker.say(question)
    if (await answered.then(Boolean, () => false)) return
  }
  assert.fail(`no answer; the last frames were ${peer.frames.slice(-5).map((frame) => JSON.stringify(frame))}`)
}

test('kill -9 of the engine host: one who speaks, one who listens and one who is silent all go on', {
  timeout: 180_000,
}, async () => {
  const question = await spoken(voice, 'What time do you open?')
  const open = async (greeting: string) =>
    new Talker(await Peer.ready(server.url, server.key, { system_prompt: PROMPT, greeting }))
  const speaking = await open('')
  const silent = await open('')
  const listening = await open(LONG_GREETING)
  await listening.peer.first('reply.started')
  const greeted = listening.peer.next('reply.done', () => true, 60_000)

  const began = speaking.peer.next('input.speech.started')
  const saying = speaking.say(question)
  await began
  await killHost()
  await saying

  assert.equal((await greeted).status, 'completed')
  for (const talker of [speaking, silent, listening]) await isAnswered(talker, question, /seven/)
  assert.equal(server.sessions(), 3)
  for (const talker of [speaking, silent, listening]) {
    assert.deepEqual(talker.peer.of('session.error'), [])
    await talker.end()
  }
})

test('a host that dies again and again ends sessions with an event, and the server takes new ones once it lives', {
  timeout: 180_000,
}, async () => {
  const question = await spoken(voice, 'How much is the sourdough?')
  const struck = new Talker(await Peer.ready(server.url, server.key, { system_prompt: PROMPT }))
  let isOver = false
  void struck.peer.closed.then(() => {
    isOver = true
  })
  for (let death = 0; death < 10 && !isOver; death++) {
    await killHost()
    await lease.host.pid()
    // the session opens its detector at the new one
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  assert.ok(isOver, 'the session goes on without ears')
  assert.equal((await struck.peer.closed).code, 1011)
  const last = struck.peer.frames.at(-1)
  assert.equal(last?.code, 'internal_error')
  assert.match(String(last?.message), /engine of this session failed .*Open a new session/)
  await struck.end()
  const next = new Talker(await Peer.ready(server.url, server.key, { system_prompt: PROMPT }))
  await isAnswered(next, question, /four/)
  await next.end()
  await server.until(() => server.sessions() === 0)
})

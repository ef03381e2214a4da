// What the language model is told, and what becomes of its failures, with a fake of a model behind the real client
// (checklist 35, 47, 72, 73, 85, 90, 157, 168-170).
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type { Script } from '../engines/openai-server.js'
import type { Frame, Peer } from '../helpers/peer.js'
import { type ScriptedModel, says, scriptedModel } from '../helpers/scripted-model.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let model: ScriptedModel
let server: TestServer
let visitors: Visitors

before(async () => {
  model = await scriptedModel()
  server = await startTestServer({
    ...model.environment,
    PARLEY_LLM_OPTIONS: JSON.stringify({ maxRetries: 2, firstTokenTimeoutMs: 800, nextTokenTimeoutMs: 800 }),
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 15 }),
  })
  visitors = new Visitors(server)
})
beforeEach(() => model.begin())
after(async () => {
  await server.close()
  await model.stop()
})

/** Asks for a reply and waits for its end. */
async function replied(peer: Peer, instructions?: string): Promise<Frame> {
  const done = peer.next('reply.done', () => true, 15_000)
  peer.send({ type: 'reply.create', ...(instructions && { instructions }) })
  return done
}

test('the model is asked for a streamed chat completion with usage, and is offered the tools (168)', async () => {
  const parameters = { type: 'object', properties: { kind: { type: 'string' } }, required: [] }
  const peer = await visitors.ready({
    system_prompt: 'You sell bread.',
    tools: [{ type: 'function', name: 'find_bread', description: 'Finds bread.', parameters }],
  })
  await replied(peer)
  const { url, headers, body } = await model.request(0)
  assert.equal(url, '/v1/chat/completions')
  assert.equal(headers.authorization, 'Bearer sk-of-the-server')
  assert.equal(headers['x-session-id'], peer.of('session.ready')[0]!.session_id)
  assert.deepEqual(body, {
    model: 'tiny',
    messages: [{ role: 'system', content: 'You sell bread.' }],
    stream: true,
    stream_options: { include_usage: true },
    tools: [{ type: 'function', function: { name: 'find_bread', description: 'Finds bread.', parameters } }],
    tool_choice: 'auto',
  })
  assert.equal(peer.of('transcript.agent')[0]?.text, 'A short answer.')
  await peer.end()
})

test('the greeting is spoken without the model and is part of what it is told later (72, 73)', async () => {
  const peer = await visitors.ready({ system_prompt: 'You sell bread.', greeting: 'Welcome. What will it be?' })
  await peer.first('reply.done')
  assert.equal(model.asked(), 0)
  await replied(peer)
  assert.deepEqual(model.messages(0), [
    { role: 'system', content: 'You sell bread.' },
    { role: 'assistant', content: 'Welcome. What will it be?' },
  ])
  await peer.end()
})

test('a new prompt is in force from the next reply on, in place of the old one (47)', async () => {
  const peer = await visitors.ready({ system_prompt: 'You sell bread.' })
  await replied(peer)
  peer.send({ type: 'session.update', session: { system_prompt: 'You sell cake.' } })
  await replied(peer)
  assert.deepEqual(model.messages(1), [
    { role: 'system', content: 'You sell cake.' },
    { role: 'assistant', content: 'A short answer.' },
  ])
  await peer.end()
})

test('instructions reach the model to the letter, as the last system message, once (85)', async () => {
  const peer = await visitors.ready({ system_prompt: 'You sell bread.' })
  const instructions = '  Say *exactly* this:\n"Brot & Kuchen"\t🥐 '
  await replied(peer, instructions)
  assert.deepEqual(model.messages(0).at(-1), { role: 'system', content: instructions })
  await replied(peer)
  assert.ok(!model.messages(1).some(({ content }) => content?.includes('Brot')))
  await peer.end()
})

test('messages reach the model in their place, with their roles, from the next reply on (90)', async () => {
  const peer = await visitors.ready({ system_prompt: 'You sell bread.' })
  peer.send({ type: 'conversation.message', role: 'system', content: 'The page of cakes is open.' })
  peer.send({ type: 'conversation.message', role: 'user', content: 'Is there any left?' })
  await replied(peer)
  assert.deepEqual(model.messages(0).slice(1), [
    { role: 'system', content: 'The page of cakes is open.' },
    { role: 'user', content: 'Is there any left?' },
  ])
  peer.send({ type: 'conversation.message', role: 'user', content: 'Thank you.' })
  await replied(peer)
  assert.deepEqual(model.messages(1).slice(1), [
    { role: 'system', content: 'The page of cakes is open.' },
    { role: 'user', content: 'Is there any left?' },
    { role: 'assistant', content: 'A short answer.' },
    { role: 'user', content: 'Thank you.' },
  ])
  await peer.end()
})

test('the model of a stored agent answers in place of the server’s, with its own key, which nobody sees (35, 157, 168)', async () => {
  const llm = { base_url: model.baseUrl, model: 'large', api_key: 'sk-of-the-agent' }
  const response = await fetch(`${server.url}/v1/agents`, {
    method: 'POST',
    headers: { authorization: server.key, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' }, llm: [llm] }),
  })
  const { id } = (await response.json()) as { id: string }
  const peer = await visitors.ready({ agent_id: id })
  await replied(peer)
  const { headers, body } = await model.request(0)
  assert.deepEqual([headers.authorization, headers['x-agent-id'], body.model], ['Bearer sk-of-the-agent', id, 'large'])
  assert.ok(!peer.received.some(({ text }) => text.includes('sk-of-the')))
  await peer.end()
})

test('a model that fails in the middle is asked again, and no word is said twice (169)', async () => {
  model.script = [
    async ({ answer }) => {
      answer.says('One two three. ', 'Four ')
      await new Promise((resolve) => setTimeout(resolve, 100))
      answer.breakOff()
    },
    says('One two three. ', 'Four five six.'),
  ]
  const peer = await visitors.ready()
  assert.equal((await replied(peer)).status, 'completed')
  assert.deepEqual(
    peer.of('transcript.agent').map(({ text }) => text),
    ['One two three. Four five six.'],
  )
  assert.equal(model.asked(), 2)
  assert.deepEqual(peer.of('reply.error'), [])
  await peer.end()
})

test('a model that fails before its first word is asked again (169)', async () => {
  model.script = [({ answer }) => answer.refuse(503), ({ answer }) => answer.refuse(500), says('Here I am.')]
  const peer = await visitors.ready()
  assert.equal((await replied(peer)).status, 'completed')
  assert.equal(peer.of('transcript.agent')[0]?.text, 'Here I am.')
  assert.equal(model.asked(), 3)
  await peer.end()
})

/** The agent says by itself that it has no answer: a reply that needs no model. */
async function apologised(peer: Peer): Promise<void> {
  const isApology = ({ text }: Frame) => /^I'm sorry, /.test(String(text))
  const said = peer.of('transcript.agent').find(isApology) ?? (await peer.next('transcript.agent', isApology))
  assert.equal(said.interrupted, false)
}

test('a failure of the model is told, in an event and in words, and closes the reply; the session goes on (170)', async () => {
  const failures: readonly (readonly [string, Script, boolean, number | undefined])[] = [
    ['a key that is refused', ({ answer }) => answer.refuse(401), false, 401],
    ['a model that is not there', ({ answer }) => answer.refuse(404), false, 404],
    [
      'a server that fails',
      ({ answer }) => answer.refuse(500, { message: 'no' }, { 'retry-after-ms': '1' }),
      true,
      500,
    ],
    ['an answer that is none', ({ answer }) => void answer.raw('<html>', 'text/html').end(), true, undefined],
    ['silence', () => {}, true, undefined],
  ]
  for (const [name, failure, retryable, status] of failures) {
    model.script = [failure]
    const peer = await visitors.ready()
    const error = peer.next('reply.error', () => true, 15_000)
    const done = await replied(peer)
    const { reply_id, code, message, retryable: isRetryable, status_code } = await error
    assert.deepEqual([reply_id, done.status, status_code], [done.reply_id, 'completed', status], name)
    assert.equal(isRetryable, retryable, name)
    assert.ok(typeof code === 'string' && typeof message === 'string' && !message.includes('sk-of'), name)
    assert.deepEqual(
      peer.frames.slice(2, 5).map(({ type }) => type),
      ['reply.started', 'reply.error', 'reply.done'],
      name,
    )
    await apologised(peer)
    model.script = [says('Here I am again.')]
    assert.equal((await replied(peer)).status, 'completed')
    assert.equal(peer.of('transcript.agent').at(-1)?.text, 'Here I am again.')
    await peer.end()
  }
})

test('a model that breaks off for good leaves what was heard, an error and an interrupted reply (170)', async () => {
  model.script = [
    async ({ answer }) => {
      answer.says('One two three four five six seven. ', 'And ')
      await new Promise((resolve) => setTimeout(resolve, 300))
      answer.breakOff()
    },
    ({ answer }) => answer.refuse(401),
  ]
  const peer = await visitors.ready()
  assert.equal((await replied(peer)).status, 'interrupted')
  assert.equal(peer.of('reply.error').length, 1)
  await apologised(peer)
  await peer.converses()
  await peer.end()
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97)', () =>
  visitors.assertConform())

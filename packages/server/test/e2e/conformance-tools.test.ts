// Tools of the client, with a fake of a model behind the real client of models (checklist 124-130, 133, 142).
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { tone } from '../audio/tone.js'
import type { Script } from '../engines/openai-server.js'
import type { Frame, Peer } from '../helpers/peer.js'
import { promptedSttPath } from '../helpers/prompted-stt.js'
import { type ScriptedModel, says, scriptedModel } from '../helpers/scripted-model.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Talker } from '../helpers/talker.js'
import { Visitors } from '../helpers/visitors.js'

const calls =
  (...names: readonly string[]): Script =>
  ({ answer }, count) => {
    for (const [index, name] of names.entries()) answer.calls(index, `call_${count}_${index}`, name)
    answer.done('tool_calls')
  }

let model: ScriptedModel
let server: TestServer
let visitors: Visitors

before(async () => {
  model = await scriptedModel()
  server = await startTestServer({
    ...model.environment,
    PARLEY_STT: promptedSttPath,
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 20 }),
  })
  visitors = new Visitors(server)
})
beforeEach(() => model.begin())
after(async () => {
  await server.close()
  await model.stop()
})

const weather = { type: 'function', name: 'get_weather' }
const speech = (ms: number) => tone(200, 24_000, ms * 24)

const answer = (peer: Peer, { call_id }: Frame, result: string, is_error?: boolean) =>
  peer.send({ type: 'tool.result', call_id, result, ...(is_error !== undefined && { is_error }) })

/** Asks for a reply; the model calls in it. Resolves with the calls once the reply is over. */
async function called(peer: Peer): Promise<readonly Frame[]> {
  const before = peer.of('tool.call').length
  const done = peer.next('reply.done')
  peer.send({ type: 'reply.create' })
  await done
  return peer.of('tool.call').slice(before)
}

test('a call is told within a reply that closes by itself, and its result brings a reply of its own (124-126)', async () => {
  model.script = [
    ({ answer }) => answer.calls(0, 'call_of_the_model', 'get_weather', { days: [] }).done('tool_calls'),
    says('It is sunny.'),
  ]
  const peer = await visitors.ready({ system_prompt: 'Be brief.', tools: [weather] })
  const [call] = await called(peer)
  assert.deepEqual([call?.call_id, call?.name, call?.arguments], ['call_of_the_model', 'get_weather', { days: [] }])
  assert.deepEqual(
    peer.frames.slice(2).map(({ type }) => type),
    ['reply.started', 'tool.call', 'reply.done'],
  )
  assert.equal(peer.of('reply.done')[0]?.status, 'completed')
  await peer.settled()
  assert.equal(model.asked(), 1)
  const done = peer.next('reply.done')
  answer(peer, call!, '{"sky":"clear"}')
  assert.notEqual((await done).reply_id, peer.of('reply.done')[0]?.reply_id)
  assert.equal(peer.of('transcript.agent')[0]?.text, 'It is sunny.')
  const [, said, result] = model.messages(1)
  assert.deepEqual([said?.role, said?.tool_calls?.[0]?.id], ['assistant', 'call_of_the_model'])
  assert.deepEqual(result, { role: 'tool', tool_call_id: 'call_of_the_model', content: '{"sky":"clear"}' })
  await peer.end()
})

test('a result may come while the words before the call are still spoken (125)', async () => {
  model.script = [
    ({ answer }) => answer.says('Let me have a look.').calls(0, 'c', 'get_weather').done('tool_calls'),
    says('It is sunny.'),
  ]
  const peer = await visitors.ready({ system_prompt: 'Be brief.', tools: [weather] })
  peer.send({ type: 'reply.create' })
  answer(peer, await peer.next('tool.call'), '{}')
  assert.equal(peer.of('reply.done').length, 0)
  const first = await peer.next('reply.done')
  const second = await peer.next('reply.done')
  assert.deepEqual([first.status, second.status], ['completed', 'completed'])
  assert.deepEqual(
    peer.of('transcript.agent').map(({ text }) => text),
    ['Let me have a look.', 'It is sunny.'],
  )
  await peer.end()
})

test('parallel calls may be answered early and in any order; the reply follows the last of them (126, 129)', async () => {
  model.script = [
    async ({ answer }) => {
      answer.calls(0, 'a', 'get_weather').calls(1, 'b', 'get_time').done('tool_calls')
    },
    says('Sunny, and noon.'),
  ]
  const peer = await visitors.ready({ tools: [weather, { type: 'function', name: 'get_time' }] })
  const [one, two] = await called(peer)
  answer(peer, two!, 'noon')
  await peer.settled()
  assert.deepEqual([model.asked(), peer.of('reply.started').length], [1, 1])
  const done = peer.next('reply.done')
  answer(peer, one!, 'sunny')
  await done
  assert.deepEqual(
    model.messages(1).flatMap(({ role, content }) => (role === 'tool' ? [content] : [])),
    ['sunny', 'noon'],
  )
  await peer.end()
})

test('answers that nobody waits for are told, and the session goes on', async () => {
  model.script = [calls('get_weather'), says('Sunny.')]
  const peer = await visitors.ready({ tools: [weather] })
  const [call] = await called(peer)
  answer(peer, { ...call!, call_id: 'nobody' }, 'x')
  const done = peer.next('reply.done')
  answer(peer, call!, 'first')
  answer(peer, call!, 'second')
  await done
  assert.deepEqual(
    peer.of('session.error').map(({ code, param }) => [code, param]),
    Array(2).fill(['invalid_value', 'call_id']),
  )
  assert.equal(model.messages(1).at(-1)?.content, 'first')
  assert.equal(peer.of('reply.started').length, 2)
  await peer.converses()
  await peer.end()
})

test('the instructions for a success or a failure are told last, for that reply only (127)', async () => {
  model.script = [calls('get_weather'), says('Sunny.'), calls('get_weather'), says('Sorry.'), says('Anything else?')]
  const response_instructions = { success: 'Say it in one sentence.', error: 'Apologise.' }
  const peer = await visitors.ready({ tools: [{ ...weather, response_instructions }] })
  for (const isError of [false, true]) {
    const [call] = await called(peer)
    const done = peer.next('reply.done')
    answer(peer, call!, '{"error":"none"}', isError)
    await done
  }
  const last = (count: number) => [model.messages(count).at(-1)?.role, model.messages(count).at(-1)?.content]
  assert.deepEqual(last(1), ['system', 'Say it in one sentence.'])
  assert.deepEqual(last(3), ['system', 'Apologise.'])
  await peer.converses()
  assert.ok(!model.messages(4).some(({ content }) => content?.includes('Apologise')))
  await peer.end()
})

test('without a result in time the model is told so and the agent speaks; the session goes on (128)', async () => {
  model.script = [calls('get_weather'), says('I am sorry, that did not work.')]
  const peer = await visitors.ready({ tools: [{ ...weather, timeout_seconds: 1 }] })
  const [call] = await called(peer)
  const done = await peer.next('reply.done')
  assert.equal(done.status, 'completed')
  assert.match(model.messages(1).at(-1)?.content ?? '', /no result within 1 s/)
  answer(peer, call!, 'late')
  await peer.settled()
  assert.deepEqual([model.asked(), peer.of('session.error').length], [2, 0])
  await peer.converses()
  assert.ok(model.messages(2).some(({ role, content }) => role === 'tool' && content === 'late'))
  await peer.end()
})

test('a tool that holds keeps the agent silent; its result is spoken of, with what the user said meanwhile (130)', async () => {
  model.script = [calls('ask_boss'), says('Granted.')]
  const peer = await visitors.ready({
    tools: [{ type: 'function', name: 'ask_boss', execution_mode: 'hold' }],
    input: { transcription_prompt: 'Are you still there?' },
  })
  const talker = new Talker(peer)
  const [call] = await called(peer)
  const heard = peer.next('transcript.user')
  await talker.say(speech(600))
  assert.equal((await heard).text, 'Are you still there?')
  await peer.settled()
  assert.deepEqual([model.asked(), peer.of('reply.started').length], [1, 1])
  const status = peer.next('reply.done')
  peer.send({ type: 'reply.create', instructions: 'Say that it takes a moment.' })
  await status
  assert.equal((await model.request(1)).body.tools, undefined)
  const done = peer.next('reply.done')
  answer(peer, call!, 'granted')
  await done
  assert.deepEqual(
    model
      .messages(2)
      .map(({ role, content }) => [role, content])
      .slice(1, 3),
    [
      ['tool', 'granted'],
      ['user', 'Are you still there?'],
    ],
  )
  await talker.end()
})

test('a result that comes after an interruption triggers no reply (142)', async () => {
  model.script = [
    ({ answer }) =>
      answer
        .says(
          'Let me have a look at the weather of the coming week, which may take quite a while, so please stay with me.',
        )
        .calls(0, 'c', 'get_weather')
        .done('tool_calls'),
    says('All right.'),
  ]
  const peer = await visitors.ready({
    tools: [weather],
    input: { transcription_prompt: 'Stop, forget about the weather.' },
  })
  const talker = new Talker(peer)
  const cut = peer.next('reply.done')
  peer.send({ type: 'reply.create' })
  const call = await peer.next('tool.call')
  await peer.first('reply.audio')
  const answered = peer.next('transcript.agent', ({ text }) => text === 'All right.')
  await talker.say(speech(1200))
  assert.equal((await cut).status, 'interrupted')
  await answered
  const replies = peer.of('reply.started').length
  answer(peer, call, 'sunny')
  await peer.settled()
  assert.deepEqual([model.asked(), peer.of('reply.started').length, peer.of('session.error').length], [2, replies, 0])
  await peer.converses()
  assert.ok(model.messages(2).some(({ role, content }) => role === 'tool' && content === 'sunny'))
  await talker.end()
})

test('a call with a value that nobody gave is not made: the model is told why and asked again (133)', async () => {
  const parameters = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  model.script = [
    ({ answer }) => answer.calls(0, 'a', 'book', { name: 'Napoleon' }).done('tool_calls'),
    says('In what name?'),
  ]
  const peer = await visitors.ready({ tools: [{ type: 'function', name: 'book', parameters }] })
  assert.deepEqual(await called(peer), [])
  assert.equal(peer.of('transcript.agent')[0]?.text, 'In what name?')
  assert.equal(peer.of('reply.started').length, 1)
  assert.match(model.messages(1).at(-1)?.content ?? '', /nobody has given a value for name/)
  await peer.end()
})

test('something is said while a tool takes long, and what was waited for follows it', async () => {
  model.script = [calls('get_weather'), says('Sunny.')]
  const filler = { mode: 'phrases', after_ms: 200, phrases: ['Hold on.'] }
  const peer = await visitors.ready({ tools: [weather], parley: { filler } })
  const { config } = peer.of('session.ready')[0]!
  // the frame has passed its schema
  assert.deepEqual((config as { parley?: unknown }).parley, { filler })
  const [call] = await called(peer)
  const told = await peer.next('transcript.agent')
  assert.equal(told.text, 'Hold on.')
  assert.equal(model.asked(), 1)
  const sunny = peer.next('transcript.agent')
  answer(peer, call!, 'sunny')
  assert.equal((await sunny).text, 'Sunny.')
  await peer.end()
})

test('an agent that may hang up does so after its goodbye was heard', async () => {
  model.script = [({ answer }) => answer.calls(0, 'a', 'aai_end_call', { goodbye: 'Take care.' }).done('tool_calls')]
  const peer = await visitors.ready({ parley: { end_call: true } })
  peer.send({ type: 'reply.create' })
  assert.equal((await peer.closed).code, 1000)
  const offered = (await model.request(0)).body.tools as readonly { readonly function: { readonly name: string } }[]
  assert.deepEqual(
    offered.map((tool) => tool.function.name),
    ['aai_end_call'],
  )
  assert.deepEqual(
    peer.frames.slice(-3).map(({ type }) => type),
    ['transcript.agent', 'reply.done', 'session.ended'],
  )
  assert.deepEqual([peer.of('transcript.agent')[0]?.text, peer.of('tool.call').length], ['Take care.', 0])
})

test('every frame of every session above has the documented form (64-66, 69, 74-83, 97)', () =>
  visitors.assertConform())

// What can change in the middle of a session, and what becomes of the rest (checklist 38, 39, 47-59, 100-103, 111).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { tone } from '../audio/tone.js'
import type { Frame, Peer } from '../helpers/peer.js'
import { promptedSttPath } from '../helpers/prompted-stt.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Talker } from '../helpers/talker.js'
import { Visitors } from '../helpers/visitors.js'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer({ PARLEY_STT: promptedSttPath })
  visitors = new Visitors(server)
})
after(() => server.close())

const speech = tone(200, 24_000, 24_000 * 0.6)

/** Everything that an update in the middle of a session is answered with. */
async function answersTo(peer: Peer, session: object): Promise<readonly Frame[]> {
  const before = peer.frames.length
  peer.send({ type: 'session.update', session })
  await peer.settled()
  return peer.frames.slice(before)
}

/** The settings after an update that nothing is wrong with. */
async function changed(peer: Peer, session: object): Promise<Record<string, unknown>> {
  const answers = await answersTo(peer, session)
  assert.deepEqual(
    answers.map(({ type }) => type),
    ['session.updated'],
  )
  // the frame passes its schema in the last test
  return answers[0]!.config as Record<string, unknown>
}

const codes = (answers: readonly Frame[]) => answers.map(({ type, code, param }) => [type, code, param])
const errorsOf = (answers: readonly Frame[]) => codes(answers.filter(({ type }) => type === 'session.error'))
const configOf = (peer: Peer) => peer.of('session.ready')[0]!.config as Record<string, unknown>

test('a session bound to an agent takes later updates, but no other agent (38, 39)', async () => {
  const response = await fetch(`${server.url}/v1/agents`, {
    method: 'POST',
    headers: { authorization: server.key, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', system_prompt: 'Old.', voice: { voice_id: 'eve' }, tools: [{ name: 'one' }] }),
  })
  const { id } = (await response.json()) as { id: string }
  const peer = await visitors.ready({ agent_id: id })
  const config = await changed(peer, { system_prompt: 'New.' })
  assert.deepEqual({ ...config, system_prompt: 'Old.' }, configOf(peer))
  assert.equal(config.system_prompt, 'New.')

  const [error, ...more] = await answersTo(peer, { agent_id: id })
  assert.deepEqual(more, [])
  assert.deepEqual(
    [error?.code, error?.message, error?.param, error?.session_id],
    ['agent_id_not_first', 'agent_id can only be set on the first session.update', 'agent_id', config.id],
  )
  await peer.converses()
  await peer.end()
})

test('each accepted update is answered with all settings, and lists are replaced whole (48, 49, 50, 58)', async () => {
  const peer = await visitors.ready({
    system_prompt: 'Be brief.',
    greeting: '',
    input: { keyterms: ['one', 'two'], transcription_mode: 'min_latency' },
    tools: ['a', 'b'].map((name) => ({ type: 'function', name })),
  })
  const before = configOf(peer)
  const tools = (await changed(peer, { tools: [{ type: 'function', name: 'c' }] })).tools
  assert.deepEqual(
    (tools as { name: string }[]).map(({ name }) => name),
    ['c'],
  )
  const { input, ...rest } = await changed(peer, {
    input: { keyterms: ['three'], turn_detection: { min_silence: 300, max_silence: 900 } },
  })
  const { input: _, ...others } = before
  assert.deepEqual(rest, { ...others, tools })
  assert.deepEqual(input, {
    ...(before.input as object),
    keyterms: ['three'],
    turn_detection: {
      type: null,
      vad_threshold: 0.5,
      min_silence: 300,
      max_silence: 900,
      interrupt_response: true,
      interruption_delay: null,
      uninterruptible_turns: [],
    },
  })
  await peer.end()
})

test('new key terms count from the next utterance on (49)', async () => {
  const peer = await visitors.ready({ input: { keyterms: ['Leeds'] } })
  const talker = new Talker(peer)
  const heard = async () => {
    const transcript = peer.next('transcript.user')
    void talker.say(speech)
    return (await transcript).text
  }
  assert.equal(await heard(), 'I heard of Leeds.')
  await changed(peer, { input: { keyterms: ['York', 'Hull'] } })
  await peer.next('reply.done')
  await heard()
  await peer.next('reply.done')
  assert.equal(await heard(), 'I heard of York and Hull.')
  await talker.end()
})

test('what is fixed stays: an error for each field, with its exact words, and everything else is applied (52-55, 57)', async () => {
  const peer = await visitors.ready({ greeting: '', output: { voice: 'alba' } })
  const answers = await answersTo(peer, {
    greeting: 'Hello.',
    system_prompt: 'New.',
    input: { keyterms: ['Leeds'] },
    output: { voice: 'nobody', format: { encoding: 'audio/pcmu' }, type: 'text', volume: 50 },
  })
  const errors = answers.slice(0, -1)
  assert.deepEqual(errors.map(({ param }) => param).sort(), [
    'greeting',
    'output.format',
    'output.type',
    'output.voice',
  ])
  for (const { type, code, message, param, session_id } of errors) {
    assert.deepEqual([type, code], ['session.error', 'immutable_field'])
    assert.equal(message, `'${param}' cannot be changed after the first session.update`)
    assert.equal(session_id, configOf(peer).id)
  }
  const { type, config } = answers.at(-1)!
  assert.equal(type, 'session.updated')
  const expected = structuredClone(configOf(peer)) as { input: object; output: object }
  assert.deepEqual(config, {
    ...expected,
    system_prompt: 'New.',
    input: { ...expected.input, keyterms: ['Leeds'] },
    output: { ...expected.output, volume: 50 },
  })
  await peer.converses()
  await peer.end()
})

test('a known voice in the middle of a session is refused like an unknown one (52, 55)', async () => {
  const peer = await visitors.ready({ output: { voice: 'alba' } })
  for (const voice of ['eve', 'nobody'])
    assert.deepEqual(codes(await answersTo(peer, { output: { voice } })), [
      ['session.error', 'immutable_field', 'output.voice'],
    ])
  await peer.end()
})

test('the whole of the settings sent again is no error (56)', async () => {
  const peer = await visitors.ready({
    system_prompt: 'Be brief.',
    greeting: 'Hi.',
    output: { voice: 'eve', format: { encoding: 'audio/pcm' } },
  })
  const { id: _, llm: _llm, pre_connect_requests: _requests, ...all } = configOf(peer)
  peer.send({ type: 'session.update', session: all })
  const updated = await peer.next('session.updated')
  assert.deepEqual(updated.config, configOf(peer))
  assert.deepEqual(peer.of('session.error'), [])
  await peer.end()
})

test('values out of their range are refused by their path, all in one update, and the session goes on (59, 100-103, 111)', async () => {
  const peer = await visitors.ready()
  const cases: readonly (readonly [object, string])[] = [
    [{ input: { turn_detection: { vad_threshold: -0.1 } } }, 'input.turn_detection.vad_threshold'],
    [{ input: { turn_detection: { vad_threshold: 1.1 } } }, 'input.turn_detection.vad_threshold'],
    [{ input: { turn_detection: { min_silence: -1 } } }, 'input.turn_detection.min_silence'],
    [{ input: { turn_detection: { max_silence: -1 } } }, 'input.turn_detection.max_silence'],
    [{ input: { turn_detection: { interruption_delay: 1001 } } }, 'input.turn_detection.interruption_delay'],
    [{ input: { turn_detection: { interruption_delay: -1 } } }, 'input.turn_detection.interruption_delay'],
    [{ input: { transcription_mode: 'fast' } }, 'input.transcription_mode'],
    [{ input: { keyterms: Array(101).fill('x') } }, 'input.keyterms'],
    [{ input: { transcription_prompt: 'x'.repeat(1751) } }, 'input.transcription_prompt'],
    [{ input: { voice_focus: 'middle' } }, 'input.voice_focus'],
    [{ output: { volume: 101 } }, 'output.volume'],
    [{ output: { volume: -1 } }, 'output.volume'],
    [{ tools: [{ type: 'function', name: 'a', timeout_seconds: 301 }] }, 'tools[0].timeout_seconds'],
    [
      { tools: [{ type: 'function', name: 'a', parameters: { type: 'object', properties: [] } }] },
      'tools[0].parameters.properties',
    ],
  ]
  for (const [session, param] of cases)
    assert.deepEqual(codes(await answersTo(peer, session)), [['session.error', 'invalid_value', param]])
  const contrary = { min_silence: 900, max_silence: 800 }
  assert.deepEqual(errorsOf(await answersTo(peer, { input: { turn_detection: contrary } })), [
    ['session.error', 'invalid_value', 'input.turn_detection.min_silence'],
  ])
  const together = await answersTo(peer, {
    system_prompt: 'New.',
    input: { keyterms: Array(101).fill('x'), transcription_mode: 'fast' },
  })
  assert.deepEqual(errorsOf(together), [
    ['session.error', 'invalid_value', 'input.keyterms'],
    ['session.error', 'invalid_value', 'input.transcription_mode'],
  ])
  assert.equal((together.at(-1)!.config as Record<string, unknown>).system_prompt, 'New.')
  await peer.converses()
  await peer.end()
})

test('every bound of a range belongs to it (100-103, 111)', async () => {
  const peer = await visitors.ready()
  for (const session of [
    { input: { turn_detection: { vad_threshold: 0, min_silence: 0, max_silence: 0, interruption_delay: 0 } } },
    {
      input: {
        turn_detection: { vad_threshold: 1, min_silence: 10_000, max_silence: 10_000, interruption_delay: 1000 },
      },
    },
    { input: { keyterms: Array(100).fill('x'), transcription_prompt: 'x'.repeat(1750) } },
    ...['min_latency', 'balanced', 'max_accuracy'].map((transcription_mode) => ({ input: { transcription_mode } })),
    { output: { volume: 0 } },
    { output: { volume: 100 } },
  ])
    await changed(peer, session)
  await peer.end()
})

test('errors of a message itself name neither a field nor the session, and close nothing (59, 60-64, 68)', async () => {
  const peer = await visitors.ready()
  const wrong: readonly (readonly [string, string, string])[] = [
    ['{"type":', 'invalid_format', 'Invalid JSON format.'],
    ['{"type":"reply.make"}', 'invalid_format', 'Unknown message type: reply.make'],
    ['{"type":"input.audio"}', 'invalid_format', "Invalid message format for type 'input.audio'"],
    ['{"type":"session.update","session":{"temperature":1}}', 'invalid_format', malformedUpdate],
    ['{"type":"session.update","session":{"greeting":null}}', 'invalid_format', malformedUpdate],
    ['{"type":"input.audio","audio":"*"}', 'invalid_audio', 'Invalid audio data'],
    [
      '{"type":"tool.result","call_id":"x","result":{"a":1}}',
      'invalid_format',
      "Invalid message format for type 'tool.result'",
    ],
  ]
  for (const [text, code, message] of wrong) {
    const before = peer.frames.length
    peer.socket.send(text)
    await peer.settled()
    const { timestamp: _, ...error } = peer.frames[before]!
    assert.deepEqual(error, { type: 'session.error', code, message })
    assert.equal(peer.frames.length, before + 1)
  }
  await peer.converses()
  await peer.end()
})

const malformedUpdate = "Invalid message format for type 'session.update'"

test('every frame of every session above has the documented form (64-66, 69, 74-83)', () => visitors.assertConform())

// What the first update makes of a session: inline, by a stored agent, or not at all (checklist 31-46, 176-178).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Frame } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'

let server: TestServer
let visitors: Visitors

before(async () => {
  server = await startTestServer()
  visitors = new Visitors(server)
})
after(() => server.close())

/** What a session of these settings is told of them. */
async function echoOf(session: object): Promise<Record<string, unknown>> {
  const peer = await visitors.ready(session)
  // the frame passes its schema in the last test
  const config = peer.of('session.ready')[0]!.config as Record<string, unknown>
  await peer.end()
  return config
}

/** The error with which these settings are refused, and nothing after it but the end. */
async function refusal(session: object): Promise<Frame> {
  const peer = await visitors.begun(session)
  assert.equal((await peer.closed).code, 1008)
  assert.deepEqual(
    peer.frames.map(({ type }) => type),
    ['session.error'],
  )
  return peer.frames[0]!
}

/** The error of settings that may be corrected: the corrected ones open the session. */
async function objection(session: object): Promise<Frame> {
  const peer = await visitors.begun(session)
  const error = await peer.first('session.error')
  peer.send({ type: 'session.update', session: {} })
  await peer.first('session.ready')
  await peer.end()
  return error
}

const malformed = { code: 'invalid_format', message: "Invalid message format for type 'session.update'" }
const partOf = ({ code, message, param }: Frame) => ({ code, message, ...(param !== undefined && { param }) })

const rest = async (method: string, path: string, body?: object) => {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: server.key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  // the tests look at single fields, whose values they compare
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> }
}

test('the settings come back whole: every key in its place, null where nothing was set (31, 32, 33, 34)', async () => {
  const config = await echoOf({
    system_prompt: 'Be brief.',
    greeting: 'Hi.',
    output: { type: 'text' },
    tools: [{ type: 'function', name: 'get_weather', description: 'Tells the weather.' }],
  })
  assert.equal(
    JSON.stringify({ ...config, id: 'sess_0' }),
    '{"id":"sess_0","system_prompt":"Be brief.","greeting":"Hi.",' +
      '"input":{"type":"audio","format":{"encoding":"audio/pcm","sample_rate":24000},"turn_detection":null,' +
      '"keyterms":null,"transcription_mode":null,"continuous_partials":null,"transcription_prompt":null,' +
      '"language_codes":null,"voice_focus":null,"voice_focus_threshold":null},' +
      '"output":{"type":"text","voice":"alba","format":{"encoding":"audio/pcm","sample_rate":24000},"volume":null},' +
      '"tools":[{"type":"function","name":"get_weather","description":"Tells the weather.",' +
      '"parameters":{"type":"object","properties":{},"required":[]},"timeout_seconds":120,' +
      '"execution_mode":"interactive","http":null,"response_instructions":null,"deployment_id":null,' +
      '"session_update":null,"image_tag":null}],"llm":[],"pre_connect_requests":[]}',
  )
})

test('turn detection comes back with its defaults filled in (32)', async () => {
  const { input } = await echoOf({ input: { turn_detection: {} } })
  assert.equal(
    JSON.stringify((input as Record<string, unknown>).turn_detection),
    '{"type":null,"vad_threshold":0.5,"min_silence":1000,"max_silence":3000,"interrupt_response":true,' +
      '"interruption_delay":null,"uninterruptible_turns":[]}',
  )
})

test('each encoding comes back with its rate, whether or not it was sent (33, 177)', async () => {
  for (const [encoding, rate] of [
    ['audio/pcm', 24_000],
    ['audio/pcmu', 8_000],
    ['audio/pcma', 8_000],
  ] as const)
    for (const format of [{ encoding }, { encoding, sample_rate: rate }]) {
      const { input, output } = await echoOf({ input: { format }, output: { format } })
      for (const side of [input, output])
        assert.deepEqual((side as Record<string, unknown>).format, { encoding, sample_rate: rate })
    }
})

test('an agent made over REST brings its prompt, voice, greeting, input and tools (35, 143, 146, 147, 148)', async () => {
  const { status, body: agent } = await rest('POST', '/v1/agents', {
    name: 'Baker',
    system_prompt: 'You sell bread.',
    voice: { voice_id: 'eve' },
    greeting: 'Welcome.',
    input: { keyterms: ['sourdough'] },
    output: { volume: 40 },
    tools: [{ name: 'find_bread', description: 'Finds bread.' }],
  })
  assert.equal(status, 201)
  assert.match(String(agent.id), /^agent_[0-9a-f]{32}$/)
  assert.match(String(agent.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  assert.equal((agent.input as Record<string, unknown>).voice_focus, null)
  const peer = await visitors.ready({ agent_id: agent.id })
  // the frame passes its schema in the last test
  const config = peer.of('session.ready')[0]!.config as {
    system_prompt: string
    greeting: string
    input: { keyterms: string[] }
    output: { voice: string; volume: number }
    tools: { name: string; timeout_seconds: number; execution_mode: string }[]
    llm: object[]
  }
  assert.deepEqual(
    [config.system_prompt, config.greeting, config.input.keyterms, config.output.voice, config.output.volume],
    ['You sell bread.', 'Welcome.', ['sourdough'], 'eve', 40],
  )
  assert.deepEqual(
    config.tools.map(({ name, timeout_seconds, execution_mode }) => [name, timeout_seconds, execution_mode]),
    [['find_bread', 120, 'interactive']],
  )
  assert.deepEqual(config.llm, [])
  assert.equal((await peer.first('transcript.agent')).text, 'Welcome.')
  await peer.end()
})

test('an agent is changed in part, keeps its secrets to itself, and can be taken away (145, 149-152, 154-158)', async () => {
  const minimal = { name: 'Ada', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
  const llm = { base_url: 'http://127.0.0.1:9/v1', model: 'tiny', api_key: 'sk-secret-0123456789' }
  const { body: agent } = await rest('POST', '/v1/agents', { ...minimal, llm: [llm], tools: [{ name: 'one' }] })
  const path = `/v1/agents/${agent.id}`
  assert.deepEqual(agent.llm, [{ base_url: llm.base_url, model: llm.model }])

  const listed = (await rest('GET', '/v1/agents?limit=200')).body
  assert.deepEqual(Object.keys(listed).sort(), ['agents', 'has_more', 'response_metadata'])
  assert.deepEqual(Object.keys((listed.agents as object[])[0]!).sort(), ['created_at', 'id', 'name', 'updated_at'])

  const { id: _, created_at: _created, updated_at: _updated, ...writable } = (await rest('GET', path)).body
  assert.equal((await rest('PUT', path, writable)).status, 200)
  const changed = (await rest('PUT', path, { tools: [{ name: 'two' }] })).body
  assert.equal(changed.system_prompt, 'Be brief.')
  assert.deepEqual(
    (changed.tools as { name: string }[]).map(({ name }) => name),
    ['two'],
  )
  assert.deepEqual(changed.llm, [{ base_url: llm.base_url, model: llm.model }])
  assert.deepEqual((await rest('PUT', path, { llm: [] })).body.llm, [])
  assert.equal((await rest('PUT', path, { llm: [llm, llm] })).status, 422)
  const badVoice = await rest('PUT', path, { voice: { voice_id: 'nobody' } })
  assert.deepEqual([badVoice.status, badVoice.body.code, badVoice.body.param], [422, 'validation_error', 'voice'])

  const all = [agent, listed, changed, (await rest('GET', path)).body]
  assert.ok(!JSON.stringify(all).includes(llm.api_key))
  assert.equal((await rest('DELETE', path)).status, 204)
  const gone = await rest('GET', path)
  assert.deepEqual([gone.status, gone.body.code], [404, 'agent_not_found'])
})

test('an agent beside any other field is refused, before it is looked for (36)', async () => {
  for (const more of [{ system_prompt: 'x' }, { input: {} }, { tools: [] }, { output: { voice: 'nobody' } }])
    assert.deepEqual(partOf(await refusal({ agent_id: 'agent_unknown', ...more })), {
      code: 'invalid_value',
      message: 'agent_id is mutually exclusive with other session fields',
      param: 'agent_id',
    })
})

test('an unknown agent is refused (37)', async () => {
  for (const agent_id of ['agent_00000000000000000000000000000000', '', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'])
    assert.deepEqual(partOf(await refusal({ agent_id })), {
      code: 'agent_not_found',
      message: 'Agent not found',
      param: 'agent_id',
    })
})

test('a model of its own is refused in an update (40)', async () => {
  const llm = [{ base_url: 'https://models.example/v1', model: 'large', api_key: 'sk-x' }]
  assert.deepEqual(partOf(await refusal({ llm })), {
    code: 'invalid_value',
    message: 'BYO LLM config is not allowed on session.update; define it on a stored agent via POST /v1/agents',
    param: 'llm',
  })
})

test('an unknown voice is refused with the list of voices (41)', async () => {
  const { code, message, param } = await refusal({ output: { voice: 'nobody' } })
  assert.deepEqual([code, param], ['invalid_value', 'output.voice'])
  assert.match(String(message), /^Invalid voice 'nobody'\. Must be one of: alba, anna, .*, vera$/)
})

test('a wrong form may be corrected: greeting null, an unknown key, a wrong type (42, 43)', async () => {
  for (const session of [{ greeting: null }, { temperature: 1 }, { system_prompt: 5 }, { input: { keyterms: 'x' } }])
    assert.deepEqual(partOf(await objection(session)), malformed)
})

test('the update of the command line program is accepted: output without type or format (44)', async () => {
  const peer = await visitors.ready({ system_prompt: 'Be brief.', greeting: 'Hi', output: { voice: 'ivy' } })
  assert.equal((await peer.first('transcript.agent')).text, 'Hi')
  await peer.end()
})

test('with only a prompt the agent is silent until spoken to (45)', async () => {
  const peer = await visitors.ready({ system_prompt: 'Be brief.' })
  await peer.settled()
  const started = peer.next('reply.started')
  peer.send({ type: 'reply.create' })
  const { reply_id } = await started
  assert.deepEqual(
    peer.of('reply.started').map((frame) => frame.reply_id),
    [reply_id],
  )
  await peer.end()
})

test('a rate that is not spoken is refused at once (46)', async () => {
  for (const [encoding, sample_rate] of [
    ['audio/pcm', 8_000],
    ['audio/pcm', 16_000],
    ['audio/pcmu', 24_000],
  ] as const)
    for (const side of ['input', 'output']) {
      const { code, param } = await refusal({ [side]: { format: { encoding, sample_rate } } })
      assert.deepEqual([code, param], ['invalid_value', `${side}.format.sample_rate`])
    }
})

test('a format that is no object, and an encoding that is none, are refused by their place (176)', async () => {
  for (const side of ['input', 'output']) {
    assert.deepEqual(partOf(await refusal({ [side]: { format: 'pcm16' } })), {
      code: 'invalid_value',
      message: 'Audio format must be a JSON object',
      param: 'format',
    })
    const { code, param } = await refusal({ [side]: { format: { encoding: 'audio/opus' } } })
    assert.deepEqual([code, param], ['invalid_value', `${side}.format.encoding`])
  }
})

test('null is accepted for every nullable setting (178)', async () => {
  const nullable = {
    turn_detection: null,
    keyterms: null,
    transcription_mode: null,
    continuous_partials: null,
    transcription_prompt: null,
    language_codes: null,
    voice_focus: null,
    voice_focus_threshold: null,
  }
  const { input, output } = await echoOf({ input: nullable, output: { volume: null } })
  assert.deepEqual(input, {
    type: 'audio',
    format: { encoding: 'audio/pcm', sample_rate: 24_000 },
    ...nullable,
  })
  assert.equal((output as Record<string, unknown>).volume, null)
})

test('a value out of its range ends a session that has not begun (100-103, 111)', async () => {
  for (const [session, param] of [
    [{ input: { turn_detection: { vad_threshold: 2 } } }, 'input.turn_detection.vad_threshold'],
    [{ input: { keyterms: Array(101).fill('x') } }, 'input.keyterms'],
    [{ output: { volume: 101 } }, 'output.volume'],
  ] as const) {
    const error = await refusal(session)
    assert.deepEqual([error.code, error.param], ['invalid_value', param])
  }
})

test('every frame of every session above has the documented form (30, 64-66, 69)', () => visitors.assertConform())

// What the server sends: the shape of every event, and the echo of the settings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AgentId,
  ConfigEcho,
  completeInput,
  completeOutput,
  completeTool,
  completeTurnDetection,
  defaultConfig,
  defaultTurnDetection,
  serverEvents,
  sessionErrorCodes,
} from '@parley/protocol'

const hex = '0123456789abcdef0123456789abcdef'
const config = { id: `sess_${hex}`, ...defaultConfig }
const reply = { reply_id: `resp_${hex}` }
const item = { item_id: `msg_${hex}` }

const right = {
  'session.updated': { config },
  'session.ready': { session_id: `sess_${hex}`, config, expires_at: 1_790_213_600, resume_token: '' },
  'session.error': { code: 'invalid_value', message: 'x', param: null, session_id: null },
  'session.ended': { session_duration_seconds: 35.279485, audio_duration_seconds: null },
  'input.speech.started': {},
  'input.speech.stopped': {},
  'transcript.user.delta': { ...item, text: 'what is the wea' },
  'transcript.user': { ...item, text: 'What is the weather?' },
  'reply.started': { ...reply, ...item },
  'reply.audio': { ...reply, data: 'AAAA' },
  'transcript.agent.delta': { ...reply, ...item, delta: 'It ', start_ms: 220, end_ms: null },
  'transcript.agent': { ...reply, ...item, text: 'It is sunny.', interrupted: false },
  'reply.done': { ...reply, status: 'completed' },
  'reply.error': { ...reply, code: 'llm_failed', message: 'x', retryable: true, status_code: 503 },
  'tool.call': { call_id: 'c', name: 'get_weather', arguments: { city: 'Paris' } },
} as const

const accepts = (type: keyof typeof right, fields: object) => serverEvents[type].safeParse({ type, ...fields }).success

test('there is an example of every event of the server', () => {
  assert.deepEqual(Object.keys(right), Object.keys(serverEvents))
})

for (const [type, fields] of Object.entries(right))
  test(`${type} has the documented fields, each of them needed`, () => {
    const name = type as keyof typeof right // true because it is a key of that object
    assert.ok(accepts(name, fields))
    const optional = ['param', 'session_id', 'status_code']
    const needed = Object.keys(fields).filter((key) =>
      type !== 'session.error' && type !== 'reply.error' ? true : !optional.includes(key),
    )
    for (const key of needed) assert.ok(!accepts(name, { ...fields, [key]: undefined }), key)
  })

for (const [number, type, fields] of [
  [29, 'session.ready', { expires_at: 1.5 }],
  [30, 'session.ready', { session_id: 'sess_1' }],
  [30, 'session.ready', { session_id: `sess_${hex}0` }],
  [69, 'session.error', { code: 'server_error' }],
  [75, 'reply.started', { reply_id: `reply_${hex}` }],
  [75, 'reply.started', { item_id: `msg_${hex.toUpperCase()}` }],
  [77, 'reply.audio', { data: undefined, audio: 'AAAA' }],
  [79, 'reply.done', { status: 'cancelled' }],
  [80, 'transcript.agent', { interrupted: 'no' }],
  [81, 'transcript.agent.delta', { start_ms: undefined }],
] as const)
  test(`${type} may not have ${JSON.stringify(fields)} (${number})`, () => {
    assert.ok(!accepts(type, { ...right[type], ...fields }))
  })

test('the echo of the settings has exactly the documented keys, in their order (31)', () => {
  assert.deepEqual(Object.keys(config), [
    'id',
    'system_prompt',
    'greeting',
    'input',
    'output',
    'tools',
    'llm',
    'pre_connect_requests',
  ])
  // `parley` is there only when it was set
  assert.deepEqual(Object.keys(ConfigEcho.shape), [...Object.keys(config), 'parley'])
})

test('settings that were never set are echoed as null and not left out (32)', () => {
  assert.deepEqual(ConfigEcho.parse(config), {
    id: `sess_${hex}`,
    system_prompt: '',
    greeting: null,
    input: {
      type: 'audio',
      format: { encoding: 'audio/pcm', sample_rate: 24_000 },
      turn_detection: null,
      keyterms: null,
      transcription_mode: null,
      continuous_partials: null,
      transcription_prompt: null,
      language_codes: null,
      voice_focus: null,
      voice_focus_threshold: null,
    },
    output: { type: 'audio', voice: 'alba', format: { encoding: 'audio/pcm', sample_rate: 24_000 }, volume: null },
    tools: [],
    llm: [],
    pre_connect_requests: [],
  })
  for (const part of ['input', 'output'] as const)
    for (const key of Object.keys(config[part]))
      assert.ok(!ConfigEcho.safeParse({ ...config, [part]: { ...config[part], [key]: undefined } }).success, key)
})

test('a tool in the echo has its defaults (34)', () => {
  const [tool] = ConfigEcho.parse({ ...config, tools: [completeTool({ name: 't' })] }).tools
  assert.equal(tool?.timeout_seconds, 120)
  assert.equal(tool?.execution_mode, 'interactive')
})

test('settings are completed without touching what was set (33, 147)', () => {
  const format = { encoding: 'audio/pcmu', sample_rate: 8000 } as const
  assert.deepEqual(completeInput({ format, keyterms: ['Parley'], turn_detection: null, voice_focus: undefined }), {
    ...defaultConfig.input,
    format,
    keyterms: ['Parley'],
  })
  assert.deepEqual(completeOutput({ voice: 'eve', volume: 5 }), { ...defaultConfig.output, voice: 'eve', volume: 5 })
})

test('an explicit turn_detection is completed with its documented defaults', () => {
  assert.deepEqual(completeInput({ turn_detection: {} }).turn_detection, {
    type: null,
    vad_threshold: 0.5,
    min_silence: 1000,
    max_silence: 3000,
    interrupt_response: true,
    interruption_delay: null,
    uninterruptible_turns: [],
  })
})

test('a silence bound that was set moves the default of the other, never the other way round', () => {
  const bounds = (settings: object) => {
    const { min_silence, max_silence } = completeTurnDetection(settings)
    return [min_silence, max_silence]
  }
  assert.deepEqual(bounds({ min_silence: 5000 }), [5000, 5000])
  assert.deepEqual(bounds({ min_silence: 200 }), [200, 3000])
  assert.deepEqual(bounds({ max_silence: 640 }), [640, 640])
  assert.deepEqual(bounds({ max_silence: 9000 }), [1000, 9000])
  assert.deepEqual(bounds({ min_silence: 128, max_silence: 640 }), [128, 640])
  assert.equal(defaultTurnDetection.max_silence, 3000)
})

test('ids have the documented form (30, 75, 146)', () => {
  assert.ok(AgentId.safeParse(`agent_${hex}`).success)
  for (const id of ['agent_1', hex, `agent_${hex.slice(1)}g`, `agent_${hex}\n`, ` agent_${hex}`])
    assert.ok(!AgentId.safeParse(id).success, id)
})

test('the codes of session.error are the closed list (69)', () => {
  assert.deepEqual(sessionErrorCodes, [
    'unauthorized',
    'agent_not_found',
    'agent_id_not_first',
    'invalid_value',
    'invalid_config',
    'invalid_format',
    'invalid_audio',
    'audio_rate_violation',
    'immutable_field',
    'invalid_webhook',
    'session_not_found',
    'session_forbidden',
    'session_expired',
    'concurrency_exceeded',
    'at_capacity',
    'internal_error',
  ])
})

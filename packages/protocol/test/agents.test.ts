// Stored agents over REST: what may be sent, what is stored of it, and the envelope of what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AgentList,
  AgentRecord,
  type Checked,
  checkAgentCreate,
  checkAgentUpdate,
  defaultInput,
  defaultOutput,
  type Known,
  naiveTime,
  validationError,
} from '@parley/protocol'
import { known } from './support.js'

const least = { name: 'Front desk', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
const llm = { base_url: 'https://models.example/v1', model: 'm', api_key: 'secret-key' }

type Check = (body: unknown, known: Known) => Checked<unknown>

function created(body: unknown, allowed: Partial<Known> = {}) {
  const result = checkAgentCreate(body, { ...known, ...allowed })
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.errors))
  return result.value
}

function updated(body: unknown) {
  const result = checkAgentUpdate(body, known)
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.errors))
  return result.value
}

/** The body of the answer to an agent that is refused. */
function refusal(body: unknown, check: Check = checkAgentCreate) {
  const result = check(body, known)
  assert.ok(!result.ok, 'the agent was accepted')
  const { status, body: envelope } = validationError(result.errors, 'req_1')
  assert.equal(status, 422)
  return envelope
}

/** Which fields are refused, and how. */
const complaints = (body: unknown, check: Check = checkAgentCreate) =>
  refusal(body, check).errors?.map(({ param, message }) => `${param}: ${message}`)

test('a name, a prompt and a voice make an agent (143)', () => {
  assert.deepEqual(created(least), least)
})

test('an unknown voice is refused with the whole documented envelope (145)', () => {
  const sentence = `Invalid voice 'not_a_voice'. Must be one of: alba, anna`
  const result = checkAgentCreate({ ...least, voice: { voice_id: 'not_a_voice' } }, { voices: ['alba', 'anna', 'ivy'] })
  assert.ok(!result.ok)
  assert.deepEqual(validationError(result.errors, 'req_1').body, {
    code: 'validation_error',
    message: `voice: ${sentence}`,
    param: 'voice',
    request_id: 'req_1',
    errors: [{ message: sentence, param: 'voice' }],
    detail: [{ type: 'value_error', loc: ['body', 'voice'], msg: `Value error, ${sentence}` }],
  })
})

for (const name of ['name', 'system_prompt', 'voice'])
  test(`an agent without ${name} is refused (144)`, () => {
    const envelope = refusal({ ...least, [name]: undefined })
    assert.equal(envelope.code, 'validation_error')
    assert.equal(envelope.message, `${name}: Field required`)
    assert.deepEqual(envelope.detail, [{ type: 'missing', loc: ['body', name], msg: 'Field required' }])
  })

for (const [body, message] of [
  [undefined, 'Field required'],
  [[], 'Input should be a valid dictionary'],
  ['agent', 'Input should be a valid dictionary'],
  [null, 'Input should be a valid dictionary'],
] as const)
  test(`a body that is no object is refused as a whole (144): ${JSON.stringify(body)}`, () => {
    const envelope = refusal(body)
    assert.equal(envelope.message, message)
    assert.equal(envelope.param, null)
  })

for (const [fields, complaint] of [
  [{ name: '' }, 'name: String should have at least 1 character'],
  [{ name: 5 }, 'name: Input should be a valid string'],
  [{ voice: 'alba' }, 'voice: Input should be a valid dictionary'],
  [{ voice: {} }, 'voice.voice_id: Field required'],
  [{ greeting: 5 }, 'greeting: Input should be a valid string'],
  [{ input: 'audio' }, 'input: Input should be a valid dictionary'],
  [{ input: { format: 'pcm' } }, 'input.format: Audio format must be a JSON object'],
  [
    { input: { format: { encoding: 'audio/pcm', sample_rate: 8000 } } },
    'input.format.sample_rate: Must be 24000 for audio/pcm',
  ],
  [
    { input: { turn_detection: { vad_threshold: 2 } } },
    'input.turn_detection.vad_threshold: Input should be less than or equal to 1',
  ],
  [{ input: { keyterms: Array(101).fill('x') } }, 'input.keyterms: List should have at most 100 items'],
  [
    { input: { transcription_mode: 'fast' } },
    "input.transcription_mode: Input should be 'min_latency', 'balanced' or 'max_accuracy'",
  ],
  [{ output: { volume: 101 } }, 'output.volume: Input should be less than or equal to 100'],
  [
    { tools: [{ name: 't', timeout_seconds: 301 }] },
    'tools[0].timeout_seconds: Input should be less than or equal to 300',
  ],
  [{ tools: [{ name: 't', parameters: { properties: [] } }] }, 'tools[0].parameters.properties: Must be an object'],
  [{ tools: [{ name: 'aai_t' }] }, "tools[0].name: Must not begin with 'aai_', which is reserved"],
  [{ tools: [{ name: 't' }, { name: 't' }] }, 'tools[1].name: Must be unique'],
  [{ tools: [{}] }, 'tools[0].name: Field required'],
  [{ tools: [{ name: 't', http: {} }] }, 'tools[0].http.url: Field required'],
  [{ tools: [{ name: 't', http: { url: 'http://x.example' } }] }, 'tools[0].http.url: Must be an https URL'],
  [{ tools: [{ name: 't', http: { url: 'ftp://x.example' } }] }, 'tools[0].http.url: Must be an https URL'],
  [
    { tools: [{ name: 't', http: { url: 'https://x.example', http_method: 'HEAD' } }] },
    "tools[0].http.http_method: Input should be 'GET', 'POST', 'PUT', 'PATCH' or 'DELETE'",
  ],
  [
    { tools: [{ name: 't', http: { url: 'https://x.example', headers: [{ name: 'A b', value: 'v' }] } }] },
    'tools[0].http.headers[0].name: Must be the name of an HTTP header',
  ],
  [
    { tools: [{ name: 't', http: { url: 'https://x.example', headers: [{ name: 'A', value: 'v\r\nB: c' }] } }] },
    'tools[0].http.headers[0].value: Must not hold line breaks or control characters',
  ],
  [
    { tools: [{ name: 't', http: { url: 'https://x.example', headers: [{ name: 'A', value: 'v', remove: true }] } }] },
    'tools[0].http.headers[0].remove: Must not be true when a value is given',
  ],
  [{ caller_id: '555-0100' }, 'caller_id: Must be a phone number such as +15550100'],
  [
    { pre_connect_requests: Array(3).fill({ http: { url: 'https://x.example' } }) },
    'pre_connect_requests: List should have at most 2 items',
  ],
  [
    { pre_connect_requests: [{ http: { url: 'http://x.example' } }] },
    'pre_connect_requests[0].http.url: Must be an https URL',
  ],
] as const)
  test(`an agent is held to the rules of a session (144, 145): ${complaint.slice(0, 90)}`, () => {
    assert.deepEqual(complaints({ ...least, ...fields }), [complaint])
    assert.deepEqual(complaints(fields, checkAgentUpdate), [complaint])
  })

test('an agent has at most one model (156)', () => {
  assert.deepEqual(complaints({ ...least, llm: [llm, llm] }), ['llm: List should have at most 1 item'])
  assert.deepEqual(complaints({ llm: [llm, llm] }, checkAgentUpdate), ['llm: List should have at most 1 item'])
})

test('a model needs its address, its name and its key, and keeps nothing else (156)', () => {
  assert.deepEqual(created({ ...least, llm: [{ ...llm, reasoning_effort: 'low' }] }).llm, [llm])
  for (const key of Object.keys(llm))
    assert.deepEqual(complaints({ ...least, llm: [{ ...llm, [key]: undefined }] }), [`llm[0].${key}: Field required`])
})

test('a model is called over https unless the server allows otherwise (156)', () => {
  const plain = [{ ...llm, base_url: 'http://127.0.0.1:11434/v1' }]
  assert.deepEqual(complaints({ ...least, llm: plain }), ['llm[0].base_url: Must be an https URL'])
  assert.deepEqual(created({ ...least, llm: plain }, { allowPrivateUrls: true }).llm, plain)
  const file = checkAgentCreate(
    { ...least, llm: [{ ...llm, base_url: 'file:///etc/passwd' }] },
    { ...known, allowPrivateUrls: true },
  )
  assert.ok(!file.ok)
})

test('a refusal does not repeat what was sent: it may be a secret', () => {
  const text = JSON.stringify(
    refusal({ ...least, llm: [{ base_url: 'http://x.example', model: 5, api_key: 'secret-key' }] }),
  )
  assert.ok(!text.includes('secret-key'))
})

test('plain http is accepted where the server allows it', () => {
  const tools = [{ name: 't', http: { url: 'http://localhost:3000/t' } }]
  assert.equal(
    created({ ...least, tools }, { allowPrivateUrls: true }).tools?.[0]?.http?.url,
    'http://localhost:3000/t',
  )
})

test('everything that is wrong is told at once, in the order of the fields', () => {
  const body = { name: '', voice: { voice_id: 'x' }, tools: [{ name: 't', http: { url: 'http://x.example' } }] }
  assert.deepEqual(
    refusal(body).errors?.map(({ param }) => param),
    ['name', 'system_prompt', 'voice', 'tools[0].http.url'],
  )
})

test('input and output are stored complete, so that a record shows every setting (147)', () => {
  const format = { encoding: 'audio/pcmu', sample_rate: 8000 }
  const agent = created({ ...least, input: { format: { encoding: 'audio/pcmu' } }, output: { volume: 50 } })
  assert.deepEqual(agent.input, { ...defaultInput, format })
  assert.deepEqual(agent.output, { ...defaultOutput, volume: 50 })
})

test('the voice of an agent is in voice: a leftover in output is ignored (154)', () => {
  assert.deepEqual(created({ ...least, output: { voice: 'nobody' } }).output, defaultOutput)
})

const record = {
  id: 'agent_0123456789abcdef0123456789abcdef',
  ...least,
  greeting: null,
  input: defaultInput,
  output: { ...defaultOutput, voice: 'ivy' },
  tools: [
    {
      id: 'tool_0123456789abcdef0123456789abcdef',
      name: 'get_order',
      description: null,
      http: {
        url: 'https://api.example.com/orders?src=voice',
        http_method: 'GET' as const,
        headers: [{ name: 'Authorization', last_set_at: '2026-09-24T00:52:06.150269' }],
      },
      parameters: null,
      timeout_seconds: 15,
      execution_mode: 'interactive' as const,
      response_instructions: null,
      dtmf_collected_arguments: null,
    },
  ],
  pre_connect_requests: [],
  transfer_targets: [],
  outbound_trunk_id: null,
  caller_id: null,
  llm: [{ base_url: llm.base_url, model: llm.model }],
  created_at: '2026-09-24T00:52:06.150269',
  updated_at: '2026-09-24T00:52:06.150269',
}

test('a record has every documented member (143, 147, 148)', () => {
  assert.deepEqual(AgentRecord.parse(record), record)
  assert.ok(!AgentRecord.safeParse({ ...record, created_at: '2026-09-24T00:52:06Z' }).success)
  assert.ok(!AgentRecord.safeParse({ ...record, id: '1' }).success)
})

test('a record may be written back as it was read (154)', () => {
  const { id, created_at, updated_at, ...body } = record
  const expected = {
    ...least,
    greeting: null,
    input: defaultInput,
    output: defaultOutput,
    outbound_trunk_id: null,
    caller_id: null,
    pre_connect_requests: [],
    transfer_targets: [],
    llm: [{ base_url: llm.base_url, model: llm.model }],
  }
  const { tools, ...rest } = updated(body)
  assert.deepEqual(rest, expected)
  assert.deepEqual(tools?.[0]?.http, { ...record.tools[0]?.http, headers: [{ name: 'Authorization' }] })
  assert.deepEqual(updated(record), updated(body))
  assert.deepEqual(created({ ...body, llm: [] }).name, least.name)
})

test('headers set, keep or delete a stored value (152, 153)', () => {
  const headers = [
    { name: 'A', value: 'v' },
    { name: 'B', last_set_at: 'then' },
    { name: 'C', remove: true },
    { name: 'D', value: null, remove: false },
  ]
  assert.deepEqual(updated({ tools: [{ name: 't', http: { url: 'https://x.example', headers } }] }).tools?.[0]?.http, {
    url: 'https://x.example',
    http_method: 'POST',
    headers: [{ name: 'A', value: 'v' }, { name: 'B' }, { name: 'C', remove: true }, { name: 'D' }],
  })
})

test('an update sets only what it names (151)', () => {
  assert.deepEqual(updated({}), {})
  assert.deepEqual(updated({ name: 'Night desk', colour: 'red' }), { name: 'Night desk' })
})

test('null clears a greeting, and leaves alone what cannot be empty (151, 154)', () => {
  const { greeting, ...rest } = updated({
    greeting: null,
    name: null,
    tools: null,
    input: null,
    llm: null,
    voice: null,
  })
  assert.equal(greeting, null)
  assert.deepEqual(
    Object.values(rest).filter((value) => value !== undefined),
    [],
  )
})

test('an empty list of models returns to the model of the server (155)', () => {
  assert.deepEqual(updated({ llm: [] }), { llm: [] })
})

test('a page of agents has the documented form (149, 150)', () => {
  const { id, name, created_at, updated_at } = record
  const page = {
    agents: [{ id, name, created_at, updated_at }],
    has_more: false,
    response_metadata: { next_cursor: '' },
  }
  assert.deepEqual(AgentList.parse(page), page)
  assert.deepEqual(Object.keys(AgentList.shape.agents.element.shape), ['id', 'name', 'created_at', 'updated_at'])
})

test('times are written without a zone and with microseconds (148)', () => {
  assert.equal(naiveTime(new Date(Date.UTC(2026, 8, 24, 0, 52, 6, 150))), '2026-09-24T00:52:06.150000')
})

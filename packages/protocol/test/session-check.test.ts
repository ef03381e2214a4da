// The values of settings: what may stand, what is refused and in which words, and that one bad value costs only itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSession, limits, modelsOf, voiceNames } from '@parley/protocol'
import { known, patchOf, problemOf, update } from './support.js'

const invalid = (param: string, rule: string) => ({ code: 'invalid_value', message: `'${param}' ${rule}`, param })

// ── what may stand ──

test('the payload of the command line program is accepted: output without type or format (44)', () => {
  const session = { system_prompt: 'Be brief.', greeting: 'Hi', output: { voice: 'alba' } }
  assert.deepEqual(patchOf(session), session)
})

test('a prompt alone is enough for a session (45)', () => {
  assert.deepEqual(patchOf({ system_prompt: 'Be brief.' }), { system_prompt: 'Be brief.' })
})

test('an agent alone is enough for a session (35)', () => {
  assert.deepEqual(patchOf({ agent_id: 'agent_1' }), { agent_id: 'agent_1' })
})

test('an agent beside inline settings is kept for the conversation to refuse (36)', () => {
  assert.deepEqual(patchOf({ agent_id: 'a', greeting: 'Hi' }), { agent_id: 'a', greeting: 'Hi' })
})

test('null is accepted for every nullable setting of the input (178)', () => {
  const input = {
    turn_detection: null,
    keyterms: null,
    transcription_mode: null,
    continuous_partials: null,
    transcription_prompt: null,
    language_codes: null,
    voice_focus: null,
    voice_focus_threshold: null,
  }
  assert.deepEqual(patchOf({ input, output: { volume: null } }), { input, output: { volume: null } })
})

for (const [encoding, sample_rate] of [
  ['audio/pcm', 24_000],
  ['audio/pcmu', 8000],
  ['audio/pcma', 8000],
])
  test(`${encoding} without a rate means ${sample_rate} Hz, in either direction (33, 104, 177)`, () => {
    const complete = { format: { encoding, sample_rate } }
    for (const format of [{ encoding }, { encoding, sample_rate: null }, { encoding, sample_rate }])
      assert.deepEqual(patchOf({ input: { format }, output: { format } }), { input: complete, output: complete })
  })

for (const mode of ['min_latency', 'balanced', 'max_accuracy'])
  test(`transcription_mode may be ${mode} (101)`, () => {
    assert.deepEqual(patchOf({ input: { transcription_mode: mode } }), { input: { transcription_mode: mode } })
  })

test('every bound of a range belongs to it (100, 102, 103, 111, 131)', () => {
  const tool = { type: 'function', name: 't' }
  const least = {
    input: {
      turn_detection: { vad_threshold: 0, min_silence: 0, max_silence: 0, interruption_delay: 0 },
      keyterms: [],
      voice_focus_threshold: 0,
    },
    output: { volume: 0 },
    tools: [{ ...tool, timeout_seconds: 1 }],
  }
  const most = {
    input: {
      turn_detection: { vad_threshold: 1, min_silence: 60_000, max_silence: 60_000, interruption_delay: 1000 },
      keyterms: Array.from({ length: 100 }, (_, index) => `term ${index}`),
      transcription_prompt: 'x'.repeat(1750),
      voice_focus_threshold: 1,
    },
    output: { volume: 100 },
    tools: [{ ...tool, timeout_seconds: 300, response_instructions: { success: 'x'.repeat(500), error: null } }],
  }
  assert.deepEqual(patchOf(least), least)
  assert.deepEqual(patchOf(most), most)
})

test('every documented voice is accepted, of today and of earlier generations', () => {
  for (const voice of voiceNames) assert.deepEqual(patchOf({ output: { voice } }), { output: { voice } })
})

// ── what is refused, and how ──

test('an unknown voice is refused with the list of voices (41)', () => {
  assert.deepEqual(problemOf({ output: { voice: 'x' } }, { voices: ['alba', 'anna', 'ivy'] }), {
    code: 'invalid_value',
    message: "Invalid voice 'x'. Must be one of: alba, anna",
    param: 'output.voice',
  })
})

test('a voice is refused by its own path, so that it can be told from a change of voice later (52, 55)', () => {
  assert.equal(problemOf({ output: { voice: 'x', volume: 5 } }).param, 'output.voice')
})

test('the name of a voice that is very long is not repeated in full', () => {
  assert.match(problemOf({ output: { voice: 'x'.repeat(100_000) } }).message, /^Invalid voice 'x{64}…'\. /)
})

for (const format of ['pcm_24000', 5, null, [], true])
  test(`a format that is no object is refused (176): ${JSON.stringify(format)}`, () => {
    const expected = { code: 'invalid_value', message: 'Audio format must be a JSON object', param: 'format' }
    assert.deepEqual(problemOf({ input: { format } }), expected)
    assert.deepEqual(problemOf({ output: { format } }), expected)
  })

test('an unknown encoding is refused by its path', () => {
  for (const side of ['input', 'output'])
    assert.deepEqual(
      problemOf({ [side]: { format: { encoding: 'audio/opus' } } }),
      invalid(`${side}.format.encoding`, "must be one of: 'audio/pcm', 'audio/pcmu', 'audio/pcma'"),
    )
})

for (const [encoding, sample_rate, right] of [
  ['audio/pcm', 16_000, 24_000],
  ['audio/pcm', 8000, 24_000],
  ['audio/pcmu', 24_000, 8000],
  ['audio/pcma', 16_000, 8000],
])
  test(`${encoding} at ${sample_rate} Hz is refused at once (46)`, () => {
    assert.deepEqual(
      problemOf({ input: { format: { encoding, sample_rate } } }),
      invalid('input.format.sample_rate', `must be ${right} for ${encoding}`),
    )
  })

test('a model of its own is refused in an update (40)', () => {
  assert.deepEqual(problemOf({ llm: [{ base_url: 'x', api_key: 5 }] }), {
    code: 'invalid_value',
    message: 'BYO LLM config is not allowed on session.update; define it on a stored agent via POST /v1/agents',
    param: 'llm',
  })
  assert.deepEqual(patchOf({ llm: [] }), { llm: [] })
})

test('a server may allow models in updates, and then checks them', () => {
  const entry = { base_url: 'https://models.example/v1', model: 'm', api_key: 'k' }
  const allowed = { allowInlineLlm: true }
  assert.deepEqual(patchOf({ llm: [{ ...entry, reasoning_effort: 'low' }] }, allowed), {
    llm: [{ base_url: entry.base_url, model: 'm', api_key_ciphertext: '' }],
  })
  assert.deepEqual(
    problemOf({ llm: [{ ...entry, model: undefined }] }, allowed),
    invalid('llm[0].model', 'is required'),
  )
  assert.deepEqual(problemOf({ llm: [entry, entry] }, allowed), invalid('llm', 'must have at most 1 entry'))
  const plain = { ...entry, base_url: 'http://localhost:11434/v1' }
  assert.deepEqual(problemOf({ llm: [plain] }, allowed), invalid('llm[0].base_url', 'must be an https URL'))
  assert.deepEqual(patchOf({ llm: [plain] }, { ...allowed, allowPrivateUrls: true }).llm?.[0]?.base_url, plain.base_url)
})

test('settings hold no secret: keys of models are asked for apart, values of headers are dropped (141, 157)', () => {
  const llm = [{ base_url: 'https://models.example/v1', model: 'm', api_key: 'secret-key' }]
  const headers = [{ name: 'Authorization', value: 'secret-value' }]
  const session = { llm, pre_connect_requests: [{ http: { url: 'https://x.example', headers } }] }
  const patch = patchOf(session, { allowInlineLlm: true })
  assert.ok(!JSON.stringify(patch).includes('secret'))
  assert.deepEqual(patch.pre_connect_requests?.[0]?.http.headers, [{ name: 'Authorization' }])
  assert.deepEqual(modelsOf(session), llm)
  for (const broken of [{}, { llm: 5 }, { llm: [{}] }]) assert.deepEqual(modelsOf(broken), [])
})

test('a request before the call that is no object is refused by its place', () => {
  const param = 'pre_connect_requests[0]'
  assert.deepEqual(problemOf({ pre_connect_requests: [5] }), invalid(param, 'must be an object'))
})

const detection = (settings: object) => ({ input: { turn_detection: settings } })
for (const [number, session, param, rule] of [
  [100, detection({ vad_threshold: 1.01 }), 'input.turn_detection.vad_threshold', 'must be at most 1'],
  [100, detection({ vad_threshold: -0.1 }), 'input.turn_detection.vad_threshold', 'must be at least 0'],
  [100, detection({ min_silence: -1 }), 'input.turn_detection.min_silence', 'must be at least 0'],
  [100, detection({ max_silence: -1 }), 'input.turn_detection.max_silence', 'must be at least 0'],
  [100, detection({ max_silence: 60_001 }), 'input.turn_detection.max_silence', 'must be at most 60000'],
  [100, detection({ interruption_delay: 1001 }), 'input.turn_detection.interruption_delay', 'must be at most 1000'],
  [100, detection({ interruption_delay: -1 }), 'input.turn_detection.interruption_delay', 'must be at least 0'],
  [
    100,
    detection({ min_silence: 2000, max_silence: 1999 }),
    'input.turn_detection.min_silence',
    'must not be greater than max_silence',
  ],
  [
    100,
    detection({ uninterruptible_turns: ['greeting', 'all'] }),
    'input.turn_detection.uninterruptible_turns[1]',
    "must be one of: 'greeting', 'dtmf_prompt', 'tool_refused_ask'",
  ],
  [
    101,
    { input: { transcription_mode: 'fast' } },
    'input.transcription_mode',
    "must be one of: 'min_latency', 'balanced', 'max_accuracy'",
  ],
  [102, { input: { keyterms: Array(101).fill('x') } }, 'input.keyterms', 'must have at most 100 entries'],
  [
    103,
    { input: { transcription_prompt: 'x'.repeat(1751) } },
    'input.transcription_prompt',
    'must be at most 1750 characters long',
  ],
  [111, { output: { volume: 100.5 } }, 'output.volume', 'must be at most 100'],
  [111, { output: { volume: -1 } }, 'output.volume', 'must be at least 0'],
  [178, { input: { voice_focus: 'mid' } }, 'input.voice_focus', "must be one of: 'near-field', 'far-field'"],
  [178, { input: { voice_focus_threshold: 2 } }, 'input.voice_focus_threshold', 'must be at most 1'],
  [178, { input: { type: 'video' } }, 'input.type', "must be one of: 'audio', 'text'"],
] as const)
  test(`${param} ${rule} (${number})`, () => {
    assert.deepEqual(problemOf(session), invalid(param, rule))
  })

// ── one bad value costs only itself ──

test('the other settings of an update stand when one is refused (57)', () => {
  const { patch, problems } = update({
    system_prompt: 'Be brief.',
    input: { keyterms: ['Parley'], turn_detection: { vad_threshold: 7, min_silence: 400 } },
    output: { voice: 'nobody', volume: 50 },
  })
  assert.deepEqual(
    problems.map(({ param }) => param),
    ['input.turn_detection.vad_threshold', 'output.voice'],
  )
  assert.deepEqual(patch, {
    system_prompt: 'Be brief.',
    input: { keyterms: ['Parley'], turn_detection: { min_silence: 400 } },
    output: { volume: 50 },
  })
})

test('an object of which nothing is left goes too: an empty turn_detection would turn the adaptive behaviour off', () => {
  assert.deepEqual(update(detection({ vad_threshold: 7 })).patch, {})
  assert.deepEqual(update(detection({})).patch, detection({}))
})

test('a list with a bad entry is refused as a whole', () => {
  const { patch } = update({ tools: [{ type: 'function', name: 'good' }, { type: 'function' }], greeting: 'Hi' })
  assert.deepEqual(patch, { greeting: 'Hi' })
})

test('a format with a bad rate is refused as a whole', () => {
  const { patch } = update({ output: { volume: 5, format: { encoding: 'audio/pcmu', sample_rate: 1 } } })
  assert.deepEqual(patch, { output: { volume: 5 } })
})

test('problems come in the order of the settings, however they were sent', () => {
  const bad = {
    webhook: 5,
    tools: [5],
    output: { voice: 'nobody', volume: 500 },
    llm: [{}],
    input: { transcription_mode: 'fast', format: 'x' },
  }
  const order = ['format', 'input.transcription_mode', 'output.volume', 'output.voice', 'tools[0]', 'llm', 'webhook']
  assert.deepEqual(
    update(bad).problems.map(({ param }) => param),
    order,
  )
  const turned = Object.fromEntries(Object.entries(bad).reverse())
  assert.deepEqual(
    update(turned).problems.map(({ param }) => param),
    order,
  )
})

test('a rule between two settings is also told when another setting is wrong', () => {
  const { patch, problems } = update(detection({ min_silence: 9, max_silence: 5, vad_threshold: 7 }))
  assert.deepEqual(
    problems.map(({ param }) => param),
    ['input.turn_detection.vad_threshold', 'input.turn_detection.min_silence'],
  )
  assert.deepEqual(patch, detection({ max_silence: 5 }))
})

test('one update is answered with a bounded number of errors', () => {
  const { problems } = update({ tools: Array(100).fill({}) })
  assert.equal(problems.length, limits.problemsPerUpdate)
})

test('settings that were never parsed are refused too, type by type', () => {
  const { patch, problems } = checkSession({ colour: 1, greeting: null, system_prompt: 'x', input: 5 }, known)
  assert.deepEqual(patch, { system_prompt: 'x' })
  assert.deepEqual(new Set(problems.map(({ code }) => code)), new Set(['invalid_format']))
})

test('what was sent is left as it was', () => {
  const session = { output: { voice: 'nobody' }, input: { format: { encoding: 'audio/pcm' } }, llm: [{}] }
  const before = structuredClone(session)
  checkSession(session, known)
  assert.deepEqual(session, before)
})

// ── webhooks ──

const webhook = { url: 'https://example.com/hook', events: ['session.started'], secret: 's'.repeat(32) }

test('an inline webhook is accepted with and without a secret', () => {
  assert.deepEqual(patchOf({ webhook }), { webhook })
  const { secret: _, ...open } = webhook
  assert.deepEqual(patchOf({ webhook: open }), { webhook: open })
})

for (const [bad, param, rule] of [
  [{ ...webhook, secret: 's'.repeat(31) }, 'webhook.secret', 'must be at least 32 characters long'],
  [{ ...webhook, secret: 's'.repeat(257) }, 'webhook.secret', 'must be at most 256 characters long'],
  [{ ...webhook, secret: `${'s'.repeat(32)} ` }, 'webhook.secret', 'must be printable ASCII without spaces'],
  [{ ...webhook, url: 'http://example.com' }, 'webhook.url', 'must be an https URL'],
  [{ ...webhook, url: 'example.com' }, 'webhook.url', 'must be an https URL'],
  [
    { ...webhook, url: `https://example.com/${'x'.repeat(2048)}` },
    'webhook.url',
    'must be at most 2048 characters long',
  ],
  [{ ...webhook, url: undefined }, 'webhook.url', 'is required'],
  [{ ...webhook, events: [] }, 'webhook.events', 'must have at least 1 entry'],
  [{ ...webhook, events: ['call.ended', 'call.ended'] }, 'webhook.events', 'must not name an event twice'],
  [{ ...webhook, events: 'call.ended' }, 'webhook.events', 'must be a list'],
  [{ ...webhook, colour: 'red' }, 'webhook', 'has keys that are not known'],
  ['https://example.com', 'webhook', 'must be an object'],
] as const)
  test(`${param} ${rule}, said as invalid_webhook (167)`, () => {
    assert.deepEqual(problemOf({ webhook: bad, greeting: 'Hi' }), {
      code: 'invalid_webhook',
      message: `'${param}' ${rule}`,
      param,
    })
    assert.deepEqual(update({ webhook: bad, greeting: 'Hi' }).patch, { greeting: 'Hi' })
  })

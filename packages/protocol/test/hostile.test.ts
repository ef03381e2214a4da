// Whatever comes in, the parser answers: with an event or with a problem, soon, and without harm.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAgentCreate, checkSession, clientEvents, limits, parseClientEvent, sessionErrors } from '@parley/protocol'
import fc from 'fast-check'
import { known } from './support.js'

/** Parses and, where there is something to check, checks; asserts what holds for any text whatever. */
function answered(text: string): void {
  const result = parseClientEvent(text)
  if (!result.ok) {
    assert.deepEqual(Object.keys(result.problem).sort(), ['code', 'message'])
    assert.equal(result.problem.code, 'invalid_format')
    return
  }
  if (result.event.type !== 'session.update' || !result.event.session) return
  const { patch, problems } = checkSession(result.event.session, known)
  for (const { code, message, param } of problems) {
    assert.ok(code in sessionErrors)
    assert.ok(message.length < 1000)
    assert.ok(param)
  }
  const again = checkSession(JSON.parse(JSON.stringify(patch)), known)
  assert.deepEqual(again, { patch: JSON.parse(JSON.stringify(patch)), problems: [] })
}

const json = fc.jsonValue({ maxDepth: 4 })

test('any text is answered', () => {
  fc.assert(fc.property(fc.string(), answered))
})

test('any JSON is answered', () => {
  fc.assert(fc.property(json, (value) => answered(JSON.stringify(value))))
})

test('any fields in any event are answered', () => {
  const type = fc.constantFrom(...Object.keys(clientEvents))
  const names = ['session', 'session_id', 'audio', 'call_id', 'result', 'instructions', 'reply_id', 'role', 'content']
  const fields = fc.dictionary(fc.constantFrom(...names), json)
  fc.assert(fc.property(type, fields, (type, fields) => answered(JSON.stringify({ ...fields, type }))))
})

/** Values that come near to being right, for every setting there is. */
const near = fc.oneof(
  json,
  fc.double(),
  fc.constantFrom('audio/pcm', 'audio', 'balanced', 'alba', 'greeting', 'function'),
)
const shapeOf = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, near])), { requiredKeys: [] })
const either = (...options: fc.Arbitrary<unknown>[]) =>
  fc.oneof(...options.map((arbitrary) => ({ arbitrary, weight: 4 })), near)
const format = either(shapeOf('encoding', 'sample_rate'))
const turnDetection = either(
  fc.record(
    {
      vad_threshold: either(fc.double({ min: -1, max: 2 })),
      min_silence: either(fc.integer({ min: -10, max: 4000 })),
      max_silence: either(fc.integer({ min: -10, max: 4000 })),
      interruption_delay: either(fc.constant(null), fc.integer({ min: -10, max: 2000 })),
      uninterruptible_turns: either(fc.array(fc.constantFrom('greeting', 'dtmf_prompt', 'x'), { maxLength: 6 })),
    },
    { requiredKeys: [] },
  ),
)
const parameters = either(shapeOf('type', 'properties', 'required'))
const tool = either(
  fc.record(
    {
      type: either(fc.constant('function')),
      name: either(fc.constantFrom('one', 'two', 'aai_x')),
      parameters,
      timeout_seconds: either(fc.integer({ min: -1, max: 400 })),
      response_instructions: either(shapeOf('success', 'error')),
    },
    { requiredKeys: [] },
  ),
)
const session = fc.record(
  {
    agent_id: fc.string(),
    system_prompt: fc.string(),
    greeting: fc.string(),
    input: fc.record(
      {
        format,
        turn_detection: turnDetection,
        transcription_mode: either(fc.constant('balanced'), fc.constant(null)),
        keyterms: either(fc.array(fc.string(), { maxLength: 120 })),
      },
      { requiredKeys: [] },
    ),
    output: fc.record(
      { format, voice: either(fc.constantFrom('alba', 'nobody')), volume: either(fc.integer()) },
      { requiredKeys: [] },
    ),
    tools: either(fc.array(tool, { maxLength: 4 })),
    llm: either(fc.array(json, { maxLength: 3 })),
    webhook: either(shapeOf('url', 'events', 'secret')),
  },
  { requiredKeys: [] },
)

test('any settings are answered, and what is left of them after the check is right', () => {
  fc.assert(
    fc.property(session, (session) => answered(JSON.stringify({ type: 'session.update', session }))),
    { numRuns: 2000 },
  )
})

test('a message in order comes out as it went in', () => {
  const text = fc.string()
  const message = fc.oneof(
    fc.record({ type: fc.constant('session.resume'), session_id: text }),
    fc.record({ type: fc.constant('session.end') }),
    fc.record({ type: fc.constant('input.audio'), audio: fc.base64String() }),
    fc.record({ type: fc.constant('tool.result'), call_id: text, result: text, is_error: fc.boolean() }),
    fc.record({ type: fc.constant('reply.create'), instructions: fc.option(text) }),
    fc.record({ type: fc.constant('reply.cancel'), reply_id: text }),
    fc.record({ type: fc.constant('conversation.message'), role: fc.constantFrom('user', 'system'), content: text }),
    fc.record({ type: fc.constant('session.update'), session: fc.record({ system_prompt: text, agent_id: text }) }),
  )
  fc.assert(
    fc.property(message, (message) => {
      const plain = JSON.parse(JSON.stringify(message))
      assert.deepEqual(parseClientEvent(JSON.stringify(message)), { ok: true, event: plain })
    }),
  )
})

/** Fills a message up to the largest frame with repetitions of `unit`. */
const filled = (before: string, unit: string, after: string, separator = ','): string => {
  const room = limits.frameBytes - before.length - after.length
  return (
    before +
    Array(Math.floor(room / (unit.length + separator.length)))
      .fill(unit)
      .join(separator) +
    after
  )
}
const nested = (before: string, open: string, close: string, after: string): string => {
  const levels = Math.floor((limits.frameBytes - before.length - after.length - 1) / (open.length + close.length))
  return `${before}${open.repeat(levels)}0${close.repeat(levels)}${after}`
}
const updating = (before: string, after: string) =>
  [`{"type":"session.update","session":${before}`, `${after}}`] as const
const [keys, keysEnd] = updating('{', '}')
const [keyterms, keytermsEnd] = updating('{"input":{"keyterms":[', ']}}')
const [turns, turnsEnd] = updating('{"input":{"turn_detection":{"uninterruptible_turns":[', ']}}}')
const [tools, toolsEnd] = updating('{"tools":[', ']}')
const [required, requiredEnd] = updating('{"tools":[{"type":"function","name":"t","parameters":{"required":[', ']}}]}')
const [deep, deepEnd] = updating('{"tools":[{"type":"function","name":"t","parameters":{"x":', '}}]}')
const [voice, voiceEnd] = updating('{"output":{"voice":"', '"}}')
const [url, urlEnd] = updating('{"webhook":{"events":["call.ended"],"url":"https://', '"}}')

for (const [name, text] of [
  ['numbers instead of key terms', filled(keyterms, '1', keytermsEnd)],
  ['key terms', filled(keyterms, '""', keytermsEnd)],
  ['kinds of turns', filled(turns, '"x"', turnsEnd)],
  ['tools that are no objects', filled(tools, '0', toolsEnd)],
  ['tools without a name', filled(tools, '{}', toolsEnd)],
  ['tools of one name', filled(tools, '{"type":"function","name":"t"}', toolsEnd)],
  ['required arguments', filled(required, '0', requiredEnd)],
  ['levels of arrays', nested('', '[', ']', '')],
  ['levels of arrays beside the event', nested('{"type":"session.end","x":', '[', ']', '}')],
  ['levels of arrays in a tool', nested(deep, '[', ']', deepEnd)],
  ['levels of objects in a tool', nested(deep, '{"a":', '}', deepEnd)],
  ['letters of a voice', filled(voice, 'a', voiceEnd, '')],
  ['letters of a URL', filled(url, 'a', urlEnd, '')],
  ['dots of a URL', filled(url, 'a.', urlEnd, '')],
] as const)
  test(`a full frame of ${name} is answered within two seconds`, () => {
    const before = performance.now()
    answered(text)
    assert.ok(performance.now() - before < 2000)
  })

test('a full frame of unknown settings is answered within two seconds', () => {
  const names = Array.from({ length: 70_000 }, (_, index) => `"k${index}":0`)
  const before = performance.now()
  answered(keys + names.join(',') + keysEnd)
  assert.ok(performance.now() - before < 2000)
})

test('deeply nested parameters are refused before anything walks them recursively', () => {
  const [before, after] = updating('{"tools":[{"type":"function","name":"t","parameters":{"x":', '}}]}')
  const result = parseClientEvent(nested(before, '[', ']', after))
  assert.ok(result.ok && result.event.type === 'session.update' && result.event.session)
  assert.deepEqual(
    checkSession(result.event.session, known).problems.map(({ param }) => param),
    ['tools[0].parameters'],
  )
})

test('nothing that is sent reaches the prototype of anything', () => {
  const pollute = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
  for (const text of [
    `{"type":"session.update","__proto__":{"polluted":1},"session":{"input":${pollute},"output":${pollute}}}`,
    `{"type":"session.update","session":{"tools":[{"type":"function","name":"t","parameters":${pollute}}]}}`,
    `{"type":"session.update","session":{"tools":[{"type":"function","name":"__proto__"}],"input":{"format":${pollute}}}}`,
  ]) {
    const result = parseClientEvent(text)
    if (result.ok && result.event.type === 'session.update') {
      const { patch } = checkSession(result.event.session ?? {}, known)
      assert.equal(Object.getPrototypeOf(patch), Object.prototype)
      assert.equal((patch.input as { polluted?: number } | undefined)?.polluted, undefined)
      assert.equal((patch.tools?.[0]?.parameters as { polluted?: number } | undefined)?.polluted, undefined)
    }
    checkAgentCreate(JSON.parse(text), known)
    assert.equal((Object.prototype as { polluted?: number }).polluted, undefined)
  }
})

test('any body of an agent is answered', () => {
  const agent = fc.record(
    {
      name: near,
      system_prompt: near,
      voice: either(shapeOf('voice_id')),
      greeting: near,
      input: near,
      output: near,
      tools: either(fc.array(tool, { maxLength: 4 })),
      llm: either(fc.array(shapeOf('base_url', 'model', 'api_key'), { maxLength: 2 })),
      caller_id: near,
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(json, agent), (body) => {
      const result = checkAgentCreate(body, known)
      if (!result.ok) assert.ok(result.errors.length > 0)
    }),
  )
})

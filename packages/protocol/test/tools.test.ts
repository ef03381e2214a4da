// Tools in an update: what may stand, and what is refused with its path.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeTool, limits, Tool } from '@parley/protocol'
import { patchOf, problemOf, update } from './support.js'

const tool = { type: 'function', name: 'get_weather' } as const
const withTool = (fields: object) => ({ tools: [{ ...tool, ...fields }] })

test('a tool needs no more than its type and its name', () => {
  assert.deepEqual(patchOf({ tools: [tool] }), { tools: [tool] })
})

test('an empty list of tools is a setting: it takes them all away (48)', () => {
  assert.deepEqual(patchOf({ tools: [] }), { tools: [] })
})

test('a tool is completed with the documented defaults (34)', () => {
  const complete = completeTool(tool)
  assert.deepEqual(complete, {
    type: 'function',
    name: 'get_weather',
    description: '',
    parameters: { type: 'object', properties: {}, required: [] },
    timeout_seconds: 120,
    execution_mode: 'interactive',
    http: null,
    response_instructions: null,
    deployment_id: null,
    session_update: null,
    image_tag: null,
  })
  assert.deepEqual(Tool.parse(complete), complete)
})

test('what a tool says of itself is kept when it is completed', () => {
  const said = {
    ...tool,
    description: 'The weather.',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    timeout_seconds: 5,
    execution_mode: 'hold' as const,
    response_instructions: { success: 'Be brief.' },
  }
  const { http, deployment_id, session_update, image_tag, ...kept } = completeTool(said)
  assert.deepEqual(kept, said)
})

test('a tool may be sent back as it was echoed', () => {
  const echoed = completeTool(tool)
  const { deployment_id, session_update, image_tag, ...kept } = echoed
  assert.deepEqual(patchOf({ tools: [echoed] }), { tools: [kept] })
})

test('parameters go to the model as they are, as an object schema', () => {
  const parameters = {
    properties: { city: { type: 'string', pattern: '[A-Z].*' } },
    required: ['city'],
    $defs: { a: 1 },
  }
  assert.deepEqual(patchOf(withTool({ parameters })).tools?.[0]?.parameters, { type: 'object', ...parameters })
})

for (const [number, fields, path, rule] of [
  [132, { parameters: { properties: [] } }, 'parameters.properties', 'must be an object'],
  [132, { parameters: { properties: 'x' } }, 'parameters.properties', 'must be an object'],
  [132, { parameters: { properties: null } }, 'parameters.properties', 'must be an object'],
  [132, { parameters: { type: 'string' } }, 'parameters.type', "must be 'object'"],
  [132, { parameters: { required: 'city' } }, 'parameters.required', 'must be a list of strings'],
  [132, { parameters: { required: ['city', 5] } }, 'parameters.required', 'must be a list of strings'],
  [132, { parameters: [] }, 'parameters', 'must be an object'],
  [131, { timeout_seconds: 0.5 }, 'timeout_seconds', 'must be at least 1'],
  [131, { timeout_seconds: 301 }, 'timeout_seconds', 'must be at most 300'],
  [131, { timeout_seconds: '60' }, 'timeout_seconds', 'must be a number'],
  [132, { type: 'mcp' }, 'type', "must be 'function'"],
  [132, { type: undefined }, 'type', "must be 'function'"],
  [132, { name: '' }, 'name', 'must be at least 1 character long'],
  [132, { name: 5 }, 'name', 'must be a string'],
  [132, { name: undefined }, 'name', 'is required'],
  [132, { name: 'x'.repeat(257) }, 'name', 'must be at most 256 characters long'],
  [132, { name: 'aai_end_call' }, 'name', "must not begin with 'aai_', which is reserved"],
  [132, { execution_mode: 'async' }, 'execution_mode', "must be one of: 'interactive', 'hold'"],
  [
    132,
    { response_instructions: { success: 'x'.repeat(501) } },
    'response_instructions.success',
    'must be at most 500 characters long',
  ],
  [132, { http: { url: 'https://x.example' } }, 'http', 'can only be set on a stored agent, via POST /v1/agents'],
] as const)
  test(`tools[0].${path} ${rule} (${number})`, () => {
    const param = `tools[0].${path}`
    assert.deepEqual(problemOf(withTool(fields)), { code: 'invalid_value', message: `'${param}' ${rule}`, param })
    assert.deepEqual(update(withTool(fields)).patch, {})
  })

test('a tool that is no object is refused by its place', () => {
  assert.deepEqual(problemOf({ tools: [tool, 'x'] }), {
    code: 'invalid_value',
    message: "'tools[1]' must be an object",
    param: 'tools[1]',
  })
})

test('two tools may not have one name', () => {
  assert.deepEqual(problemOf({ tools: [tool, { ...tool, name: 'other' }, tool] }), {
    code: 'invalid_value',
    message: "'tools[2].name' must be unique",
    param: 'tools[2].name',
  })
})

test('parameters may be nested deeply, but not without end', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'end' : { items: nested(levels - 1) })
  const parameters = { properties: {}, x: nested(limits.jsonDepth - 1) }
  assert.deepEqual(patchOf(withTool({ parameters })).tools?.[0]?.parameters, { type: 'object', ...parameters })
  assert.deepEqual(
    problemOf(withTool({ parameters: { x: nested(limits.jsonDepth) } })).message,
    "'tools[0].parameters' must not be nested deeper than 64 levels",
  )
})

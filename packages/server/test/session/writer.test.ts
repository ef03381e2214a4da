// What becomes of the calls that a language model writes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBody } from '@parley/conversation'
import { completeTool } from '@parley/protocol'
import { scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { Writer } from '../../dist/session/writer.js'

const order = completeTool({
  name: 'get_order',
  parameters: {
    type: 'object',
    properties: { id: { type: 'string', pattern: '\\d{8}' }, code: { type: 'string', pattern: '(.)\\1' } },
    required: ['id'],
  },
})

/** What the conversation is told, and what is logged, of one reply with these calls. */
async function written(calls: readonly { name: string; arguments: string }[]) {
  const events: EventBody[] = []
  const warnings: { message: string; tool: unknown }[] = []
  const llm = scriptedLlm([calls.map((call, n) => ({ type: 'called', callId: `c${n}`, ...call }))])
  await new Promise<void>((resolve) => {
    const writer = new Writer(
      llm,
      'sess_1',
      (event) => {
        events.push(event)
        if (event.type === 'llm.finished') resolve()
      },
      (message, fields) => warnings.push({ message, tool: fields.tool }),
    )
    writer.write({ type: 'generate', reply: 'R1', system: '', history: [], tools: [order] }, undefined)
  })
  return { events, warnings }
}

test('a call is held to the rules of the tool of its name, and the conversation is told (133)', async () => {
  const { events } = await written([
    { name: 'get_order', arguments: '{"id": 12345678}' },
    { name: 'get_order', arguments: '{"id": "12"}' },
    { name: 'no_such_tool', arguments: '{"id": "12"}' },
  ])
  assert.deepEqual(events.slice(0, 3), [
    { type: 'llm.called', reply: 'R1', callId: 'c0', name: 'get_order', arguments: { id: '12345678' }, problems: [] },
    {
      type: 'llm.called',
      reply: 'R1',
      callId: 'c1',
      name: 'get_order',
      arguments: { id: '12' },
      problems: [{ argument: 'id', why: 'id must match the pattern \\d{8} as a whole.' }],
    },
    { type: 'llm.called', reply: 'R1', callId: 'c2', name: 'no_such_tool', arguments: { id: '12' }, problems: [] },
  ])
})

test('a rule that cannot be held to is logged once for each tool, without a value', async () => {
  const call = { name: 'get_order', arguments: '{"id": "12345678", "code": "secret"}' }
  const { warnings } = await written([call, call])
  assert.equal(warnings.length, 1)
  assert.equal(warnings[0]?.tool, 'get_order')
  assert.match(warnings[0]!.message, /The pattern of code is not enforced/)
  assert.doesNotMatch(warnings[0]!.message, /secret/)
})

// The dialogue engine within whole sessions in virtual time: it reads the words in which the conversation core speaks of tools.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDialogueLlm, DialogueOptions } from '../../dist/engines/llm/dialogue/dialogue.js'
import { virtualSession } from '../helpers/virtual-session.js'

const orderStatus = {
  type: 'function',
  name: 'get_order_status',
  description: 'Looks up the status of an order.',
  parameters: {
    type: 'object',
    // a rule that stands elsewhere in the schema: only the server holds the value to it
    properties: { order_id: { $ref: '#/$defs/id', type: 'string', description: 'The order number' } },
    required: ['order_id'],
    $defs: { id: { type: 'string', pattern: '[A-Z]{2}-\\d{4}' } },
  },
  timeout_seconds: 20,
  execution_mode: 'interactive',
  http: null,
  response_instructions: { success: null, error: 'Apologize for the delay.' },
} as const

/** A call in which the user says each text at its time, in milliseconds; the agent has the tool. */
async function talked(turns: readonly (readonly [at: number, text: string])[], parley = {}) {
  const llm = createDialogueLlm(DialogueOptions.parse({}))
  const call = virtualSession({
    msPerCharacter: 20,
    vad: turns.flatMap(([at]) => [
      { at, out: { type: 'started', ago: 0 } } as const,
      { at: at + 800, out: { type: 'stopped', ago: 0 } } as const,
    ]),
    stt: turns.map(([at, text], index) => ({ at: at + 850, out: { type: 'final', turn: index + 1, text } }) as const),
    llm: (request) => llm.open(request, new AbortController().signal),
  })
  call.session.dispatch({
    type: 'client.updated',
    patch: { system_prompt: 'You are the assistant of a shop.', tools: [orderStatus], parley },
    problems: [],
  })
  return {
    ...call,
    said: () => call.find('transcript.agent').map(({ event }) => event.text),
    calls: () => call.find('tool.call').map(({ event }) => event.arguments),
    answer(result: string, isError = false) {
      const callId = call.find('tool.call').at(-1)?.event.call_id ?? ''
      call.session.dispatch({ type: 'client.answered', callId, result, isError })
    },
  }
}

test('a value is asked for, refused by the server, asked for again, and the result is told', async () => {
  const call = await talked([
    [1000, 'Where is my order?'],
    [8000, 'It is 12.'],
    [18_000, 'Sorry, AB-1234.'],
  ])
  await call.clock.to(16_000)
  assert.deepEqual(call.said(), [
    'May I have the order number, please?',
    'I am sorry, I did not get that. What is the order number?',
  ])
  assert.deepEqual(call.calls(), [])
  await call.clock.to(24_000)
  assert.deepEqual(call.calls(), [{ order_id: 'AB-1234' }])
  call.answer('{"status":"shipped"}')
  await call.clock.to(30_000)
  assert.equal(call.said().at(-1), 'The status is shipped.')
})

test('it says that it waits, calls only once, and tells a result that was overtaken by words', async () => {
  const call = await talked(
    [
      [1000, 'What is the status of order AB-1234?'],
      [9000, 'What is the status of order AB-1234?'],
    ],
    { filler: { mode: 'model', after_ms: 1500 } },
  )
  await call.clock.to(16_000)
  assert.equal(call.said()[0], 'One moment, please. I am still waiting for the result.')
  assert.ok(call.said().includes('I am still waiting for the result. It should not be long.'), call.said().join('\n'))
  assert.equal(call.calls().length, 1)
  call.answer('{"status":"packed"}')
  await call.clock.to(24_000)
  assert.equal(call.said().at(-1), 'The status is packed.')
  assert.equal(call.calls().length, 1)
})

test('a tool that never answers ends in the apology that was ordered', async () => {
  const call = await talked([[1000, 'What is the status of order AB-1234?']], { filler: { mode: 'off' } })
  await call.clock.to(40_000)
  assert.deepEqual(call.said(), ['I am sorry for the delay.'])
})

test('a goodbye is said and then the line is closed', async () => {
  const call = await talked([[1000, 'Okay thanks, bye.']], { end_call: true })
  await call.clock.to(15_000)
  assert.match(call.said()[0] ?? '', /^Goodbye/)
  assert.notEqual(call.over(), undefined)
  assert.deepEqual(call.calls(), [])
})

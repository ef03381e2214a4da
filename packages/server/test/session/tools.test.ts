// Tools in a session: those that the server runs, and a model that is asked for the same reply again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EventBody } from '@parley/conversation'
import { defaultConfig } from '@parley/protocol'
import type { Llm, LlmRequest } from '../../dist/engines/engine.js'
import type { StoredAgent } from '../../dist/session/session.js'
import { Writer } from '../../dist/session/writer.js'
import type { ToolRun } from '../../dist/tools/tool.js'
import { virtualSession } from '../helpers/virtual-session.js'

const fetching = (run: (run: ToolRun, signal: AbortSignal) => Promise<string>, closed: string[] = []): StoredAgent => ({
  config: {
    ...defaultConfig,
    system_prompt: 'You know the weather.',
    output: { ...defaultConfig.output, type: 'text' },
    tools: [
      {
        type: 'function',
        name: 'fetch',
        description: '',
        parameters: { type: 'object', properties: {} },
        timeout_seconds: 5,
        execution_mode: 'interactive',
        http: {
          url: 'https://example.com/',
          method: 'POST',
          headers_ciphertext: '',
          headers_encrypted_data_key: '',
          headers_kms_key_id: '',
        },
        response_instructions: null,
      },
    ],
  },
  tools: {
    names: ['fetch'],
    run: async (order, signal) => ({ result: await run(order, signal), isError: false }),
    close: async () => void closed.push('closed'),
  },
})

/** Calls once, then says what it was told of it. */
async function* callsOnce({ messages }: LlmRequest) {
  const result = messages.findLast(({ role }) => role === 'tool')
  if (result) yield { type: 'wrote', text: result.content } as const
  else yield { type: 'called', callId: 'c1', name: 'fetch', arguments: '{}' } as const
}

test('a tool of the server runs for the session, the client is told of it, and the model has its result', async () => {
  const runs: ToolRun[] = []
  const agent = fetching(async (run) => {
    runs.push(run)
    return 'Sunny.'
  })
  const call = virtualSession({ agents: { agent_1: agent }, llm: callsOnce })
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(100)
  call.session.dispatch({ type: 'client.askedReply' })
  await call.clock.to(1000)
  assert.deepEqual(runs, [
    { callId: 'c1', name: 'fetch', arguments: {}, sessionId: call.session.id, agentId: 'agent_1' },
  ])
  assert.equal(call.find('tool.call')[0]?.event.call_id, 'c1')
  assert.deepEqual(
    call.find('transcript.agent').map(({ event }) => event.text),
    ['Sunny.'],
  )
})

test('a tool of the server that takes too long is told to stop, and so are all at the end of the session', async () => {
  const signals: AbortSignal[] = []
  const closed: string[] = []
  const agent = fetching((_run, signal) => {
    signals.push(signal)
    return new Promise<string>(() => {})
  }, closed)
  const call = virtualSession({
    agents: { agent_1: agent },
    async *llm({ messages }, sleep) {
      await sleep(10)
      if (messages.some(({ content }) => content.includes('no result within 5 s')))
        yield { type: 'wrote', text: 'Sorry.' }
      else yield { type: 'called', callId: 'c1', name: 'fetch', arguments: '{}' }
    },
  })
  call.session.dispatch({ type: 'client.updated', patch: { agent_id: 'agent_1' }, problems: [] })
  await call.clock.to(100)
  call.session.dispatch({ type: 'client.askedReply' })
  await call.clock.to(5000)
  assert.deepEqual([signals.length, signals[0]?.aborted], [1, false])
  await call.clock.to(6000)
  assert.equal(signals[0]?.aborted, true)
  assert.equal(call.find('transcript.agent')[0]?.event.text, 'Sorry.')
  call.session.dispatch({ type: 'client.ended' })
  assert.deepEqual(closed, ['closed'])
  assert.equal(call.clock.pending, 0)
})

test('a reply that the model was asked for again can still be cancelled', async () => {
  const signals: AbortSignal[] = []
  const llm: Llm = {
    info: { kind: 'llm', name: 'test', description: 'For tests.', version: '1' },
    close: async () => {},
    async *open(_request, signal) {
      signals.push(signal)
      if (signals.length > 1) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  }
  const order = { type: 'generate', reply: 'resp_1', system: '', history: [], tools: [] } as const
  const writer: Writer = new Writer(
    llm,
    'sess_1',
    (event: EventBody) => {
      if (event.type === 'llm.finished') writer.write(order, undefined)
    },
    () => {},
  )
  writer.write(order, undefined)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(signals.length, 2)
  writer.cancel('resp_1')
  assert.equal(signals[1]?.aborted, true)
})

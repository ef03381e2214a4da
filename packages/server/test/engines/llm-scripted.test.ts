import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError, failureOf, type LlmRequest } from '../../dist/engines/engine.js'
import { llmSuite } from '../../dist/engines/kit/suite-llm.js'
import { scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { never, outputs, request, textOf } from './openai-kit.js'

llmSuite(
  'scripted',
  async () => ({
    llm: scriptedLlm(() => [
      { type: 'wrote', text: 'At seven' },
      { type: 'wrote', text: ' in the morning.' },
    ]),
  }),
  async () => ({
    llm: scriptedLlm(({ tools, messages }) =>
      tools.length > 0 && messages.at(-1)?.role === 'user'
        ? [{ type: 'called', callId: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }]
        : 'Sunny.',
    ),
  }),
)

test('replies come in the order of the script; when it is used up, that is an error', async () => {
  const llm = scriptedLlm(['One.', ''])
  assert.equal(textOf(await outputs(llm.open(request, never()))), 'One.')
  assert.deepEqual(await outputs(llm.open(request, never())), [])
  await assert.rejects(outputs(llm.open(request, never())), /ended before reply number 3/)
})

test('a reply may depend on the request', async () => {
  const llm = scriptedLlm((asked: LlmRequest, count) => `${count}: ${asked.messages.length} messages`)
  await outputs(llm.open(request, never()))
  assert.equal(textOf(await outputs(llm.open(request, never()))), '1: 2 messages')
})

test('waits pass by the given clock, calls and failures come where the script has them', async () => {
  const clock = new VirtualClock()
  const failure = { code: 'llm_timeout', message: 'Too slow.', retryable: true }
  const llm = scriptedLlm(
    [
      [
        { type: 'wait', for: 300 },
        { type: 'called', callId: 'c', name: 'find', arguments: '{}' },
        { type: 'fail', failure },
      ],
    ],
    { sleep: (ms) => clock.sleep(ms) },
  )
  const reply = llm.open(request, never())[Symbol.asyncIterator]()
  let cameAt = -1
  const first = reply.next().then((output) => {
    cameAt = clock.now()
    return output
  })
  await clock.to(1000)
  assert.deepEqual((await first).value, { type: 'called', callId: 'c', name: 'find', arguments: '{}' })
  assert.equal(cameAt, 300)
  const error = await reply.next().catch((thrown: unknown) => thrown)
  assert.ok(error instanceof EngineError)
  assert.deepEqual(failureOf(error), failure)
})

test('a wait is cut short by the signal', async () => {
  const clock = new VirtualClock()
  const llm = scriptedLlm(
    [
      [
        { type: 'wait', for: 300 },
        { type: 'wrote', text: 'late' },
      ],
    ],
    { sleep: (ms) => clock.sleep(ms) },
  )
  const stop = new AbortController()
  const next = llm.open(request, stop.signal)[Symbol.asyncIterator]().next()
  stop.abort()
  assert.equal((await next).done, true)
})

test('a script that waits needs a clock', async () => {
  const llm = scriptedLlm([[{ type: 'wait', for: 1 }]])
  await assert.rejects(outputs(llm.open(request, never())), /Pass \{ sleep \}/)
})

test('many replies at once are no leak that Node would warn of', async (t) => {
  const warnings: Error[] = []
  const listen = (warning: Error) => void warnings.push(warning)
  process.on('warning', listen)
  t.after(() => process.off('warning', listen))
  const clock = new VirtualClock()
  const llm = scriptedLlm(() => [{ type: 'wait', for: 100 }], { sleep: (ms) => clock.sleep(ms) })
  const replies = Array.from({ length: 40 }, () => outputs(llm.open(request, never())))
  await clock.to(200)
  await Promise.all(replies)
  assert.deepEqual(warnings, [])
})

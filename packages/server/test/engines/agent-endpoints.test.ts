// An agent's own model is asked through the guard.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOpenaiLlm, OpenaiOptions } from '../../dist/engines/llm/openai.js'
import { createGuard } from '../../dist/net/guard.js'
import { systemClock } from '../../dist/session/clock.js'
import { never, outcome, request } from './openai-kit.js'
import { fakeServer, type Script } from './openai-server.js'

async function asked(
  t: { after(run: () => Promise<unknown>): void },
  allowPrivate: boolean,
  script: Script,
  maxBytes = 1e6,
) {
  const model = await fakeServer(script)
  const guard = createGuard({ allowPrivate })
  const context = { dataDir: '.', log: () => {} }
  const options = OpenaiOptions.parse({ apiKey: 'sk-server', maxRetries: 2 })
  const llm = createOpenaiLlm(options, context, systemClock(), guard.fetchFor({ maxBytes }))
  t.after(() => Promise.all([llm.close(), guard.close(), model.stop()]))
  const endpoint = { baseUrl: model.baseUrl, model: 'mine', apiKey: 'sk-of-the-agent' }
  return { ...(await outcome(llm.open({ ...request, endpoint }, never()))), model }
}

test('its answer comes word by word, as from any other', async (t) => {
  const { text, model } = await asked(t, true, ({ answer }) => answer.says('Its ', 'own.').done())
  assert.equal(text, 'Its own.')
  assert.equal(model.requests[0]!.headers.authorization, 'Bearer sk-of-the-agent')
})

test('where private addresses are not allowed it is not asked, nor asked again, and whoever made the agent is told why', async (t) => {
  const { failure, model } = await asked(t, false, ({ answer }) => answer.says('Inside.').done())
  assert.deepEqual([failure?.code, failure?.retryable], ['llm_address_refused', false])
  assert.match(failure!.message, /not a public https address\. Correct `base_url` in the agent's llm entry/)
  assert.equal(model.requests.length, 0)
})

test('where it leads elsewhere it is not followed, and its key goes nowhere else', async (t) => {
  const elsewhere = await fakeServer(({ answer }) => answer.says('Elsewhere.').done())
  t.after(() => elsewhere.stop())
  const { failure } = await asked(t, true, ({ answer }) => answer.refuse(307, {}, { location: elsewhere.baseUrl }))
  assert.equal(failure?.statusCode, 307)
  assert.equal(elsewhere.requests.length, 0)
})

test('an answer without an end is cut off', async (t) => {
  const { failure } = await asked(t, true, ({ answer }) => void answer.raw(`data: ${'x'.repeat(30_000)}`), 20_000)
  assert.equal(failure?.code, 'llm_connection_lost')
})

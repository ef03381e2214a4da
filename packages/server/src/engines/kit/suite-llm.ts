// What every language model engine must do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EngineError, failureOf, type Llm, type LlmOutput, type LlmRequest } from '../engine.js'

export interface LlmSubject {
  readonly llm: Llm
  /** Must never show up in an error. */
  readonly secret?: string
  /** Whether it calls `get_weather` of this suite when it is asked for the weather in Paris. */
  readonly callsTools?: boolean
  /** Ends what the engine talks to; the engine itself is closed by the suite. */
  stop?(): Promise<void>
}

const hello: LlmRequest = {
  messages: [
    { role: 'system', content: 'You are the assistant of Blue Door Bakery. We open at 7, and close at 5.' },
    { role: 'user', content: 'What time do you open?' },
  ],
  tools: [],
  sessionId: 'sess_1',
  agentId: undefined,
}
const weather: LlmRequest = {
  messages: [{ role: 'user', content: 'What is the weather in Paris?' }],
  tools: [
    {
      name: 'get_weather',
      description: 'Get the current weather in a city.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      timeoutSeconds: 20,
      executionMode: 'interactive',
    },
  ],
  sessionId: 'sess_1',
  agentId: undefined,
}
const toolCall = { callId: 'call_1', name: 'get_weather', arguments: '{"city":"Paris"}' }
/** The same after the tool has answered. */
const answered = (content: string): LlmRequest => ({
  ...weather,
  messages: [
    ...weather.messages,
    { role: 'assistant', content: '', toolCalls: [toolCall] },
    { role: 'tool', callId: 'call_1', content },
  ],
})
const never = () => new AbortController().signal

/** `build` makes a fresh engine that has something to say to any question, in more than one piece. */
export function llmSuite(name: string, build: () => Promise<LlmSubject>): void {
  const check = (title: string, run: (subject: LlmSubject) => Promise<void>) =>
    test(title, { timeout: 10_000 }, async () => {
      const subject = await build()
      try {
        await run(subject)
      } finally {
        await subject.llm.close()
        await subject.stop?.()
      }
    })

  describe(`the language model engine "${name}"`, () => {
    check('tells what it is in words that a person can read', async ({ llm }) => {
      assert.equal(llm.info.kind, 'llm')
      assert.notEqual(llm.info.name, '')
      assert.notEqual(llm.info.version, '')
      assert.match(llm.info.description, /\w+ \w+ \w+/)
    })

    check('answers a question with words', async ({ llm }) => {
      const outputs = await collect(llm, hello)
      assert.match(written(outputs), /\w/)
      assert.ok(outputs.length > 1, 'this suite needs an answer in more than one piece')
    })

    check('never writes an empty piece', async ({ llm }) => {
      for (const output of await collect(llm, hello)) if (output.type === 'wrote') assert.notEqual(output.text, '')
    })

    check('leaves the request as it was', async ({ llm }) => {
      const request = structuredClone(hello)
      await collect(llm, request)
      assert.deepEqual(request, hello)
    })

    check('yields nothing for a signal that has fired before', async ({ llm }) => {
      assert.deepEqual(await collect(llm, hello, AbortSignal.abort()), [])
    })

    check('ends quietly, and at once, when its signal fires in the middle of a reply', async ({ llm }) => {
      const stop = new AbortController()
      const reply = llm.open(hello, stop.signal)[Symbol.asyncIterator]()
      assert.equal((await reply.next()).done, false)
      stop.abort()
      assert.equal((await reply.next()).done, true)
    })

    check('can be left in the middle of a reply and asked again', async ({ llm }) => {
      for await (const output of llm.open(hello, never())) {
        assert.ok(output)
        break
      }
      assert.match(written(await collect(llm, hello)), /\w/)
    })

    check('holds several conversations at once', async ({ llm }) => {
      const replies = await Promise.all([1, 2, 3, 4].map((n) => collect(llm, { ...hello, sessionId: `sess_${n}` })))
      for (const reply of replies) assert.match(written(reply), /\w/)
    })

    check('bears a request without messages', async ({ llm }) => {
      await collect(llm, { ...hello, messages: [] }).catch((error: unknown) => assert.ok(error instanceof EngineError))
    })

    check('bears a long history and every script there is', async ({ llm }) => {
      const messages = Array.from({ length: 200 }, (_, n) => ({
        role: n % 2 ? ('assistant' as const) : ('user' as const),
        content: `Größe 漢字 👋🏽 ${n}`,
      }))
      assert.match(written(await collect(llm, { ...hello, messages: [...messages, ...hello.messages] })), /\w/)
    })

    check('calls no tool but those it is offered, with a name and JSON arguments', async ({ llm, callsTools }) => {
      const called = (await collect(llm, weather)).filter((output) => output.type === 'called')
      if (callsTools) assert.equal(called.length, 1)
      for (const call of called) {
        assert.notEqual(call.callId, '')
        assert.equal(call.name, 'get_weather')
        assert.deepEqual(Object.keys(JSON.parse(call.arguments)), ['city'])
        assert.match(call.arguments, /Paris/)
      }
    })

    check('gives every call a name of its own', async ({ llm }) => {
      const outputs = [...(await collect(llm, weather)), ...(await collect(llm, weather))]
      const ids = outputs.flatMap((output) => (output.type === 'called' ? [output.callId] : []))
      assert.equal(new Set(ids).size, ids.length)
    })

    check('calls nothing when it is offered nothing', async ({ llm }) => {
      const outputs = await collect(llm, { ...weather, tools: [] })
      assert.ok(outputs.every(({ type }) => type === 'wrote'))
      assert.match(written(outputs), /\w/)
    })

    check('speaks about what a tool answered, and does not call it again', async ({ llm }) => {
      for (const content of ['{"temperature":18,"condition":"sunny"}', 'Sunny, 18 degrees.', 'Error: no such city']) {
        const outputs = await collect(llm, answered(content))
        assert.ok(outputs.every(({ type }) => type === 'wrote'))
        assert.match(written(outputs), /\w/)
      }
    })

    check('leaves tools and their results as they were', async ({ llm }) => {
      const request = structuredClone(answered('{"temperature":18}'))
      await collect(llm, request)
      assert.deepEqual(request, answered('{"temperature":18}'))
    })

    check('bears tools whose schema is malformed', async ({ llm }) => {
      const parameters = [{}, { properties: 5 }, { properties: { city: null, when: { enum: 7 } }, required: 'city' }]
      for (const [n, one] of parameters.entries())
        await collect(llm, { ...weather, tools: [{ name: `get_weather_${n}`, description: '', parameters: one }] })
    })

    check('fails with a typed error in a stream that is open when it is closed', async ({ llm }) => {
      const reply = llm.open(hello, never())[Symbol.asyncIterator]()
      assert.equal((await reply.next()).done, false)
      await llm.close()
      await assert.rejects(reply.next(), EngineError)
    })

    check('fails with a typed error once it is closed, and shows no secret', async ({ llm, secret }) => {
      await llm.close()
      const error = await collect(llm, hello).catch((thrown: unknown) => thrown)
      assert.ok(error instanceof EngineError)
      assert.ok(secret === undefined || !JSON.stringify(failureOf(error)).includes(secret))
    })

    check('may be closed twice', async ({ llm }) => {
      await llm.close()
      await llm.close()
    })
  })
}

async function collect(llm: Llm, request: LlmRequest, signal = never()): Promise<LlmOutput[]> {
  const outputs: LlmOutput[] = []
  for await (const output of llm.open(request, signal)) outputs.push(output)
  return outputs
}

const written = (outputs: readonly LlmOutput[]): string =>
  outputs.map((output) => (output.type === 'wrote' ? output.text : '')).join('')

// What every language model engine must do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EngineError, failureOf, type Llm, type LlmOutput, type LlmRequest, type LlmTool } from '../engine.js'

export interface LlmSubject {
  readonly llm: Llm
  /** Must never show up in an error. */
  readonly secret?: string
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
const never = () => new AbortController().signal

const weather: LlmTool = {
  name: 'get_weather',
  description: 'Get the current weather for a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'The name of the city' } },
    required: ['city'],
  },
}
const question: LlmRequest = {
  ...hello,
  messages: [hello.messages[0]!, { role: 'user', content: 'What is the weather in Paris?' }],
  tools: [weather],
}

/**
 * `build` makes a fresh engine that has something to say to any question, in more than one piece. `buildCaller` makes one
 * that asks `get_weather` for the weather in Paris where that is offered, and speaks once it has a result; an engine that
 * calls no tools has none.
 */
export function llmSuite(
  name: string,
  build: () => Promise<LlmSubject>,
  buildCaller?: () => Promise<LlmSubject>,
): void {
  const check = (title: string, run: (subject: LlmSubject) => Promise<void>, make = build) =>
    test(title, { timeout: 10_000 }, async () => {
      const subject = await make()
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

    check('calls no tool where none is offered', async ({ llm }) => {
      assert.deepEqual(callsIn(await collect(llm, { ...question, tools: [] })), [])
    })

    check('may be closed twice', async ({ llm }) => {
      await llm.close()
      await llm.close()
    })

    if (!buildCaller) return
    const checkCaller = (title: string, run: (subject: LlmSubject) => Promise<void>) => check(title, run, buildCaller)

    checkCaller('calls a tool that it is offered, once, with arguments as JSON', async ({ llm }) => {
      const [call, ...more] = callsIn(await collect(llm, question))
      assert.equal(call?.name, 'get_weather')
      assert.deepEqual(JSON.parse(call.arguments), { city: 'Paris' })
      assert.notEqual(call.callId, '')
      assert.deepEqual(more, [])
    })

    checkCaller('calls nothing where no tool is offered', async ({ llm }) => {
      assert.deepEqual(callsIn(await collect(llm, { ...question, tools: [] })), [])
    })

    checkCaller('speaks when its call has a result, and does not call again', async ({ llm }) => {
      const [call] = callsIn(await collect(llm, question))
      assert.ok(call)
      const { callId, name, arguments: args } = call
      const messages: LlmRequest['messages'] = [
        ...question.messages,
        { role: 'assistant', content: '', toolCalls: [{ callId, name, arguments: args }] },
        { role: 'tool', callId, content: '{"condition":"sunny","temperature":21}' },
      ]
      const outputs = await collect(llm, { ...question, messages })
      assert.match(written(outputs), /\w/)
      assert.deepEqual(callsIn(outputs), [])
    })

    checkCaller('calls nothing for a signal that has fired before', async ({ llm }) => {
      assert.deepEqual(await collect(llm, question, AbortSignal.abort()), [])
    })
  })
}

async function collect(llm: Llm, request: LlmRequest, signal = never()): Promise<LlmOutput[]> {
  const outputs: LlmOutput[] = []
  for await (const output of llm.open(request, signal)) outputs.push(output)
  return outputs
}

const callsIn = (outputs: readonly LlmOutput[]) => outputs.filter((output) => output.type === 'called')

const written = (outputs: readonly LlmOutput[]): string =>
  outputs.map((output) => (output.type === 'wrote' ? output.text : '')).join('')

// What every language model engine must do.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EngineError, failureOf, type Llm, type LlmOutput, type LlmRequest } from '../engine.js'

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

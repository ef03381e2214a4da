// What the tests of the OpenAI engine share: an engine on a virtual clock in front of a fake server.
import type { TestContext } from 'node:test'
import {
  type EngineContext,
  EngineError,
  failureOf,
  type Llm,
  type LlmOutput,
  type LlmRequest,
} from '../../dist/engines/engine.js'
import { createOpenaiLlm, OpenaiOptions } from '../../dist/engines/llm/openai.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { type FakeServer, fakeServer, type Script } from './openai-server.js'

export const KEY = 'sk-very-secret-1234567890'

export const request: LlmRequest = {
  messages: [
    { role: 'system', content: 'You are a baker.' },
    { role: 'user', content: 'Is there bread?' },
  ],
  tools: [],
  sessionId: 'sess_abc',
  agentId: 'agent_def',
}

export const never = (): AbortSignal => new AbortController().signal

export interface Logged {
  readonly level: string
  readonly message: string
  readonly fields: unknown
}

export interface Bench {
  readonly llm: Llm
  readonly server: FakeServer
  readonly clock: VirtualClock
  readonly log: readonly Logged[]
}

export async function bench(t: TestContext, script: Script, options: Partial<OpenaiOptions> = {}): Promise<Bench> {
  const server = await fakeServer(script)
  const clock = new VirtualClock()
  const log: Logged[] = []
  const context: EngineContext = {
    dataDir: '.',
    log: (level, message, fields) => void log.push({ level, message, fields }),
  }
  const defaults = { apiKey: KEY, baseUrl: server.baseUrl, model: 'tiny' }
  const llm = createOpenaiLlm(OpenaiOptions.parse({ ...defaults, ...options }), context, clock)
  t.after(async () => {
    await llm.close()
    await server.stop()
  })
  return { llm, server, clock, log }
}

export async function outputs(stream: AsyncIterable<LlmOutput>): Promise<LlmOutput[]> {
  const all: LlmOutput[] = []
  for await (const output of stream) all.push(output)
  return all
}

export const textOf = (all: readonly LlmOutput[]): string =>
  all.map((output) => (output.type === 'wrote' ? output.text : '')).join('')

/** How an answer ended: what was written before, and the failure if there was one. */
export async function outcome(stream: AsyncIterable<LlmOutput>) {
  const all: LlmOutput[] = []
  try {
    for await (const output of stream) all.push(output)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return { all, text: textOf(all), failure: failureOf(error) }
  }
  return { all, text: textOf(all), failure: undefined }
}

/** Lets virtual time pass, a second at a time, until the promise is settled; real sockets keep their own pace. */
export async function passing<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  while (!isSettled) await clock.to(clock.now() + 1000)
  return promise
}

/** So long that passing virtual time never runs into it. */
export const endless = { firstTokenTimeoutMs: 1e9, nextTokenTimeoutMs: 1e9 }

/** Lets what was written to a socket of the loopback arrive; both of its ends are in this process. */
export async function arrival(): Promise<void> {
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve))
}

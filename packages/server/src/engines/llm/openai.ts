// A language model behind any OpenAI-compatible endpoint: OpenAI, Ollama, llama.cpp, vLLM, LM Studio and others.
// The contract with an agent's own model is protocol.md 8.2.
import type OpenAI from 'openai'
import { VERSION } from 'openai/version'
import { z } from 'zod'
import { type Clock, systemClock } from '../../session/clock.js'
import { defineEngine, type EngineContext, EngineError, type Llm, type LlmOutput, type LlmRequest } from '../engine.js'
import { firstOf, Lifetime } from '../kit/abort.js'
import { Recent } from '../kit/recent.js'
import { ReplyAssembly } from './openai-chunk.js'
import { chunksOf, END, newClient } from './openai-client.js'
import { cutOff, emptyResponse, failureFor, place, type Target } from './openai-errors.js'
import { bodyOf, headersOf } from './openai-request.js'
import { LONGEST_PAUSE_MS, pauseBefore, waitOut } from './retry.js'
import { Deviation, Unspoken } from './unspoken.js'

/** Agents bring endpoints of their own; clients for so many are kept. */
const MOST_CLIENTS = 64

export const OPENAI_BASE_URL = 'https://api.openai.com/v1'

export const OpenaiOptions = z.object({
  apiKey: z.string().min(1).optional().describe('The key of the endpoint. Servers on one’s own machine need none.'),
  baseUrl: z
    .url()
    .default(OPENAI_BASE_URL)
    .describe('The base of the API, for instance http://127.0.0.1:11434/v1 for Ollama.'),
  model: z
    .string()
    .min(1)
    .default('gpt-4.1-mini')
    .describe('The model to ask, by the name that the endpoint has for it.'),
  firstTokenTimeoutMs: z
    .int()
    .min(100)
    .default(5_000)
    .describe('How long to wait for the first piece of a reply, in ms.'),
  nextTokenTimeoutMs: z.int().min(100).default(5_000).describe('How long to wait for each further piece, in ms.'),
  maxRetries: z
    .int()
    .min(0)
    .max(10)
    .default(3)
    .describe('How often a request that failed before its first word is repeated.'),
})
export type OpenaiOptions = z.output<typeof OpenaiOptions>

export const openaiLlm = defineEngine({
  kind: 'llm',
  name: 'openai',
  options: OpenaiOptions,
  async create(options, context) {
    if (options.apiKey === undefined && options.baseUrl === OPENAI_BASE_URL) {
      throw new EngineError({
        code: 'llm_not_configured',
        message: `${OPENAI_BASE_URL} needs a key. Set OPENAI_API_KEY, or set OPENAI_BASE_URL to a server that needs none.`,
        retryable: false,
      })
    }
    return createOpenaiLlm(options, context)
  },
})

/** `fetch`: how requests are made; node's own by default. */
export function createOpenaiLlm(
  options: OpenaiOptions,
  context: EngineContext,
  clock: Clock = systemClock(),
  fetch?: typeof globalThis.fetch,
): Llm {
  const lifetime = new Lifetime('openai')
  const clients = new Recent<string, OpenAI>(MOST_CLIENTS)
  const own: Target = { baseUrl: options.baseUrl, model: options.model, owner: 'settings' }

  /** One attempt. Counts what it gives out into `progress`, so that another can go on from there. */
  async function* attempt(request: LlmRequest, target: Target, progress: Progress, signal: AbortSignal) {
    const apiKey = request.endpoint ? request.endpoint.apiKey : options.apiKey
    const key = JSON.stringify([target.baseUrl, apiKey])
    const client = clients.get(key, () => newClient(target.baseUrl, apiKey, fetch))
    const patience = { firstTokenMs: options.firstTokenTimeoutMs, nextTokenMs: options.nextTokenTimeoutMs }
    const circumstances = { target, patience, clock, signal }
    const reply = new ReplyAssembly()
    const unspoken = new Unspoken(progress.spoken)
    const wrote = (text: string): LlmOutput[] => {
      const fresh = unspoken.take(text)
      progress.spoken += fresh
      return fresh === '' ? [] : [{ type: 'wrote', text: fresh }]
    }
    for await (const chunk of chunksOf(client, bodyOf(request, target.model), headersOf(request), circumstances)) {
      if (chunk === END) reply.end()
      else yield* wrote(reply.take(chunk))
      if (reply.isTooLong) return
    }
    if (signal.aborted) return
    if (!reply.begun) throw emptyResponse(target)
    if (!reply.isWhole) throw cutOff(target)
    const { text, calls } = reply.finish()
    yield* wrote(text)
    unspoken.finish()
    for (const call of calls) if (!signal.aborted) yield call
    context.log('debug', 'the language model has answered', { ...reply.usage, finishReason: reply.finishReason })
  }

  /** Attempts until one succeeds. After the first word only one more, and only if it repeats what was spoken. */
  async function* answer(request: LlmRequest, signal: AbortSignal) {
    const target: Target = request.endpoint ? { ...request.endpoint, owner: 'agent' } : own
    const progress: Progress = { spoken: '' }
    let broken: EngineError | undefined
    let hasResumed = false
    for (let failed = 0; !signal.aborted; failed += 1) {
      try {
        return yield* attempt(request, target, progress, signal)
      } catch (error) {
        if (error instanceof Deviation && broken) throw broken
        const failure = failureFor(error, target)
        broken = new EngineError(failure)
        const pause = pauseBefore(failed, error, clock)
        const willRetry = failure.retryable && failed < options.maxRetries && !hasResumed && pause <= LONGEST_PAUSE_MS
        context.log('warn', 'the language model failed', { ...failure, willRetry })
        if (!willRetry) throw broken
        hasResumed = progress.spoken !== ''
        await waitOut(pause, clock, signal)
      }
    }
  }

  return {
    info: {
      kind: 'llm',
      name: 'openai',
      description: `The model "${own.model}" at ${place(own)}, which is sent what is said in the conversation.`,
      version: VERSION,
    },

    async *open(request, caller) {
      lifetime.check()
      const stop = firstOf(caller, lifetime.signal)
      try {
        yield* answer(request, stop.signal)
      } finally {
        stop.release()
      }
      if (!caller.aborted) lifetime.check()
    },

    async close() {
      lifetime.end()
    },
  }
}

interface Progress {
  spoken: string
}

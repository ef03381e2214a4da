// One streamed request to an OpenAI-compatible endpoint, with a limit to how long it may stay silent.
import type { Millis } from '@parley/conversation'
import OpenAI from 'openai'
import type { Clock } from '../../session/clock.js'
import { type Target, timedOut } from './openai-errors.js'
import { cameToEnd, watchingEnds } from './stream-end.js'

/** Comes last of the chunks when the endpoint has marked the end of its answer. */
export const END = Symbol('the end of the answer')

export interface Patience {
  readonly firstTokenMs: Millis
  readonly nextTokenMs: Millis
}

/**
 * The chunks of the answer, as they come. Ends quietly when the signal fires, and then tears the request down,
 * as the client's stream does when its reader leaves. Throws what the client throws, or an `EngineError` when the endpoint stays silent for too long.
 */
export async function* chunksOf(
  client: OpenAI,
  body: OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming,
  headers: Record<string, string>,
  { target, patience, clock, signal }: { target: Target; patience: Patience; clock: Clock; signal: AbortSignal },
): AsyncGenerator<unknown, void, undefined> {
  const request = new AbortController()
  const abort = () => request.abort()
  const silence = new Silence(clock, abort)
  if (signal.aborted) return
  signal.addEventListener('abort', abort, { once: true })
  try {
    silence.begin('first', patience.firstTokenMs)
    const { data: stream, response } = await client.chat.completions
      .create(body, { headers, signal: request.signal })
      .withResponse()
    for await (const chunk of stream) {
      silence.end()
      // the client may hold chunks that came before it was stopped
      if (request.signal.aborted) break
      yield chunk
      silence.begin('next', patience.nextTokenMs)
    }
    if (cameToEnd(response)) yield END
  } catch (error) {
    if (!request.signal.aborted) throw error
  } finally {
    silence.end()
    signal.removeEventListener('abort', abort)
  }
  if (silence.exceeded && !signal.aborted) throw timedOut(silence.exceeded.what, silence.exceeded.ms / 1000, target)
}

/** Rings when nothing comes for too long; the time that the reader takes for itself does not count. */
class Silence {
  readonly #clock: Clock
  readonly #ring: () => void
  #cancel = () => {}
  exceeded: { readonly what: 'first' | 'next'; readonly ms: Millis } | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  begin(what: 'first' | 'next', ms: Millis): void {
    this.#cancel = this.#clock.wake(this.#clock.now() + ms, () => {
      this.exceeded = { what, ms }
      this.#ring()
    })
  }

  end(): void {
    this.#cancel()
  }
}

/** `apiKey` undefined: the server wants none. `fetch` undefined: node's own. */
export const newClient = (baseUrl: string, apiKey: string | undefined, fetch?: typeof globalThis.fetch): OpenAI =>
  new OpenAI({
    baseURL: baseUrl,
    fetch: watchingEnds(fetch ?? globalThis.fetch),
    // the client insists on a key; a server without keys is then sent no header at all
    apiKey: apiKey ?? 'none',
    defaultHeaders: apiKey === undefined ? { Authorization: null } : {},
    // these would otherwise come from the environment and be sent to every endpoint
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    // its log would hold what was said
    logLevel: 'off',
  })

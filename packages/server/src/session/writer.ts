// The words of replies: asks the language model, and tells the session what it writes.
import type { Effect, EventBody, ReplyId } from '@parley/conversation'
import type { HistorySettings } from '@parley/protocol'
import { failureOf, type Llm, type LlmEndpoint, type LlmRequest } from '../engines/engine.js'
import { checkedArguments } from '../tools/arguments.js'
import type { ServerTools } from '../tools/tool.js'
import { messagesOf, toolOf } from './engine-inputs.js'

/** The stored agent of a session. */
export interface FoundAgent {
  readonly id: string
  /** The agent's own model, with its key. */
  readonly endpoint: LlmEndpoint | undefined
  /** The tools of the agent that the server runs. */
  readonly tools: ServerTools | undefined
  /** What may be kept of its sessions. */
  readonly history: HistorySettings | undefined
}

type Order = Extract<Effect, { type: 'generate' }>

export class Writer {
  readonly #llm: Llm
  readonly #sessionId: string
  readonly #dispatch: (event: EventBody) => void
  readonly #writing = new Map<ReplyId, AbortController>()

  constructor(llm: Llm, sessionId: string, dispatch: (event: EventBody) => void) {
    this.#llm = llm
    this.#sessionId = sessionId
    this.#dispatch = dispatch
  }

  write({ reply, system, history, tools, instructions }: Order, agent: FoundAgent | undefined): void {
    const request: LlmRequest = {
      messages: messagesOf(system, history, instructions),
      tools: tools.map(toolOf),
      sessionId: this.#sessionId,
      agentId: agent?.id,
      ...(agent?.endpoint && { endpoint: agent.endpoint }),
    }
    const stop = new AbortController()
    this.#writing.set(reply, stop)
    this.#run(reply, request, stop.signal)
      .catch((error) => {
        if (!stop.signal.aborted)
          this.#dispatch({ type: 'engine.failed', engine: 'llm', reply, failure: failureOf(error), fatal: false })
      })
      .finally(() => this.#writing.delete(reply))
  }

  cancel(reply: ReplyId): void {
    this.#writing.get(reply)?.abort()
    this.#writing.delete(reply)
  }

  close(): void {
    for (const stop of this.#writing.values()) stop.abort()
  }

  async #run(reply: ReplyId, request: LlmRequest, signal: AbortSignal): Promise<void> {
    for await (const out of this.#llm.open(request, signal)) {
      if (signal.aborted) return
      if (out.type === 'wrote') this.#dispatch({ type: 'llm.wrote', reply, text: out.text })
      else
        this.#dispatch({
          type: 'llm.called',
          reply,
          callId: out.callId,
          name: out.name,
          ...checkedArguments(out.arguments),
        })
    }
    if (!signal.aborted) this.#dispatch({ type: 'llm.finished', reply })
  }
}

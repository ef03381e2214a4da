// The words of replies: asks the language model, and tells the session what it writes.
import type { Effect, EventBody, ReplyId } from '@parley/conversation'
import type { HistorySettings } from '@parley/protocol'
import { failureOf, type Llm, type LlmEndpoint, type LlmRequest, type LlmToolCall } from '../engines/engine.js'
import { type CalledTool, checkedArguments } from '../tools/arguments.js'
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

type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void

export class Writer {
  readonly #llm: Llm
  readonly #sessionId: string
  readonly #dispatch: (event: EventBody) => void
  readonly #warn: Warn
  readonly #writing = new Map<ReplyId, AbortController>()
  /** What was warned of already: a tool is called many times. */
  readonly #warned = new Set<string>()

  constructor(llm: Llm, sessionId: string, dispatch: (event: EventBody) => void, warn: Warn) {
    this.#llm = llm
    this.#sessionId = sessionId
    this.#dispatch = dispatch
    this.#warn = warn
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
    this.#run(reply, request, new Map(tools.map((tool) => [tool.name, tool])), stop.signal)
      .catch((error) => {
        if (!stop.signal.aborted)
          this.#dispatch({ type: 'engine.failed', engine: 'llm', reply, failure: failureOf(error), fatal: false })
      })
      .finally(() => {
        // the model may have been asked for the same reply again
        if (this.#writing.get(reply) === stop) this.#writing.delete(reply)
      })
  }

  cancel(reply: ReplyId): void {
    this.#writing.get(reply)?.abort()
    this.#writing.delete(reply)
  }

  close(): void {
    for (const stop of this.#writing.values()) stop.abort()
  }

  async #run(
    reply: ReplyId,
    request: LlmRequest,
    tools: ReadonlyMap<string, CalledTool>,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const out of this.#llm.open(request, signal)) {
      if (signal.aborted) return
      if (out.type === 'wrote') this.#dispatch({ type: 'llm.wrote', reply, text: out.text })
      else this.#called(reply, out, tools.get(out.name))
    }
    if (!signal.aborted) this.#dispatch({ type: 'llm.finished', reply })
  }

  #called(reply: ReplyId, { callId, name, arguments: text }: LlmToolCall, tool: CalledTool | undefined): void {
    const { arguments: args, problems, notes } = checkedArguments(text, tool)
    for (const note of notes) this.#warnOnce(name, note)
    this.#dispatch({ type: 'llm.called', reply, callId, name, arguments: args, problems })
  }

  #warnOnce(tool: string, note: string): void {
    const key = `${tool}: ${note}`
    if (this.#warned.has(key)) return
    this.#warned.add(key)
    this.#warn(`A tool's arguments cannot be checked in full. ${note}`, { tool })
  }
}

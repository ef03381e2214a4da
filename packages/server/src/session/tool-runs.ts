// The tools of the server that run for a session: each answers once, or is abandoned.
import type { CallId, Effect, EventBody } from '@parley/conversation'
import { goneTool, type ServerTools, type ToolAnswer } from '../tools/tool.js'
import { type Completed, withoutSecrets } from './entered.js'

type Order = Extract<Effect, { type: 'invoke' }>

export class ToolRuns {
  readonly #sessionId: string
  readonly #dispatch: (event: EventBody) => void
  readonly #running = new Map<CallId, AbortController>()

  constructor(sessionId: string, dispatch: (event: EventBody) => void) {
    this.#sessionId = sessionId
    this.#dispatch = dispatch
  }

  /** `completed`: what the tool is given. */
  invoke(
    { callId, name }: Order,
    completed: Completed,
    agentId: string | undefined,
    tools: ServerTools | undefined,
  ): void {
    const stop = new AbortController()
    this.#running.set(callId, stop)
    const run = async (): Promise<ToolAnswer> => {
      if (completed.is === 'broken') return completed.answer
      const call = { callId, name, arguments: completed.arguments, sessionId: this.#sessionId, agentId }
      const { result, isError } = (await tools?.run(call, stop.signal)) ?? goneTool
      return { result: withoutSecrets(result, completed.secrets), isError }
    }
    run()
      .catch(() => ({ result: 'The tool failed because of a fault in the server.', isError: true }))
      .then(({ result, isError }) => {
        this.#running.delete(callId)
        if (!stop.signal.aborted) this.#dispatch({ type: 'tool.answered', callId, result, isError })
      })
  }

  abandon(callId: CallId): void {
    this.#running.get(callId)?.abort()
    this.#running.delete(callId)
  }

  close(): void {
    for (const stop of this.#running.values()) stop.abort()
    this.#running.clear()
  }
}

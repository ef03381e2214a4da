// The tools of the server that run for a session: each answers once, or is abandoned.
import type { CallId, Effect, EventBody } from '@parley/conversation'
import { goneTool, type ToolAnswer } from '../tools/tool.js'
import { type Completed, withoutSecrets } from './entered.js'
import type { SessionAgent } from './session-agent.js'

type Order = Extract<Effect, { type: 'invoke' }>

export class ToolRuns {
  readonly #sessionId: string
  readonly #dispatch: (event: EventBody) => void
  readonly #running = new Map<CallId, AbortController>()

  constructor(sessionId: string, dispatch: (event: EventBody) => void) {
    this.#sessionId = sessionId
    this.#dispatch = dispatch
  }

  /** `completed`: what the tool is given. `after`: what is waited for before it may run. */
  invoke(
    { callId, name }: Order,
    completed: Completed,
    agent: SessionAgent['parts'],
    after: Promise<void> | undefined,
  ): void {
    const stop = new AbortController()
    this.#running.set(callId, stop)
    const run = async (): Promise<ToolAnswer> => {
      await after
      if (completed.is === 'broken') return completed.answer
      if (stop.signal.aborted || !agent?.tools) return goneTool
      const call = { callId, name, arguments: completed.arguments, sessionId: this.#sessionId, agentId: agent.id }
      const { result, isError } = await agent.tools.run(call, stop.signal)
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

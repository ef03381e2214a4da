// The tools of the server that run for a session: each answers once, or is abandoned.
import type { CallId, Effect, EventBody } from '@parley/conversation'
import { goneTool, type ServerTools, type ToolAnswer } from '../tools/tool.js'

type Order = Extract<Effect, { type: 'invoke' }>

export class ToolRuns {
  readonly #sessionId: string
  readonly #dispatch: (event: EventBody) => void
  readonly #running = new Map<CallId, AbortController>()

  constructor(sessionId: string, dispatch: (event: EventBody) => void) {
    this.#sessionId = sessionId
    this.#dispatch = dispatch
  }

  /** `after`: what is waited for before the tool may run. */
  invoke(
    { callId, name, arguments: args }: Order,
    agentId: string | undefined,
    tools: ServerTools | undefined,
    after: Promise<void> | undefined,
  ): void {
    const stop = new AbortController()
    this.#running.set(callId, stop)
    const run = { callId, name, arguments: args, sessionId: this.#sessionId, agentId }
    const start = (): Promise<ToolAnswer> =>
      stop.signal.aborted || !tools ? Promise.resolve(goneTool) : tools.run(run, stop.signal)
    const answer = after ? after.then(start) : start()
    answer
      .then(
        (given) => given,
        () => ({ result: 'The tool failed because of a fault in the server.', isError: true }),
      )
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

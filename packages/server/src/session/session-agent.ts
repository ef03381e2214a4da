// The stored agent of a session: found once, at hand while the session lasts, let go with it.
import type { EventBody } from '@parley/conversation'
import type { SessionPorts, StoredAgent } from './ports.js'
import type { FoundAgent } from './writer.js'

export interface SessionAgentPorts extends Pick<SessionPorts, 'findAgent' | 'log'> {
  /** What came of the search; not called when the session was over before. */
  found(event: EventBody): void
}

export class SessionAgent {
  readonly #ports: SessionAgentPorts
  #found: FoundAgent | undefined
  #isOver = false

  constructor(ports: SessionAgentPorts) {
    this.#ports = ports
  }

  /** Undefined while there is none. */
  get parts(): FoundAgent | undefined {
    return this.#found
  }

  /** The agent that a session had before its server died; undefined when it is gone since. */
  remember(id: string, agent: StoredAgent | undefined): void {
    this.#found = { id, ...partsOf(agent) }
  }

  find(id: string): void {
    this.#ports.findAgent(id).then(
      (agent) => {
        if (this.#isOver) return void agent?.tools?.close().catch(() => {})
        if (agent) this.remember(id, agent)
        const phone = agent?.telephony
        const serverTools = agent?.tools?.names ?? []
        this.#ports.found({ type: 'agent.found', config: agent?.config, serverTools, ...(phone && { phone }) })
      },
      (error) => this.#ports.log('error', 'The agent could not be read from the store.', { error: String(error) }),
    )
  }

  letGo(): void {
    this.#isOver = true
    this.#found?.tools
      ?.close()
      .catch((error) => this.#ports.log('warn', 'A tool did not close in order.', { error: String(error) }))
  }
}

const partsOf = (agent: StoredAgent | undefined): Omit<FoundAgent, 'id'> => ({
  endpoint: agent?.endpoint,
  tools: agent?.tools,
  history: agent?.history,
})

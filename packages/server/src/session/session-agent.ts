// The stored agent of a session: found once, at hand while the session lasts, let go with it.
import type { EventBody } from '@parley/conversation'
import type { HistorySettings } from '@parley/protocol'
import { leastKept } from './keeping.js'
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

  /** The agent that a session had before its server died; undefined when it is gone since. `kept`: what it let anybody keep then. */
  remember(id: string, agent: StoredAgent | undefined, kept?: HistorySettings): void {
    const parts = partsOf(agent)
    this.#found = { id, ...parts, history: leastKept(kept, parts.history) }
  }

  find(id: string): void {
    this.#ports.findAgent(id).then(
      (agent) => {
        if (this.#isOver) return void agent?.tools?.close().catch(() => {})
        if (agent) this.remember(id, agent)
        const { telephony: phone, variables } = agent ?? {}
        const serverTools = agent?.tools?.names ?? []
        const more = { ...(phone && { phone }), ...(variables && { variables }) }
        this.#ports.found({ type: 'agent.found', config: agent?.config, serverTools, ...more })
      },
      (error) => {
        this.#ports.log('error', 'The agent could not be read from the store.', { error: String(error) })
        this.#ports.found({ type: 'agent.unreadable' })
      },
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

// Finds the stored agent of a session, with everything that the server does for it: its own model and its tools.

import { sessionConfigOf } from './http/agent-view.js'
import type { Guard } from './net/guard.js'
import type { Logger } from './observe/logs.js'
import type { Metrics } from './observe/metrics.js'
import type { SecretBox } from './secrets.js'
import type { Clock } from './session/clock.js'
import type { StoredAgent } from './session/session.js'
import type { Store } from './storage/store.js'
import { httpTools } from './tools/http-tool.js'
import type { ToolPorts } from './tools/ports.js'
import { goneTool, type ServerTools } from './tools/tool.js'

export interface FinderParts {
  readonly store: Pick<Store, 'agents'>
  readonly secrets: SecretBox
  readonly guard: Guard
  readonly clock: Clock
  readonly metrics: Pick<Metrics, 'toolRan'>
  readonly log: Logger
}

/** Resolves with undefined when the account has no such agent. Servers of tools are asked meanwhile, for three seconds at most. */
export function agentFinder({ store, secrets, guard, clock, metrics, log }: FinderParts) {
  const ports: ToolPorts = {
    guard,
    clock,
    log: (level, message, fields) => log[level](fields, message),
    report({ kind, outcome, durationMs, sessionId, tool, fields }) {
      metrics.toolRan(kind, outcome, durationMs)
      const level = outcome === 'answered' || outcome === 'abandoned' ? 'info' : 'warn'
      log[level]({ session: sessionId, tool, kind, outcome, ms: Math.round(durationMs), ...fields }, 'tool')
    },
  }
  return async (accountId: string, id: string): Promise<StoredAgent | undefined> => {
    const stored = await store.agents.find(accountId, id)
    if (!stored) return undefined
    const agent = sessionConfigOf(stored, secrets)
    const own = agent.config.tools
    const ownTools = httpTools(agent.httpTools, ports)
    const { history, phone, phoneTools } = agent
    const parts = { history, phone, phoneTools, ...(agent.llm && { endpoint: agent.llm }) }
    if (agent.mcpServers.length === 0) return { config: agent.config, tools: ownTools, ...parts }
    // The protocol's library is loaded by the first agent that needs it.
    const { mcpTools } = await import('./tools/mcp-tools.js')
    const taken = [...own, ...phoneTools].map(({ name }) => name)
    const { definitions, tools } = await mcpTools(agent.mcpServers, taken, ports)
    const config = { ...agent.config, tools: [...own, ...definitions] }
    return { config, tools: together([ownTools, tools]), ...parts }
  }
}

/** Several sets of tools as one. No name is in two of them. */
function together(sets: readonly ServerTools[]): ServerTools {
  const owner = new Map(sets.flatMap((set) => set.names.map((name) => [name, set] as const)))
  return {
    names: [...owner.keys()],
    run: (run, signal) => owner.get(run.name)?.run(run, signal) ?? Promise.resolve(goneTool),
    async close() {
      await Promise.all(sets.map((set) => set.close()))
    },
  }
}

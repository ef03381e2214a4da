// The stored agents, and which of them the user talks to.
import type { AgentInput, AgentRecord, AgentSummary, Rest } from '@parley/client'
import { useCallback, useEffect, useState } from 'preact/hooks'

export interface Agents {
  /** Newest first; undefined until they are known. */
  readonly list: readonly AgentSummary[] | undefined
  /** The one to talk to, in full. */
  readonly chosen: AgentRecord | undefined
  choose(id: string): void
  /** Makes an agent, or changes the one with `id`, and chooses it. */
  save(agent: AgentInput, id: string | undefined): Promise<void>
  remove(id: string): Promise<void>
}

/** As many as the picker shows. */
const LISTED = 200
const LAST_USED = 'parley.agent'

export function useAgents(rest: Rest, failed: (error: unknown) => void): Agents {
  const [list, setList] = useState<readonly AgentSummary[]>()
  const [chosen, setChosen] = useState<AgentRecord>()

  const show = useCallback(
    async (id: string | undefined) => {
      if (id !== undefined) localStorage.setItem(LAST_USED, id)
      setChosen(id === undefined ? undefined : await rest.agents.get(id))
    },
    [rest],
  )
  const load = useCallback(
    async (wanted: string | null) => {
      const { agents } = await rest.agents.list({ limit: LISTED })
      setList(agents)
      await show((agents.find(({ id }) => id === wanted) ?? agents[0])?.id)
    },
    [rest, show],
  )
  useEffect(() => {
    load(localStorage.getItem(LAST_USED)).catch(failed)
  }, [load, failed])

  return {
    list,
    chosen,
    choose: (id) => void show(id).catch(failed),
    save: async (agent, id) => {
      const saved = id === undefined ? await rest.agents.create(agent) : await rest.agents.update(id, agent)
      await load(saved.id)
    },
    remove: async (id) => {
      await rest.agents.delete(id)
      await load(null)
    },
  }
}

// Which agent to talk to, with the ways to change it or to make another.
import type { Agents } from './agents.js'
import { AddIcon, EditIcon } from './icons.js'

interface AgentPickerProps {
  readonly agents: Agents
  /** During a conversation the agent stays. */
  readonly disabled: boolean
  edit(): void
  make(): void
}

export function AgentPicker({ agents, disabled, edit, make }: AgentPickerProps) {
  const { list = [], chosen } = agents
  return (
    <div class="picker">
      <label class="unseen" for="agent">
        Agent
      </label>
      <select
        id="agent"
        disabled={disabled || list.length === 0}
        value={chosen?.id ?? ''}
        onChange={({ currentTarget }) => agents.choose(currentTarget.value)}
      >
        {list.length === 0 && <option value="">No agent yet</option>}
        {list.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" class="plain" onClick={edit} disabled={disabled || !chosen}>
        <EditIcon />
        <span>Edit</span>
      </button>
      <button type="button" class="plain" onClick={make} disabled={disabled}>
        <AddIcon />
        <span>New agent</span>
      </button>
    </div>
  )
}

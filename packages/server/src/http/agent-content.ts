// What is stored of an agent: the document that everybody may see, made of what was sent and of what was there.
import { randomBytes } from 'node:crypto'
import {
  type AgentCreate,
  type AgentToolInput,
  type AgentToolRecord,
  type AgentUpdate,
  defaultInput,
  defaultOutput,
  defaultToolTimeoutSeconds,
  type OutputConfig,
} from '@parley/protocol'
import type { AgentContent, StoredAgent } from '../storage/store.js'
import { type Making, Vault } from './agent-secrets.js'
import { AgentDocument } from './agent-view.js'

export const newAgentId = (): string => `agent_${randomBytes(16).toString('hex')}`

/** The content of a new agent. Throws a `ContentError`. */
export const createdContent = (agent: AgentCreate, making: Making): AgentContent =>
  changedContent(agent, { document: emptyDocument, secrets: {} }, making)

const emptyDocument: AgentDocument = {
  name: '',
  system_prompt: '',
  greeting: null,
  voice: { voice_id: '' },
  input: defaultInput,
  output: defaultOutput,
  tools: [],
  pre_connect_requests: [],
  transfer_targets: [],
  outbound_trunk_id: null,
  caller_id: null,
  llm: [],
}

/**
 * The content of an agent after a change: what the change leaves out stays, lists that it holds replace the old ones,
 * and secrets that it does not repeat are kept (checklist 151-155). Throws a `ContentError`.
 */
export function changedContent(
  change: AgentUpdate,
  stored: Pick<StoredAgent, 'document' | 'secrets'>,
  making: Making,
): AgentContent {
  const before = AgentDocument.parse(stored.document)
  const vault = new Vault(stored.secrets, making)
  const voice = change.voice ?? before.voice
  const parley = extensionsOf(change, before, vault)
  const document: AgentDocument = {
    name: change.name ?? before.name,
    system_prompt: change.system_prompt ?? before.system_prompt,
    greeting: change.greeting === undefined ? before.greeting : change.greeting,
    voice,
    input: change.input ?? before.input,
    output: withVoice(change.output ?? before.output, voice.voice_id),
    tools: change.tools?.map((tool) => toolRecord(tool, before.tools, vault)) ?? before.tools.map(vault.keepTool),
    pre_connect_requests:
      change.pre_connect_requests?.map((request, index) => ({
        ...request,
        http: vault.preConnect(request.http, before.pre_connect_requests[index]?.http, index),
      })) ?? before.pre_connect_requests.map(vault.keepPreConnect),
    transfer_targets: change.transfer_targets ?? before.transfer_targets,
    outbound_trunk_id: change.outbound_trunk_id === undefined ? before.outbound_trunk_id : change.outbound_trunk_id,
    caller_id: change.caller_id === undefined ? before.caller_id : change.caller_id,
    llm: change.llm?.map((entry, index) => vault.llm(entry, before.llm, index)) ?? before.llm.map(vault.keepLlm),
    ...(parley && { parley }),
  }
  return { document, secrets: vault.secrets }
}

function extensionsOf(change: AgentUpdate, before: AgentDocument, vault: Vault): AgentDocument['parley'] {
  if (change.parley) return vault.extensions(change.parley, before.parley)
  return change.parley === undefined && before.parley ? vault.keepExtensions(before.parley) : undefined
}

/** Stored agents are spoken by `voice`; `output.voice` repeats it (protocol section 6.3). */
const withVoice = (output: OutputConfig, voice: string): OutputConfig => ({ ...output, voice })

function toolRecord(tool: AgentToolInput, before: readonly AgentToolRecord[], vault: Vault): AgentToolRecord {
  const old = before.find(({ name }) => name === tool.name)
  const id = old?.id ?? `tool_${randomBytes(16).toString('hex')}`
  return {
    id,
    name: tool.name,
    description: tool.description ?? null,
    http: tool.http ? vault.request(tool.http, old?.http, id) : null,
    parameters: tool.parameters ?? null,
    timeout_seconds: tool.timeout_seconds ?? defaultToolTimeoutSeconds,
    execution_mode: tool.execution_mode ?? 'interactive',
    response_instructions: tool.response_instructions ?? null,
    dtmf_collected_arguments: tool.dtmf_collected_arguments ?? null,
  }
}

// A stored agent as others see it: the REST interface, and a session that is about to begin.
import { AgentRecord, completeTool, type SessionConfig } from '@parley/protocol'
import type { z } from 'zod'
import type { SecretBox } from '../secrets.js'
import type { StoredAgent } from '../storage/store.js'
import { llmPlace } from './agent-secrets.js'

/** The part of an agent's record that is stored as its document. */
export const AgentDocument = AgentRecord.omit({ id: true, created_at: true, updated_at: true })
export type AgentDocument = z.infer<typeof AgentDocument>

/** The record that the REST interface returns. It holds no secret. */
export const recordOf = ({ id, document, createdAt, updatedAt }: Omit<StoredAgent, 'secrets'>): AgentRecord => ({
  id,
  ...AgentDocument.parse(document),
  created_at: createdAt,
  updated_at: updatedAt,
})

/** A model that an agent brings itself. */
export interface LlmEndpoint {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string
}

/**
 * What a session needs of its agent (checklist 35): the settings, which hold no secret, and the agent's own model, if it
 * has one, with its key. Throws a `SealError` when the key was stored under another secret key.
 */
export function sessionConfigOf(
  agent: StoredAgent,
  secrets: SecretBox,
): { readonly config: SessionConfig; readonly llm: LlmEndpoint | undefined } {
  const document = AgentDocument.parse(agent.document)
  const [entry] = document.llm
  const sealed = agent.secrets[llmPlace(0)]
  return {
    config: {
      system_prompt: document.system_prompt,
      greeting: document.greeting,
      input: document.input,
      output: document.output,
      tools: document.tools.map((tool) => completeTool(tool, tool.http && { ...tool.http })),
      llm: document.llm,
      pre_connect_requests: document.pre_connect_requests.map((request) => ({ ...request })),
    },
    llm:
      entry === undefined || sealed === undefined
        ? undefined
        : {
            baseUrl: entry.base_url,
            model: entry.model,
            apiKey: secrets.open(sealed, `${agent.id}.${llmPlace(0)}`),
          },
  }
}

// A stored agent as others see it: the REST interface, and a session that is about to begin.
import {
  AgentRecord,
  completeTool,
  echoedLlm,
  echoedRequest,
  type HistorySettings,
  type SessionConfig,
} from '@parley/protocol'
import type { z } from 'zod'
import type { SecretBox } from '../secrets.js'
import type { StoredAgent } from '../storage/store.js'
import type { HttpTool } from '../tools/http-tool.js'
import type { McpServer } from '../tools/mcp-server.js'
import { llmPlace, openHeaders } from './agent-secrets.js'

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

/** What a session needs of its agent. Only `config` is ever shown to anybody. */
export interface SessionAgent {
  readonly config: SessionConfig
  /** The agent's own model, if it has one, with its key. */
  readonly llm: LlmEndpoint | undefined
  /** What may be kept of its sessions. */
  readonly history: HistorySettings | undefined
  /** The tools that the server runs for it, with their headers. */
  readonly httpTools: readonly HttpTool[]
  /** Servers whose tools it has besides. */
  readonly mcpServers: readonly McpServer[]
}

/**
 * What a session needs of its agent (checklist 35, 141): the settings, which hold no secret, and apart from them what
 * does. Throws a `SealError` when a secret was stored under another secret key.
 */
export function sessionConfigOf(agent: StoredAgent, secrets: SecretBox): SessionAgent {
  const document = AgentDocument.parse(agent.document)
  const [entry] = document.llm
  const sealed = agent.secrets[llmPlace(0)]
  return {
    config: configOf(document),
    llm:
      entry === undefined || sealed === undefined
        ? undefined
        : {
            baseUrl: entry.base_url,
            model: entry.model,
            apiKey: secrets.open(sealed, `${agent.id}.${llmPlace(0)}`),
          },
    history: document.parley?.history,
    httpTools: document.tools.flatMap(({ id, name, http, timeout_seconds }) => {
      if (!http) return []
      const headers = openHeaders(http.headers, { tool: id }, agent, secrets)
      return [{ name, url: http.url, method: http.http_method, headers, timeoutMs: timeout_seconds * 1000 }]
    }),
    mcpServers: (document.parley?.mcp_servers ?? []).map(({ name, url, headers, tools }) => ({
      name,
      url,
      headers: openHeaders(headers, { mcp: name }, agent, secrets),
      tools,
    })),
  }
}

function configOf(document: AgentDocument): SessionConfig {
  const { system_prompt, greeting, input, output, tools, llm, pre_connect_requests, parley } = document
  const { end_call, filler } = parley ?? {}
  const extensions = { ...(end_call !== undefined && { end_call }), ...(filler && { filler }) }
  return {
    system_prompt,
    greeting,
    input,
    output,
    tools: tools.map((tool) => completeTool(tool, tool.http && echoedRequest(tool.http))),
    llm: llm.map(echoedLlm),
    pre_connect_requests: pre_connect_requests.map((request) => ({ ...request })),
    ...(Object.keys(extensions).length > 0 && { parley: extensions }),
  }
}

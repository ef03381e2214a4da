// A stored agent as others see it: the REST interface, and a session that is about to begin.
import {
  AgentRecord,
  type AgentToolRecord,
  completeTool,
  echoedLlm,
  echoedRequest,
  type HistorySettings,
  limits,
  type SessionConfig,
  type Tool,
} from '@parley/protocol'
import type { z } from 'zod'
import type { PreConnectRequest } from '../phone/before-answer.js'
import { needsKeypad, type PhoneSettings, phoneSettingsOf } from '../phone/phone-settings.js'
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
  /** What it says about phones. */
  readonly phone: PhoneSettings
  /** Tools that `config` has not, because they are for the keypad of a phone. */
  readonly phoneTools: readonly Tool[]
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
    phone: phoneSettingsOf(document),
    phoneTools: document.tools.filter(needsKeypad).map(toolOf),
  }
}

/** What the agent says about phones, for who has the agent and no session. */
export const storedPhoneSettings = (agent: Pick<StoredAgent, 'document'>): PhoneSettings =>
  phoneSettingsOf(AgentDocument.parse(agent.document))

/** The requests to make before a call to the agent is answered. Throws a `SealError`, as `sessionConfigOf` does. */
export function preConnectOf(agent: StoredAgent, secrets: SecretBox): readonly PreConnectRequest[] {
  const { pre_connect_requests } = AgentDocument.parse(agent.document)
  return pre_connect_requests.map(({ http, sends, returns, timeout_ms, allow_overrides, on_failure }, index) => ({
    url: http.url,
    method: http.http_method,
    headers: openHeaders(http.headers, { preConnect: index }, agent, secrets),
    sends: sends ?? [],
    returns: (returns ?? []).map(({ name, path, default: otherwise }) => ({
      name,
      path,
      default: otherwise ?? undefined,
    })),
    timeoutMs: timeout_ms ?? limits.preConnectTimeoutMs,
    mayOverrideGreeting: allow_overrides?.includes('greeting') ?? false,
    isGate: on_failure === 'reject',
  }))
}

const toolOf = (tool: AgentToolRecord): Tool => completeTool(tool, tool.http && echoedRequest(tool.http))

function configOf(document: AgentDocument): SessionConfig {
  const { system_prompt, greeting, input, output, tools, llm, pre_connect_requests, parley } = document
  const { end_call, filler } = parley ?? {}
  const extensions = { ...(end_call !== undefined && { end_call }), ...(filler && { filler }) }
  return {
    system_prompt,
    greeting,
    input,
    output,
    tools: tools.filter((tool) => !needsKeypad(tool)).map(toolOf),
    llm: llm.map(echoedLlm),
    pre_connect_requests: pre_connect_requests.map((request) => ({ ...request })),
    ...(Object.keys(extensions).length > 0 && { parley: extensions }),
  }
}

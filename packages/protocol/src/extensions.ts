// What Parley offers beyond the original service: one member, `parley`, of an agent and of a session.
import { z } from 'zod'
import { HttpHeaderInput, HttpHeaderRecord } from './http.js'
import { limits } from './limits.js'
import { PhoneExtensions } from './phone.js'
import { list, unique, webUrl } from './schema-kit.js'

export const fillerModes = ['off', 'phrases', 'model'] as const

/** What the agent says while a tool takes long. */
export const Filler = z
  .strictObject({
    mode: z.enum(fillerModes).describe('`off`, one of `phrases`, or words of the language model.'),
    after_ms: z
      .number()
      .int()
      .min(200)
      .max(60_000)
      .optional()
      .describe('How long a tool may take, in ms, before something is said. Default 2500.'),
    phrases: list(z.string().min(1).max(200), 20, 1)
      .optional()
      .describe('What may be said, in turn; the server has some of its own.'),
  })
  .describe('What the agent says while a tool takes long. Never over the user.')
export type Filler = z.infer<typeof Filler>

/** What may be set for a session and for a stored agent. */
export const SessionExtensions = z
  .strictObject({
    end_call: z
      .boolean()
      .optional()
      .describe('Whether the agent may end the session: it hangs up once its goodbye was heard. Default false.'),
    filler: Filler.optional(),
  })
  .describe('Settings that only Parley has.')
export type SessionExtensions = z.infer<typeof SessionExtensions>

const mcpTools = 'Which of its tools the agent has; left out: all of them.'

export const McpServerInput = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, { error: 'must be up to 32 of a-z, 0-9, _ and -' })
      .regex(/^(?!aai(_|$))/, { error: "must not begin with 'aai_', which is reserved" })
      .describe('Name of the server, unique within the agent. Its tools are called by it, `_` and their own names.'),
    url: webUrl().describe('Its Streamable HTTP address.'),
    headers: list(HttpHeaderInput, limits.httpHeaders).optional().describe('Headers; their values are write-only.'),
    tools: list(z.string().min(1), limits.tools).optional().describe(mcpTools),
  })
  .describe('A server of the Model Context Protocol whose tools the agent may call.')
export type McpServerInput = z.infer<typeof McpServerInput>

/** What is kept of the sessions of an agent. */
export const HistorySettings = z
  .strictObject({
    keep: z
      .boolean()
      .optional()
      .describe('false: nothing is kept of what is said, neither sound nor text. Default true.'),
    record_audio: z.boolean().optional().describe('Whether sessions are recorded. Default true.'),
    retention_days: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe('After how many days a finished session is deleted; left out: as the server is set.'),
  })
  .describe('What is kept of the sessions of this agent.')
export type HistorySettings = z.infer<typeof HistorySettings>

const mcpServers = 'Servers whose tools the agent may call. A session asks them when it begins.'

/** A list of servers in which no name stands twice. */
const McpServerList = list(McpServerInput, limits.mcpServers).check(unique<McpServerInput>('name'))

/** What may be set for a stored agent. */
export const AgentExtensions = z
  .strictObject({
    ...SessionExtensions.shape,
    mcp_servers: McpServerList.optional().describe(mcpServers),
    history: HistorySettings.optional(),
    phone: PhoneExtensions.optional(),
  })
  .describe('Settings that only Parley has.')
export type AgentExtensions = z.infer<typeof AgentExtensions>

export const McpServerRecord = z
  .object({
    name: z.string().describe('Name of the server.'),
    url: z.string().describe('Its Streamable HTTP address.'),
    headers: z.array(HttpHeaderRecord).describe('The stored headers, without their values.'),
    tools: z.array(z.string()).optional().describe(mcpTools),
  })
  .describe('A server of the Model Context Protocol, as it is returned.')
export type McpServerRecord = z.infer<typeof McpServerRecord>

export const AgentExtensionsRecord = z
  .object({
    ...SessionExtensions.shape,
    mcp_servers: z.array(McpServerRecord).optional().describe(mcpServers),
    history: HistorySettings.optional(),
    phone: PhoneExtensions.optional(),
  })
  .describe('Settings that only Parley has.')
export type AgentExtensionsRecord = z.infer<typeof AgentExtensionsRecord>

// The form of the ids and times that the server gives out. What a client sends back is taken as it is.
import { z } from 'zod'

/** `prefix`, an underscore and 32 hexadecimal digits (checklist 30, 75, 146). */
const id = (prefix: string, description: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`))
    .describe(description)

export const SessionId = id('sess', 'The session: `sess_` and 32 hexadecimal digits.')
export const ItemId = id('msg', 'The item of the conversation: `msg_` and 32 hexadecimal digits.')
export const ReplyId = id('resp', 'The reply: `resp_` and 32 hexadecimal digits.')
export const AgentId = id('agent', 'The agent: `agent_` and 32 hexadecimal digits.')
export const ToolId = id('tool', 'The tool: `tool_` and 32 hexadecimal digits.')

/** A time of the REST interface: UTC, with microseconds and without a zone (checklist 148). */
export const NaiveTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)

/** `date` in the form of `NaiveTime`. */
export const naiveTime = (date: Date): string => date.toISOString().replace('Z', '000')

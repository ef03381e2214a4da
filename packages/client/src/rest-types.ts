// What goes into and comes out of the REST API (protocol.md sections 1.5 and 6.3), in the wire's own names.
import type { InputConfig, LlmEntry, OutputConfig, SessionPatch, Tool, ToolInput } from '@parley/protocol'

export interface AgentRecord {
  readonly id: string
  readonly name: string
  readonly system_prompt: string
  readonly greeting: string | null
  readonly voice: { readonly voice_id: string }
  readonly input: InputConfig
  readonly output: OutputConfig
  readonly tools: readonly Tool[]
  readonly llm: readonly LlmEntry[]
  readonly created_at: string
  readonly updated_at: string
}

export interface AgentInput {
  readonly name: string
  readonly system_prompt: string
  readonly voice: { readonly voice_id: string }
  readonly greeting?: string | null
  readonly input?: SessionPatch['input']
  readonly output?: SessionPatch['output']
  readonly tools?: readonly ToolInput[]
  readonly llm?: readonly (LlmEntry & { readonly api_key: string })[]
}
export type AgentPatch = Partial<AgentInput>

/** What a list tells of an agent. */
export type AgentSummary = Pick<AgentRecord, 'id' | 'name' | 'created_at' | 'updated_at'>
export interface AgentPage {
  readonly agents: readonly AgentSummary[]
  readonly has_more: boolean
  /** `next_cursor` is empty on the last page. */
  readonly response_metadata: { readonly next_cursor: string }
}

export interface TokenInput {
  /** How long the token may be used to open a session, 1 to 600; 60 when left out. */
  readonly expires_in_seconds?: number
}
export interface TokenRecord {
  readonly token: string
  readonly expires_at: string
}

/** A voice that an agent can have. */
export interface Voice {
  readonly voice_id: string
  /** The language that it speaks best, such as `en-US`. */
  readonly language: string
  /** Language and accent in words. */
  readonly accent: string
  /** A sentence to try the voice with, in its language. */
  readonly sample_text: string
}

// What goes into and comes out of the REST API (protocol.md sections 1.5 and 6.3), in the wire's own names.
import type {
  AccountList,
  AgentList,
  CallList,
  CreatedToken,
  KeyList,
  LlmEntry,
  PhoneNumberList,
  Scope,
  SessionList,
  SessionPatch,
  ToolInput,
  VoiceRecord,
  WebhookDeliveryList,
  WebhookDeliveryRecord,
  WebhookSubscriptionCreate,
  WebhookSubscriptionList,
  WebhookSubscriptionRecord,
  WebhookSubscriptionUpdate,
} from '@parley/protocol'

export type {
  AccountRecord,
  AgentRecord,
  AgentSummary,
  CallRecord,
  CreatedKey,
  KeyRecord,
  PhoneNumberRecord,
  Scope,
  SessionRecord,
  SessionSummary,
} from '@parley/protocol'
export type AgentPage = AgentList
export type SessionPage = SessionList
export type CallPage = CallList
export type PhoneNumberPage = PhoneNumberList
export type KeyPage = KeyList
export type AccountPage = AccountList
export type TokenRecord = CreatedToken
export type Voice = VoiceRecord
export type WebhookInput = WebhookSubscriptionCreate
export type WebhookPatch = WebhookSubscriptionUpdate
export type WebhookRecord = WebhookSubscriptionRecord
export type WebhookPage = WebhookSubscriptionList
export type WebhookDelivery = WebhookDeliveryRecord
export type WebhookDeliveryPage = WebhookDeliveryList

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

export interface TokenInput {
  /** How long the token may be used to open a session, 1 to 600; 60 when left out. */
  readonly expires_in_seconds?: number
}

export interface SessionFilter {
  readonly limit?: number
  readonly cursor?: string
  readonly status?: 'created' | 'completed'
  readonly agent_id?: string
}

export interface KeyInput {
  readonly name: string
  /** Without it: `agents`, `sessions`, `tokens` and `calls`. */
  readonly scopes?: readonly Scope[]
  /** How many sessions may run at once by the key and its tokens. */
  readonly max_sessions?: number | null
  readonly expires_in_seconds?: number | null
  /** Another account than one's own, for whom runs the server. */
  readonly account_id?: string
}

export interface CallInput {
  /** A number such as `+15550100`, which the server must allow. */
  readonly to: string
  /** A number of the account; left out: the agent's own, or the only one. */
  readonly from?: string
  /** Left out: the agent that `from` is assigned to. */
  readonly agent_id?: string
  /** What stands for `{{name}}` in the prompt and the greeting. */
  readonly variables?: Readonly<Record<string, string>>
  /** 5 to 600; 30 when left out. */
  readonly ring_timeout_seconds?: number
  readonly machine_detection?: boolean
}

export interface CallFilter {
  readonly limit?: number
  readonly cursor?: string
  readonly status?: 'dialing' | 'active' | 'ended' | 'failed' | 'refused'
  readonly direction?: 'inbound' | 'outbound'
  readonly agent_id?: string
}

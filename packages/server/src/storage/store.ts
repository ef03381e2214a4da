// What a store is: a few small repositories over one PostgreSQL database.
import type { Calls } from './call-records.js'
import type { Accounts, Keys, Tokens } from './credentials.js'
import type { PhoneNumbers } from './phone-numbers.js'
import type { Repeats } from './repeats.js'
import type { Deliveries } from './webhook-deliveries.js'
import type { Webhooks } from './webhooks.js'

export type * from './credentials.js'

/** All that is stored belongs to an account, and is found only through it. */
export type AccountId = string

/** The account that keys belong to as long as there is no other. */
export const defaultAccountId: AccountId = 'default'

export interface Store {
  /** Where the data lies, as a person reads it; holds no password. */
  readonly description: string
  readonly accounts: Accounts
  readonly keys: Keys
  readonly agents: Agents
  readonly tokens: Tokens
  readonly repeats: Repeats
  readonly sealed: SealedSecrets
  readonly sessions: SessionRecords
  readonly webhooks: Webhooks
  readonly deliveries: Deliveries
  readonly conversations: Conversations
  readonly calls: Calls
  readonly phoneNumbers: PhoneNumbers
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>
  /** Lets running queries finish, then frees everything. */
  close(): Promise<void>
}

/** A secret as it is stored: the SHA-256 of its text. */
export type Hash = Uint8Array

/** Which entries of a list, newest first. `after` is a `next` of an earlier page; `next` is undefined on the last one. */
export interface PageOf {
  readonly limit: number
  readonly after: string | undefined
}

// ── Agents ──

export interface StoredAgent {
  readonly id: string
  /** The agent as the REST interface shows it, without id and times. */
  readonly document: Readonly<Record<string, unknown>>
  /** Its secrets, each sealed, by the place that they belong to. */
  readonly secrets: Readonly<Record<string, string>>
  /** UTC without a zone, to the microsecond: `2026-09-24T00:52:06.150269` (checklist 148). */
  readonly createdAt: string
  readonly updatedAt: string
}

export type AgentContent = Pick<StoredAgent, 'document' | 'secrets'>

export interface StoredAgentSummary extends Pick<StoredAgent, 'id' | 'createdAt' | 'updatedAt'> {
  readonly name: string
}

export interface Agents {
  create(accountId: AccountId, id: string, content: AgentContent): Promise<StoredAgent>
  find(accountId: AccountId, id: string): Promise<StoredAgent | undefined>
  list(
    accountId: AccountId,
    page: PageOf,
  ): Promise<{ readonly agents: readonly StoredAgentSummary[]; readonly next: string | undefined }>
  /** Replaces the content by what `change` makes of it; nobody else changes the agent meanwhile. What `change` throws is passed on. */
  update(
    accountId: AccountId,
    id: string,
    change: (current: StoredAgent) => AgentContent,
  ): Promise<StoredAgent | undefined>
  /** The account that has the agent, for a carrier that was told of no account. */
  accountOf(id: string): Promise<AccountId | undefined>
  /** Whether there was such an agent. */
  remove(accountId: AccountId, id: string): Promise<boolean>
}

// ── Sealed secrets ──

export interface SealedSecret {
  readonly envelope: string
  /** What it was sealed for. */
  readonly place: string
  /** The table and the row, as a person may read them. */
  readonly where: string
}

export interface SealedSecrets {
  /**
   * Goes through every sealed secret there is. What `change` returns takes its place; undefined leaves it. Rows are
   * changed some at a time, so that nobody waits for long, and what is done stays done when it is cut short.
   */
  each(change: (secret: SealedSecret) => string | undefined): Promise<void>
}

// ── Sessions ──

export interface NewSession {
  readonly id: string
  readonly accountId: AccountId
  readonly agentId: string | undefined
  /** The settings at the start, without secrets; undefined where nothing of what is said is kept. */
  readonly config: Readonly<Record<string, unknown>> | undefined
  /** After how many days it goes; undefined: as the server is set. */
  readonly retentionDays: number | undefined
  readonly createdAt: Date
}

export interface SessionEnd {
  readonly closeReason: string
  readonly durationSeconds: number
  readonly endedAt: Date
}

/** A file that is kept of a session, and where it lies. */
export interface StoredArtifact {
  readonly type: 'audio' | 'timeline' | 'metadata'
  readonly place: 'disk' | 's3'
}

/** Times: UTC without a zone, to the microsecond (checklist 148). */
export interface StoredSessionSummary {
  readonly id: string
  readonly agentId: string | null
  readonly status: 'created' | 'completed'
  readonly closeReason: string | null
  readonly durationSeconds: number | null
  readonly createdAt: string
  readonly endedAt: string | null
}

export interface StoredSession extends StoredSessionSummary {
  readonly config: Readonly<Record<string, unknown>> | null
  readonly artifacts: readonly StoredArtifact[]
}

export interface SessionPage {
  readonly limit: number
  /** A `next` of an earlier page. */
  readonly after: string | undefined
  readonly status: 'created' | 'completed' | undefined
  readonly agentId: string | undefined
}

/** A session whose server was lost, as it ended by that. */
export interface LostSession extends Pick<NewSession, 'id' | 'accountId' | 'agentId' | 'createdAt'>, SessionEnd {}

/** What is known of a session whose files were found. */
export type SessionFate =
  | { readonly is: 'open' | 'deleted' | 'unknown' }
  /** `hasFiles`: somebody has said where they lie. */
  | ({ readonly is: 'completed'; readonly hasFiles: boolean } & SessionEnd)

export interface SessionRecords {
  /** Nothing happens when it is there already: a session may outlive its server. */
  create(session: NewSession): Promise<void>
  /** Also when `create` did not come through. */
  complete(session: NewSession, end: SessionEnd): Promise<void>
  /** Says where the files of a session lie. False when the session was deleted meanwhile. */
  publish(id: string, artifacts: readonly StoredArtifact[]): Promise<boolean>
  find(accountId: AccountId, id: string): Promise<StoredSession | undefined>
  /** Newest first; `next` is undefined on the last page. */
  list(
    accountId: AccountId,
    page: SessionPage,
  ): Promise<{ readonly sessions: readonly StoredSessionSummary[]; readonly next: string | undefined }>
  /** Takes the session out of every answer, and its settings with it; gives the files that are now to be deleted. Undefined: there is none. */
  remove(accountId: AccountId, id: string): Promise<readonly StoredArtifact[] | undefined>
  /** Removes those that are older than their agent, or else `days`, allows; `days` 0: for ever. Returns how many. */
  expire(now: Date, days: number, limit: number): Promise<number>
  /** Sessions that are deleted and whose files, all of which lie in `places`, are not yet. */
  uncleared(
    places: readonly StoredArtifact['place'][],
    limit: number,
  ): Promise<readonly { readonly id: string; readonly artifacts: readonly StoredArtifact[] }[]>
  /** The files of a deleted session are gone. */
  cleared(id: string): Promise<void>
  /** Takes away up to `limit` rows of sessions that were deleted so long ago and of which nothing is left. Returns how many. */
  forget(agoSeconds: number, limit: number): Promise<number>
  /** These sessions are alive. */
  seen(ids: readonly string[], now: Date): Promise<void>
  /**
   * Closes sessions of which no server has said since `unseenSince` that it holds them, or all when that is undefined, as
   * of when one last did. `except`: sessions that may still be resumed. Returns those that were closed.
   */
  closeOrphans(unseenSince: Date | undefined, except: readonly string[]): Promise<readonly LostSession[]>
  fate(id: string): Promise<SessionFate>
}

// ── Conversations of sessions that can be resumed ──

export interface PutConversation {
  /** The session's id. */
  readonly id: string
  readonly accountId: AccountId
  readonly agentId: string | undefined
  /** The stored key that it was opened with, by itself or by a token of it. */
  readonly keyId: string | undefined
  /** The server that holds the session. */
  readonly holder: string
  /** Of the temporary token that the session was opened with. */
  readonly tokenHash: Hash | undefined
  /** When the session is over at the latest, as Unix time in ms. */
  readonly expiresAtUnixMs: number
  /** Anything that JSON can say. */
  readonly state: unknown
}

export interface KeptConversation {
  readonly state: unknown
  readonly agentId: string | undefined
  readonly keyId: string | undefined
  readonly tokenHash: Hash | undefined
  /** How long ago the holder gave its last sign of life, in ms. */
  readonly silentForMs: number
}

export interface Conversations {
  /** Stores the conversation as it is now. False when another server has claimed it since: it is none of the holder's business any more. */
  put(conversation: PutConversation): Promise<boolean>
  /** Whose conversation it is. `isOver`: its time has run out, and nothing is kept but that it was. */
  find(id: string): Promise<{ readonly accountId: AccountId; readonly isOver: boolean } | undefined>
  /** Makes it the conversation of `holder`, whoever held it before; undefined when there is nothing to go on with. */
  claim(id: string, holder: string): Promise<KeptConversation | undefined>
  /** The session that was opened with the token. */
  openedWith(tokenHash: Hash): Promise<string | undefined>
  /** The session has ended. */
  remove(id: string, holder: string): Promise<void>
  /** The session has lived its longest: what was said is forgotten, that it was is kept for a while. */
  expire(id: string, holder: string): Promise<void>
  /** A sign of life of a server. */
  alive(holder: string): Promise<void>
  /** Sessions that can be resumed, whose holder gave a sign of life less than `withinMs` ago. */
  resumable(withinMs: number): Promise<readonly string[]>
  /** Nothing is kept of what was said, whoever holds it, nor of what will be. */
  forget(id: string): Promise<void>
  /** Takes away what nobody can resume any more, an hour after. */
  forgetOld(): Promise<void>
}

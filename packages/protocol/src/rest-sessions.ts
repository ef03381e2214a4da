// Sessions as the REST interface shows them (protocol section 6.4).
import { z } from 'zod'
import { AgentId, NaiveTime, SessionId } from './ids.js'
import { NextPage, PageQuery } from './paging.js'

export const sessionStatuses = ['created', 'completed'] as const
export const artifactTypes = ['audio', 'timeline', 'metadata'] as const

export const SessionQuery = z
  .object({
    ...PageQuery.shape,
    status: z.enum(sessionStatuses).optional().describe('Only sessions that are open, or only those that have ended.'),
    agent_id: z.string().optional().describe('Only sessions of this agent.'),
  })
  .describe('Which page of the sessions.')
export type SessionQuery = z.infer<typeof SessionQuery>

export const SessionSummary = z
  .object({
    id: SessionId,
    agent_id: AgentId.nullable().describe('The stored agent; null when the client sent the settings itself.'),
    status: z.enum(sessionStatuses).describe('`created` while the session is open, then `completed`.'),
    public_close_reason: z
      .string()
      .nullable()
      .describe(
        'Why it ended: `client_end`, `participant_disconnected`, `agent_end`, `transferred`, `idle`, `max_duration`, `server_stopping` or `error`; null while it is open.',
      ),
    duration_seconds: z.number().nullable().describe('From `session.ready` to the end; null while it is open.'),
    created_at: NaiveTime.describe('When it began, UTC.'),
    ended_at: NaiveTime.nullable().describe('When it ended, UTC; null while it is open.'),
  })
  .describe('A session, in a list.')
export type SessionSummary = z.infer<typeof SessionSummary>

export const SessionList = z
  .object({ sessions: z.array(SessionSummary).describe('The sessions, newest first.'), ...NextPage })
  .describe('A page of sessions.')
export type SessionList = z.infer<typeof SessionList>

export const Artifact = z
  .object({
    type: z
      .enum(artifactTypes)
      .describe(
        '`audio`: Ogg/Opus, the user on the left, the agent as it was heard on the right. `timeline`: the turns, with their latency. `metadata`: about the recording.',
      ),
    url: z.string().describe('Where to fetch it, for an hour, without a key.'),
    content_type: z.string().describe('Its type.'),
  })
  .describe('What is kept of a session.')
export type Artifact = z.infer<typeof Artifact>

export const SessionRecord = z
  .object({
    ...SessionSummary.shape,
    config: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The settings at the start, without secrets; null where nothing is kept.'),
    artifacts: z
      .array(Artifact)
      .describe('What is kept; empty until the session has ended, and where nothing is kept.'),
  })
  .describe('A session.')
export type SessionRecord = z.infer<typeof SessionRecord>

// What is published: the body of an event about a session, and its identity.
import { createHash } from 'node:crypto'
import type { WebhookEventName, WebhookSessionEvent } from '@parley/protocol'
import type { NewEvent } from '../storage/webhook-deliveries.js'

/** A session as its events tell of it. Times are Unix times in ms. */
export interface SessionFacts {
  readonly id: string
  readonly accountId: string
  readonly agentId: string | undefined
  readonly startedAt: number
  /** Undefined while it goes on. */
  readonly ended: { readonly at: number; readonly reason: string } | undefined
}

/** Something that happened, for whoever has subscribed to it. `details` go into the body beside what every event has. */
export interface Happening {
  readonly accountId: string
  readonly event: WebhookEventName
  /** The call that it happened to, where it happened to one. */
  readonly callId?: string
  /** Calls may have none; whatever happens to none has one. */
  readonly sessionId: string | undefined
  readonly agentId: string | undefined
  readonly at: number
  readonly details: Readonly<Record<string, unknown>>
}

/** `session.started`, or `session.completed` once it has ended. */
export function sessionHappening({ id, accountId, agentId, startedAt, ended }: SessionFacts): Happening {
  const session: WebhookSessionEvent['session'] = {
    id,
    status: ended ? 'completed' : 'created',
    duration_seconds: ended ? (ended.at - startedAt) / 1000 : null,
    public_close_reason: ended?.reason ?? null,
    started_at: isoTime(startedAt),
    ended_at: ended ? isoTime(ended.at) : null,
  }
  const event = ended ? 'session.completed' : 'session.started'
  return { accountId, event, sessionId: id, agentId, at: ended?.at ?? startedAt, details: { session } }
}

/** As it is stored and posted (Q25). */
export function eventOf(happening: Happening): NewEvent {
  const { accountId, event, sessionId, agentId, at, details } = happening
  const eventId = eventIdOf(subjectOf(happening), event)
  const body = {
    event,
    event_id: eventId,
    created_at: isoTime(at),
    session_id: sessionId ?? null,
    agent_id: agentId ?? null,
    ...details,
  }
  // deliveries are looked up by the session; those of a call that had none, by the call
  return {
    accountId,
    event,
    eventId,
    sessionId: sessionId ?? subjectOf(happening),
    agentId,
    body: JSON.stringify(body),
  }
}

/** What the event happened to, which is what its order counts for. */
export const subjectOf = ({ callId, sessionId }: Happening): string => callId ?? sessionId ?? ''

/** An event happens to a session or a call once, so both make its id: whoever publishes it again, after a restart say, adds nothing. */
const eventIdOf = (subject: string, event: WebhookEventName): string =>
  `evt_${createHash('sha256').update(`${event} ${subject}`).digest('hex').slice(0, 32)}`

const isoTime = (unixMs: number): string => new Date(unixMs).toISOString()

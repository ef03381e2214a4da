// A call as others are told of it: the record of the REST interface, and what is posted when it is connected and when it is over.
import { type CallRecord, naiveTime, type WebhookCallEvent } from '@parley/protocol'
import type { StoredCall } from '../storage/call-records.js'
import type { Happening } from '../webhooks/events.js'
import { carrierNames, type PhoneCall } from './call.js'

/** A call as the line and the agent know it. */
export const phoneCallOf = (call: StoredCall): PhoneCall => ({
  id: call.id,
  accountId: call.accountId,
  keyId: call.keyId,
  agentId: call.agentId,
  carrier: carrierNames.find((name) => name === call.carrier) ?? 'twilio',
  carrierCallId: call.carrierCallId ?? '',
  direction: call.direction,
  from: call.from,
  to: call.to,
  variables: call.variables,
  greeting: call.greeting,
  // one that has handed the call on is over, and another one begins
  sessionId: call.transfer === undefined ? call.sessionId : undefined,
})

export const callRecord = (call: StoredCall): CallRecord => ({
  id: call.id,
  status: call.status,
  reason: call.reason ?? null,
  direction: call.direction,
  agent_id: call.agentId,
  from_number: call.from,
  to_number: call.to,
  session_id: call.sessionId ?? null,
  duration_seconds: durationOf(call),
  carrier: call.carrier,
  carrier_call_id: call.carrierCallId ?? null,
  created_at: naiveTime(call.createdAt),
  answered_at: call.answeredAt ? naiveTime(call.answeredAt) : null,
  ended_at: call.endedAt ? naiveTime(call.endedAt) : null,
})

/** `call.connected` while it goes on, then `call.ended`; `call.failed` where nobody talked, or it broke off. */
export function callHappening(call: StoredCall, at: number): Happening {
  const event = call.endedAt === undefined ? 'call.connected' : call.status === 'ended' ? 'call.ended' : 'call.failed'
  const details: WebhookCallEvent['call'] = {
    call_id: call.id,
    session_id: call.sessionId ?? null,
    status: call.status,
    reason: call.reason ?? null,
    direction: call.direction,
    from_number: call.from,
    to_number: call.to,
    duration_seconds: durationOf(call),
    created_at: call.createdAt.toISOString(),
  }
  return {
    accountId: call.accountId,
    event,
    callId: call.id,
    sessionId: call.sessionId,
    agentId: call.agentId,
    at,
    details: { call: details },
  }
}

const durationOf = ({ answeredAt, endedAt }: StoredCall): number | null =>
  answeredAt && endedAt ? Math.max(0, endedAt.getTime() - answeredAt.getTime()) / 1000 : null

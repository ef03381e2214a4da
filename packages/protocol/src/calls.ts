// Telephone calls and the numbers that agents answer (protocol section 6.6).
import { z } from 'zod'
import { AgentId, NaiveTime, SessionId } from './ids.js'
import { NextPage, PageQuery } from './paging.js'
import { PhoneNumber } from './phone.js'
import { isObject } from './schema-kit.js'

export const callStatuses = ['dialing', 'active', 'ended', 'failed', 'refused'] as const
export const callDirections = ['inbound', 'outbound'] as const
export type CallStatus = (typeof callStatuses)[number]
export type CallDirection = (typeof callDirections)[number]

const MOST_VARIABLES = 50
const texts = {
  from: 'The number that the call comes from, as the carrier tells it.',
  to: 'The number that is called, as the carrier tells it.',
}

/** `to` and `from` are accepted by the names that records have for them, too. */
const renamed = (body: unknown): unknown => {
  if (!isObject(body)) return body
  const { to_number, from_number, ...rest } = body
  return {
    ...(to_number !== undefined && { to: to_number }),
    ...(from_number != null && { from: from_number }),
    ...rest,
  }
}

const CallFields = z.object({
  to: PhoneNumber.describe('The number to call, such as `+15550100`; `to_number` is the same.'),
  from: PhoneNumber.nullish().describe(
    "The number to call from, one of the account; `from_number` is the same. Without it: the agent's `caller_id`, or the account's only number.",
  ),
  agent_id: z
    .string()
    .min(1)
    .max(256)
    .nullish()
    .describe('The agent that speaks. Without it: the agent that the number to call from is assigned to.'),
  variables: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, { error: 'must be a name such as order_id' }),
      z.string().max(4096),
    )
    .refine((variables) => Object.keys(variables).length <= MOST_VARIABLES, {
      error: `must hold at most ${MOST_VARIABLES} names`,
    })
    .nullish()
    .describe('What stands for `{{name}}` in the prompt and the greeting of the agent, by name.'),
  ring_timeout_seconds: z
    .number()
    .int()
    .min(5)
    .max(600)
    .nullish()
    .describe('How long the telephone may ring, 5 to 600. Default 30.'),
  machine_detection: z
    .boolean()
    .nullish()
    .describe(
      'Whether the carrier finds out if a machine has answered; what then happens is a setting of the agent. Default true.',
    ),
})

export const CallCreate = z.preprocess(renamed, CallFields).describe('A call to make.')
export type CallCreate = z.infer<typeof CallCreate>

export const CallRecord = z
  .object({
    id: z
      .string()
      .regex(/^call_[0-9a-f]{32}$/)
      .describe('The call: `call_` and 32 hexadecimal digits.'),
    status: z
      .enum(callStatuses)
      .describe(
        '`dialing` until somebody talks, then `active`, then `ended`. `failed`: nobody answered, or it broke off. `refused`: it was not let in.',
      ),
    reason: z
      .string()
      .nullable()
      .describe(
        'Why it is over, such as `agent_end`, `hung_up`, `transferred`, `no_answer` or `busy`; null while it goes on.',
      ),
    direction: z.enum(callDirections).describe('Whether somebody has called the agent, or the agent somebody.'),
    agent_id: AgentId.describe('The agent that speaks.'),
    from_number: z.string().describe(texts.from),
    to_number: z.string().describe(texts.to),
    session_id: SessionId.nullable().describe('The session, or the last of several; null until there is one.'),
    duration_seconds: z
      .number()
      .nullable()
      .describe('From the answer to the end; null while it goes on, and if nobody answered.'),
    carrier: z.string().describe('Who carries the call: `twilio` or `telnyx`.'),
    carrier_call_id: z.string().nullable().describe("The carrier's own name for the call; null until it has one."),
    created_at: NaiveTime.describe('When it began to ring or was asked for, UTC.'),
    answered_at: NaiveTime.nullable().describe('When it was answered, UTC.'),
    ended_at: NaiveTime.nullable().describe('When it ended, UTC; null while it goes on.'),
  })
  .describe('A telephone call.')
export type CallRecord = z.infer<typeof CallRecord>

export const CallList = z
  .object({ calls: z.array(CallRecord).describe('The calls, newest first.'), ...NextPage })
  .describe('A page of the calls.')
export type CallList = z.infer<typeof CallList>

export const CallQuery = z
  .object({
    ...PageQuery.shape,
    status: z.enum(callStatuses).optional().describe('Only calls that are at this point.'),
    direction: z.enum(callDirections).optional().describe('Only calls in this direction.'),
    agent_id: z.string().optional().describe('Only calls of this agent.'),
  })
  .describe('Which page of the calls.')
export type CallQuery = z.infer<typeof CallQuery>

export const PhoneNumberAssignment = z
  .object({ agent_id: z.string().min(1).max(256).describe('The agent that answers.') })
  .describe('Who answers a number.')
export type PhoneNumberAssignment = z.infer<typeof PhoneNumberAssignment>

export const PhoneNumberRecord = z
  .object({
    id: z
      .string()
      .regex(/^phone_[0-9a-f]{32}$/)
      .describe('The number, as an id: `phone_` and 32 hexadecimal digits.'),
    phone_number: PhoneNumber.describe('The number, such as `+15550100`.'),
    agent_id: AgentId.nullable().describe('The agent that answers it; null: nobody does.'),
    type: z.literal('imported').describe('Always `imported`: numbers are bought at a carrier.'),
    termination_uri: z.null().describe('Always null.'),
    country_code: z.null().describe('Always null.'),
    number_type: z.null().describe('Always null.'),
    label: z.null().describe('Always null.'),
    created_at: NaiveTime.describe('When it was made known, UTC.'),
    updated_at: NaiveTime.describe('When it was last assigned, UTC.'),
  })
  .describe('A telephone number of the account.')
export type PhoneNumberRecord = z.infer<typeof PhoneNumberRecord>

export const PhoneNumberList = z
  .object({ phone_numbers: z.array(PhoneNumberRecord).describe('The numbers, newest first.'), ...NextPage })
  .describe('A page of the telephone numbers of the account.')
export type PhoneNumberList = z.infer<typeof PhoneNumberList>

/** The body of a delivery about a call, as a receiver reads it. */
export const WebhookCallEvent = z
  .object({
    event: z.enum(['call.connected', 'call.ended', 'call.failed']).describe('What happened.'),
    event_id: z.string().describe('The event. A receiver that has seen it before has nothing to do.'),
    created_at: z.iso.datetime().describe('When it happened, UTC.'),
    session_id: z.string().nullable().describe('The session of the call; null: there was none.'),
    agent_id: z.string().describe('The stored agent of the call.'),
    call: z
      .object({
        call_id: z.string().describe('The call.'),
        session_id: z.string().nullable().describe('The session of the call; null: there was none.'),
        status: z.enum(callStatuses).describe('At what point the call is.'),
        reason: z.string().nullable().describe('Why it is over; null while it goes on.'),
        direction: z.enum(callDirections).describe('Who has called whom.'),
        from_number: z.string().describe(texts.from),
        to_number: z.string().describe(texts.to),
        duration_seconds: z.number().nullable().describe('From the answer to the end; null while it goes on.'),
        created_at: z.iso.datetime().describe('When it began, UTC.'),
      })
      .describe('The call as it stands.'),
  })
  .describe('What is posted for an event of a call.')
export type WebhookCallEvent = z.infer<typeof WebhookCallEvent>

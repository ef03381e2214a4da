// What a carrier asks, read: the fields of its form and of the address that it was given.
import { z } from 'zod'
import type { CarrierName } from './call.js'

const text = z
  .string()
  .max(512)
  .regex(/^[^\0]*$/)
const optional = text.optional().catch(undefined)

/** Twilio's names, which Telnyx has taken over. */
const Fields = z.object({
  CallSid: text.min(1),
  From: text.catch(''),
  To: text.catch(''),
  CallStatus: optional,
  /** How the call went that this one was handed on to. */
  DialCallStatus: optional,
  AnsweredBy: optional,
})

/** What this server has put into the address. */
const Query = z.object({
  call: optional,
  agent_id: optional,
  leg: z.coerce.number().int().optional().catch(undefined),
})

export interface Asked extends z.infer<typeof Fields>, Omit<z.infer<typeof Query>, 'agent_id'> {
  readonly carrier: CarrierName
  /** This server as the carrier knows it, without a slash at the end. */
  readonly address: string
  readonly agentId: string | undefined
}

/** Undefined for what is about no call. */
export function readAsked(carrier: CarrierName, address: string, query: unknown, body: string): Asked | undefined {
  const fields = Fields.safeParse(Object.fromEntries(new URLSearchParams(body)))
  if (!fields.success) return undefined
  const { agent_id: agentId, ...rest } = Query.parse(query ?? {})
  return { carrier, address, ...fields.data, ...rest, agentId }
}

/** Statuses of a call that is over, and why, in the words of a record. */
const endings: ReadonlyMap<string, { readonly status: 'ended' | 'failed'; readonly reason: string }> = new Map([
  ['completed', { status: 'ended', reason: 'hung_up' }],
  ['busy', { status: 'failed', reason: 'busy' }],
  ['no-answer', { status: 'failed', reason: 'no_answer' }],
  ['canceled', { status: 'failed', reason: 'canceled' }],
  ['failed', { status: 'failed', reason: 'not_reachable' }],
])

/** How the call ended, if the carrier says that it did. */
export const endingOf = ({ CallStatus }: Pick<Asked, 'CallStatus'>) => endings.get(CallStatus ?? '')

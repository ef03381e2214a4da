// What the desk for carriers is given, and what it does in more than one place.
import type { Problem } from '@parley/protocol'
import type { Clock } from '../session/clock.js'
import type { Owner } from '../session/places.js'
import type { SessionLog } from '../session/session.js'
import type { StoredCall } from '../storage/call-records.js'
import type { Store } from '../storage/store.js'
import type { AgentAnswers } from './agent-answers.js'
import type { Answers } from './answers.js'
import type { Asked } from './asked.js'
import { type CarrierName, carrierPath } from './call.js'
import { socketAddress } from './public-address.js'
import type { CallSwitchboard } from './switchboard.js'

export interface DeskPorts {
  readonly store: Pick<Store, 'calls' | 'phoneNumbers' | 'agents'>
  readonly switchboard: CallSwitchboard
  readonly answers: Answers
  readonly agents: AgentAnswers
  readonly clock: Clock
  readonly log: SessionLog
  /** Why the account can have no session now; undefined while it can. */
  refusal(owner: Owner): Problem | undefined
  /** Hangs up at the carrier; resolves also for a call that is over. */
  hangUp(call: StoredCall): Promise<void>
  /** Whether calls may go to this number. */
  mayCall(number: string): boolean
  /** How long a call may last, in seconds. */
  readonly mostSeconds: number
  /** How long a session waits for a line that was lost, in ms. */
  readonly graceMs: number
  /** What a caller hears when something went wrong. */
  readonly apology: string
}

/** Where the carrier is to ask about a call, with what is to be known there. */
export function askPath(
  carrier: CarrierName,
  what: 'voice' | 'after' | 'status' | 'machine',
  about: Readonly<Record<string, string | number>>,
): string {
  const query = Object.entries(about).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return [carrierPath(carrier, what), ...(query.length > 0 ? [query.join('&')] : [])].join('?')
}

/** The answer that connects the call; hangs up where it is over, or where somebody else has answered. */
export async function connectCall(call: StoredCall, { carrier, address }: Asked, ports: DeskPorts): Promise<string> {
  const { switchboard, answers } = ports
  const issued = await switchboard.ticketFor(call)
  if (!issued) return answers.hangUp()
  return answers.connect(carrier, {
    media: socketAddress(address) + carrierPath(carrier, 'media'),
    after: address + askPath(carrier, 'after', { call: call.id, leg: issued.leg }),
    ticket: issued.ticket,
  })
}

/** The call that the carrier asks about: by the address that it was given, or by its own name for it. */
export async function callAsked(asked: Asked, { store }: Pick<DeskPorts, 'store'>): Promise<StoredCall | undefined> {
  const { carrier, CallSid, call: id } = asked
  if (id === undefined) return store.calls.withCarrierId(carrier, CallSid)
  const call = await store.calls.withId(id)
  const isSame = call?.carrier === carrier && (call.carrierCallId ?? CallSid) === CallSid
  return isSame ? call : undefined
}

export const isOver = ({ status }: Pick<StoredCall, 'status'>): boolean => status !== 'dialing' && status !== 'active'

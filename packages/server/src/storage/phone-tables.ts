// The tables of the telephone as the query layer sees them. Times are given by who stores, so that waiting can be tried in virtual time.
import type { CallDirection, CallStatus } from '@parley/protocol'
import type { Generated, JSONColumnType } from 'kysely'

/**
 * Where the line of a call is: not there yet, connected to a session, lost while the session may go on, over with its
 * session, or handed on to somebody else.
 */
export type CallLine = 'none' | 'up' | 'lost' | 'over' | 'transferred'

export interface CallTable {
  position: Generated<string>
  id: string
  account_id: string
  /** No foreign key: the limits of a day outlive the key. */
  key_id: string | null
  /** No foreign key: the record outlives its agent. */
  agent_id: string
  carrier: string
  carrier_call_id: string | null
  direction: CallDirection
  status: CallStatus
  line: CallLine
  /** Counts the answers that the carrier was to come back from; one that comes back twice is a replay. */
  leg: number
  reason: string | null
  from_number: string
  to_number: string
  /** Empty once the call is over. */
  variables: JSONColumnType<Readonly<Record<string, string>>, string | undefined, string>
  greeting: string | null
  session_id: string | null
  transfer: string | null
  /** Whether a machine is known to have answered. */
  is_machine: Generated<boolean>
  ticket_hash: Uint8Array | null
  ticket_until: Date | null
  /** What whoever holds the line is to do, where that is another server than the one that was asked. */
  message: JSONColumnType<LineOrder> | null
  created_at: Date
  answered_at: Date | null
  ended_at: Date | null
  /** When the line last changed, or was last said to be held. */
  seen_at: Date
}

/** What is asked of whoever holds a line. */
export type LineOrder = { readonly do: 'hang_up' } | { readonly do: 'leave_message'; readonly message: string | null }

export interface PhoneNumberTable {
  position: Generated<string>
  /** In the form of E.164; belongs to one account alone. */
  number: string
  id: string
  account_id: string
  agent_id: string | null
  created_at: Date
  updated_at: Date
}

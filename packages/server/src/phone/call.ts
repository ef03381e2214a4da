// What the parts of the telephone know of a call, and what the line asks of whoever keeps the calls.
import type { Departure } from '../session/session.js'

export const carrierNames = ['twilio', 'telnyx'] as const
export type CarrierName = (typeof carrierNames)[number]

/** Where a carrier asks about calls, tells of them, and brings their sound, below the public address. */
export const carrierPath = (carrier: CarrierName, what: 'voice' | 'after' | 'status' | 'machine' | 'media'): string =>
  `/v1/${carrier}/${what}`

export interface PhoneCall {
  /** `call_` and 32 hex digits. */
  readonly id: string
  readonly accountId: string
  /** Of the API key that placed the call, whose limits it counts for; undefined for calls that came in. */
  readonly keyId: string | undefined
  /** The most sessions of that key, known to whoever redeems a ticket; undefined: as many as its account may have. */
  readonly maxSessions?: number | undefined
  readonly agentId: string
  readonly carrier: CarrierName
  /** The carrier's own name for the call. */
  readonly carrierCallId: string
  readonly direction: 'inbound' | 'outbound'
  /** Telephone numbers, such as `+15550100`; also what the carrier says of callers that hide theirs. */
  readonly from: string
  readonly to: string
  /** What stands for `{{name}}` in the prompt and the greeting. */
  readonly variables: Readonly<Record<string, string>>
  /** Takes the place of the agent's greeting. */
  readonly greeting: string | undefined
  /** The session that goes on: its line was lost, or somebody could not be reached. */
  readonly sessionId: string | undefined
}

/** Who keeps the calls, as the line sees it. */
export interface Switchboard {
  /** The call whose ticket this is. A ticket counts once, for the carrier's call that it was made for, and not for long. */
  redeem(carrier: CarrierName, ticket: string, carrierCallId: string): Promise<PhoneCall | undefined>
  /** The session of the call has a line. `hangUp` ends it in good order: the caller hears nothing more. */
  connected(call: PhoneCall, sessionId: string, line: ConnectedLine): void
  /**
   * The line is gone. `end`: how the session ended, or that it goes on elsewhere; undefined while it may be resumed
   * here. `sessionId`: undefined when there was no place for a session.
   */
  disconnected(call: PhoneCall, sessionId: string | undefined, end: LineEnd | undefined): void
}

export interface ConnectedLine {
  hangUp(): void
  /** A machine has answered; it is left `message`, if any, and then the agent hangs up. */
  answeredByMachine(message: string | undefined): void
}

export interface LineEnd {
  readonly reason: Departure
  /** Name of the transfer target that the call goes to now. */
  readonly transfer: string | undefined
}

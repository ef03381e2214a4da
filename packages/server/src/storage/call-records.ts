// Telephone calls as a store keeps them.
import type { CallDirection, CallStatus } from '@parley/protocol'
import type { CallLine, LineOrder } from './phone-tables.js'
import type { AccountId, Hash, PageOf } from './store.js'

export interface NewCall {
  readonly id: string
  readonly accountId: AccountId
  readonly keyId: string | undefined
  readonly agentId: string
  readonly carrier: string
  readonly carrierCallId: string | undefined
  readonly direction: CallDirection
  readonly from: string
  readonly to: string
  readonly variables: Readonly<Record<string, string>>
}

export interface StoredCall extends NewCall {
  readonly status: CallStatus
  readonly line: CallLine
  readonly leg: number
  readonly reason: string | undefined
  readonly greeting: string | undefined
  readonly sessionId: string | undefined
  /** Name of the target that it was handed on to. */
  readonly transfer: string | undefined
  /** Whether a line was let in since the carrier was last told to connect. */
  readonly ticketUsed: boolean
  readonly createdAt: Date
  readonly answeredAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly seenAt: Date
}

/** What may change while a call goes on. */
export type CallChange = Partial<
  Pick<
    StoredCall,
    'carrierCallId' | 'line' | 'variables' | 'greeting' | 'sessionId' | 'transfer' | 'answeredAt' | 'seenAt'
  >
> & { readonly status?: 'active' }

export interface CallEnd {
  readonly status: 'ended' | 'failed' | 'refused'
  readonly reason: string
  readonly endedAt: Date
}

/** How many calls may be made; `Infinity`: as many as one likes. */
export interface CallLimits {
  /** At once, by one key. */
  readonly perKey: number
  readonly perKeyAndDay: number
  /** At once, by everybody. */
  readonly most: number
}

export type ReachedLimit = keyof CallLimits

export interface CallPage extends PageOf {
  readonly status: CallStatus | undefined
  readonly direction: CallDirection | undefined
  readonly agentId: string | undefined
}

export interface Calls {
  /** A call that came in. The one that there is already when the carrier has told of it before. */
  admit(call: NewCall, now: Date): Promise<{ readonly call: StoredCall; readonly isNew: boolean }>
  /** A call that is to be made, unless a limit is reached; however many ask at once, no limit is passed. */
  place(call: NewCall, limits: CallLimits, now: Date): Promise<StoredCall | ReachedLimit>
  find(accountId: AccountId, id: string): Promise<StoredCall | undefined>
  /** For the carrier, who belongs to no account. */
  withId(id: string): Promise<StoredCall | undefined>
  withCarrierId(carrier: string, carrierCallId: string): Promise<StoredCall | undefined>
  list(
    accountId: AccountId,
    page: CallPage,
  ): Promise<{ readonly calls: readonly StoredCall[]; readonly next: string | undefined }>
  /** Undefined when the call is over, or gone. */
  change(id: string, change: CallChange): Promise<StoredCall | undefined>
  /**
   * A new ticket, which takes the place of the one before, and a new leg. Undefined when the call is over, or when
   * somebody else has answered for `leg` already.
   */
  issueTicket(
    id: string,
    leg: number,
    ticket: { readonly hash: Hash; readonly until: Date },
  ): Promise<StoredCall | undefined>
  /** The call of the ticket, which nobody can use again. */
  redeem(
    ticket: { readonly hash: Hash; readonly carrier: string; readonly carrierCallId: string | undefined },
    now: Date,
  ): Promise<StoredCall | undefined>
  /** The carrier came back from `leg`; false when it has done so before, or the call is over. */
  leave(id: string, leg: number): Promise<boolean>
  /** A machine has answered. False when that was known. */
  noteMachine(id: string): Promise<boolean>
  /** Undefined when it was over already, or is gone: it ends once. */
  end(id: string, end: CallEnd): Promise<StoredCall | undefined>
  /** For whoever holds the line. */
  order(id: string, order: LineOrder): Promise<void>
  /**
   * Of all these calls those that are over or gone, and what is asked of those whose lines are `held`; it is asked once.
   * `lost`: calls whose lines were.
   */
  news(
    held: readonly string[],
    lost: readonly string[],
  ): Promise<{
    readonly over: readonly string[]
    readonly orders: readonly { readonly id: string; readonly order: LineOrder }[]
  }>
  /** The lines of these calls are held. */
  seen(ids: readonly string[], now: Date): Promise<void>
  /** Ends the calls that are at `line` and of which nobody has said anything since then. */
  endForgotten(line: CallLine, unseenSince: Date, end: CallEnd): Promise<readonly StoredCall[]>
  /** Takes away up to `limit` calls that ended before. Returns how many. */
  forget(before: Date, limit: number): Promise<number>
}

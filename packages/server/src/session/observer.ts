// Who follows a session without taking part in it: what records it, tells others of it, keeps it.
import type { Conversation, Effect, EndReason, Event, Millis, ReplyId } from '@parley/conversation'
import type { HistorySettings, SessionConfig } from '@parley/protocol'

/**
 * Called on the event loop, in the order of what happens, with the session's clock (ms since it was opened). Each call
 * returns at once and throws nothing: what takes longer is done elsewhere.
 */
export interface SessionObserver {
  /**
   * The engines are open for these settings; `session.ready` follows. `history`: what the agent lets anybody keep of the
   * session. Of a session that was revived after a restart this is told again.
   */
  prepared?(config: SessionConfig, agentId: string | undefined, history: HistorySettings | undefined): void
  /** What happened, what the conversation ordered, and what it became; before the orders are carried out. */
  stepped?(event: Event, effects: readonly Effect[], conversation: Conversation): void
  /** Sound from the client, in the input encoding; memory that is used again, so whoever keeps it copies it. */
  heard?(bytes: Uint8Array, at: Millis): void
  /** The frame of a reply from `start` to `end` of `bytes` has left, in the output encoding; copied by whoever keeps it. */
  sent?(reply: ReplyId, bytes: Buffer, start: number, end: number, at: Millis): void
  /** Instead of `over`: it is not here any more, but may go on on another server, or on this one after a restart. */
  suspended?(at: Millis): void
  /** Once, when the session is over. `refused`: it never became ready. */
  over?(reason: EndReason | 'refused', at: Millis): void
}

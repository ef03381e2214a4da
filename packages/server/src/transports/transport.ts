// What a transport is: how one kind of peer speaks the protocol. Message in, events out; no socket, no timer, no session.
import type { ClientEvent, Encoding, Problem, ServerEvent } from '@parley/protocol'

/** What one message of the peer came to. */
export type Decoded =
  | { readonly type: 'event'; readonly event: ClientEvent }
  /** Sound, as raw bytes of the input encoding; valid until the next call of `decode`. */
  | { readonly type: 'audio'; readonly bytes: Uint8Array }
  | { readonly type: 'problem'; readonly problem: Problem }

export interface Transport {
  decode(message: Buffer, isBinary: boolean): Decoded
  /** `unixMs`: when it is sent. */
  encode(event: ServerEvent, unixMs: number): string
  /** One frame of a reply: the bytes from `start` to `end`, in the output encoding. */
  encodeFrame(reply: string, bytes: Buffer, start: number, end: number, unixMs: number): string
  /** Fixed by the kind of peer; otherwise the session's own settings count. */
  readonly encoding?: Encoding
}

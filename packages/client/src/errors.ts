// Everything that can go wrong for a client, as errors with a code that a program can test.
import type { SessionErrorCode } from '@parley/protocol'

/** What the server named (protocol.md section 13), or what happened on the way to it. */
export type SessionFailure =
  | SessionErrorCode
  /** No connection could be made. */
  | 'connection_failed'
  /** The connection broke without `session.ended`. */
  | 'connection_lost'
  /** The server did not answer in time. */
  | 'timeout'
  /** This side closed the session. */
  | 'closed'
  /** Sent before `session.ready`. */
  | 'not_ready'

export class SessionError extends Error {
  override readonly name = 'SessionError'

  constructor(
    readonly code: SessionFailure,
    message: string,
    /** Dotted path of the setting that was refused, where the server names one. */
    readonly param?: string,
  ) {
    super(message)
  }
}

/** An answer of the REST API that is not a success (protocol.md section 6.1). */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param?: string,
    /** Repeats the `X-Request-Id` header: what to search the server's log for. */
    readonly requestId?: string,
  ) {
    super(message)
  }
}

export type AudioFailure =
  | 'insecure_origin'
  | 'no_audio_worklet'
  | 'no_microphone'
  | 'permission_denied'
  | 'microphone_busy'
  | 'audio_failed'

/** Why there is no sound; the message says what to do about it. */
export class AudioError extends Error {
  override readonly name = 'AudioError'

  constructor(
    readonly code: AudioFailure,
    message: string,
  ) {
    super(message)
  }
}

// Every error code of the WebSocket: its sentence and whether it ends the session.
export const sessionErrorCodes = [
  'unauthorized',
  'agent_not_found',
  'agent_id_not_first',
  'invalid_value',
  'invalid_config',
  'invalid_format',
  'invalid_audio',
  'audio_rate_violation',
  'immutable_field',
  'invalid_webhook',
  'session_not_found',
  'session_forbidden',
  'session_expired',
  'concurrency_exceeded',
  'at_capacity',
  'internal_error',
] as const
export type SessionErrorCode = (typeof sessionErrorCodes)[number]

/** Something wrong in what a client sent, as a value. `param` is a dotted path; absent for errors of the protocol itself (checklist 64). */
export interface Problem {
  readonly code: SessionErrorCode
  readonly message: string
  readonly param?: string
}

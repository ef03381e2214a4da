// Every error of the wire: what it means, its standing sentence, and what becomes of the session or the request.

/** When an error ends the session: never, only in the first `session.update` or `session.resume`, or always. */
export type Fatality = 'never' | 'first' | 'always'

interface SessionErrorRow {
  readonly message: string
  readonly fatal: Fatality
  readonly closeCode: 1008 | 1011 | null
  readonly retryable: boolean
  readonly description: string
}

const row = (
  fatal: Fatality,
  closeCode: 1008 | 1011 | null,
  message: string,
  description: string,
  retryable = false,
): SessionErrorRow => ({ fatal, closeCode, message, description, retryable })

/** The closed list of `session.error.code` (checklist 69; protocol section 13). */
export const sessionErrors = {
  unauthorized: row(
    'always',
    1008,
    'Authentication failed',
    'The key or token is missing, wrong, expired or already used. The reason is in the log of the server only.',
  ),
  agent_not_found: row('always', 1008, 'Agent not found', 'No stored agent of this account has that id.'),
  agent_id_not_first: row(
    'never',
    null,
    'agent_id can only be set on the first session.update',
    'The agent of a running session cannot be changed. Open a new session for another agent.',
  ),
  invalid_value: row(
    'first',
    1008,
    'A setting has a value that is not allowed',
    'The message is well formed but a value is not allowed; `param` names it. In a running session the other settings of the update are applied.',
  ),
  invalid_config: row(
    'first',
    1008,
    'The configuration cannot be used',
    'The settings contradict each other as a whole.',
  ),
  invalid_format: row(
    'never',
    null,
    'Invalid JSON format.',
    'The message is not JSON, its type is unknown, or a field is missing or of the wrong type. Nothing of it is applied.',
  ),
  invalid_audio: row(
    'never',
    null,
    'Invalid audio data',
    '`audio` is not base64. The sound of that message is dropped.',
  ),
  audio_rate_violation: row(
    'never',
    null,
    'Audio is sent faster than real time; the excess was dropped',
    'Sound came faster than it is spoken for longer than the server buffers. Send it at the speed of speech.',
  ),
  immutable_field: row(
    'never',
    null,
    'This field cannot be changed after the first session.update',
    'The setting is fixed for the session. The other settings of the update are applied.',
  ),
  invalid_webhook: row(
    'first',
    1008,
    'The webhook cannot be used',
    'The inline `webhook` is malformed or not allowed.',
  ),
  session_not_found: row(
    'always',
    1008,
    'Session not found',
    'There is no session of that id to resume, or its time to resume is over.',
  ),
  session_forbidden: row(
    'always',
    1008,
    'Session belongs to another account',
    'The session to resume is of another account.',
  ),
  session_expired: row('always', 1008, 'Session has expired', 'The longest time that the session was allowed is over.'),
  concurrency_exceeded: row(
    'always',
    1008,
    'Too many sessions are open for this account. End one, or try again later',
    'The account has as many sessions as it may have.',
    true,
  ),
  at_capacity: row(
    'always',
    1008,
    'The server is full. Try again later',
    'The server has as many sessions as it can serve well.',
    true,
  ),
  internal_error: row(
    'always',
    1011,
    'The server failed. Try again',
    'A fault of the server or of an engine behind it.',
    true,
  ),
} as const satisfies Record<string, SessionErrorRow>

export type SessionErrorCode = keyof typeof sessionErrors
export const sessionErrorCodes = Object.keys(sessionErrors) as [SessionErrorCode, ...SessionErrorCode[]] // the table is not empty

/** Something wrong in what a client sent, as a value. `param` is a dotted path; absent for errors of the protocol itself (checklist 64). */
export interface Problem {
  readonly code: SessionErrorCode
  readonly message: string
  readonly param?: string
}

/** A problem with the standing sentence of its code, unless `message` says more. */
export const problem = (code: SessionErrorCode, details: { message?: string; param?: string } = {}): Problem => ({
  code,
  message: details.message ?? sessionErrors[code].message,
  ...(details.param === undefined ? {} : { param: details.param }),
})

/** With which code the socket closes after `code`, or null when it stays open. `first`: it answers the first message. */
export function closeCodeOf(code: SessionErrorCode, first: boolean): 1008 | 1011 | null {
  const { fatal, closeCode }: SessionErrorRow = sessionErrors[code]
  return fatal === 'always' || (fatal === 'first' && first) ? closeCode : null
}

/** The `session.error` of a problem. Errors of a setting carry `param` and `session_id`, also as null; those of the protocol carry neither (checklist 10, 64). */
export function sessionError(found: Problem, sessionId: string | null = null) {
  const { code, message, param } = found
  const ofProtocol = code === 'invalid_format' || code === 'invalid_audio' || code === 'audio_rate_violation'
  if (ofProtocol) return { type: 'session.error' as const, code, message }
  return { type: 'session.error' as const, code, message, session_id: sessionId, param: param ?? null }
}

/** With which codes the server closes the socket, and why. */
export const closeCodes = [
  { code: 1000, description: 'The session ended in good order: `session.ended` was sent before.' },
  { code: 1008, description: 'The session was refused or is over: `session.error` was sent before and says why.' },
  { code: 1009, description: 'A message was larger than the limit.' },
  { code: 1011, description: 'The server failed: `session.error` with `internal_error` was sent before.' },
] as const

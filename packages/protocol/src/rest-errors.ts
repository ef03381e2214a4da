// Every error of the REST interface: HTTP status, standing sentence, meaning, and the envelope it travels in.

interface RestErrorRow {
  readonly status: number
  readonly message: string
  readonly description: string
}

const row = (status: number, message: string, description: string): RestErrorRow => ({ status, message, description })

/** Every `code` of a REST error (protocol section 6.1). */
export const restErrors = {
  missing_authorization: row(401, 'Missing authorization header', 'No `Authorization` header was sent.'),
  unauthorized: row(401, 'Unauthorized', 'The key is not known here.'),
  insufficient_scope: row(
    403,
    'The key may not do this',
    'The key is known, but lacks the scope that the request needs. The message names it.',
  ),
  wrong_signature: row(
    403,
    'The signature is missing or wrong',
    'A request that only a telephone company may make was not signed by it, or for another address. The message says what to check.',
  ),
  auth_service_unavailable: row(503, 'Authentication is not available. Try again', 'Keys could not be checked.'),
  validation_error: row(
    422,
    'The request is not valid',
    'A field or query parameter is missing or not allowed; `param` and `errors` say which.',
  ),
  invalid_request: row(
    400,
    'The request cannot be read',
    'The body is not JSON, or the request is malformed as a whole.',
  ),
  payload_too_large: row(413, 'The request body is too large', 'The body is longer than the server accepts.'),
  rate_limited: row(
    429,
    'Too many requests. Try again later',
    'More requests came than the account may send, or too many with a wrong key from one address. `Retry-After` says how many seconds to wait.',
  ),
  agent_not_found: row(404, 'Agent not found', 'No agent of this account has that id.'),
  key_not_found: row(404, 'API key not found', 'No API key of this account has that id.'),
  account_not_found: row(404, 'Account not found', 'No account has that id.'),
  account_in_use: row(
    409,
    'The account cannot be deleted',
    'The account `default` is the one that the server itself needs.',
  ),
  phone_number_not_found: row(404, 'Phone number not found', 'The number is not in this account.'),
  call_not_found: row(404, 'Call not found', 'No call of this account has that id.'),
  session_not_found: row(404, 'Session not found', 'No session of this account has that id.'),
  webhook_subscription_not_found: row(
    404,
    'Webhook subscription not found',
    'No subscription of this account has that id.',
  ),
  webhook_deliveries_not_found: row(
    404,
    'No webhook deliveries found',
    'Nothing of this account was, or will be, delivered for that session, or the delivery is not known.',
  ),
  phone_number_conflict: row(409, 'Phone number is already in use', 'The number belongs to an account already.'),
  webhook_subscription_already_exists: row(
    409,
    'Webhook subscription already exists',
    'The same subscription is there already.',
  ),
  phone_number_not_available: row(409, 'Phone number is not available', 'The number can no longer be bought.'),
  phone_number_has_no_agent: row(409, 'Phone number has no agent', 'The number is not bound to an agent.'),
  destination_not_allowed: row(
    403,
    'Calls to this number are not allowed',
    'The server lets calls go only to numbers that begin as `PARLEY_CALL_DESTINATIONS` says.',
  ),
  call_limit_reached: row(
    429,
    'Too many calls',
    'As many calls run, or were made within a day, as the key or the server may make. The message says which limit it is.',
  ),
  telephony_provider_error: row(502, 'The telephony provider failed. Try again', 'The carrier refused or failed.'),
  idempotency_key_invalid: row(400, 'Idempotency-Key is not valid', 'The key is empty, too long or not printable.'),
  idempotency_key_reuse: row(
    422,
    'Idempotency-Key was used for another request',
    'One key stands for one request: its route and its body. Use a new key.',
  ),
  idempotency_in_progress: row(
    409,
    'The first request with this Idempotency-Key is still running',
    'Try again after a moment.',
  ),
  not_found: row(404, 'Not found', 'There is nothing at this path.'),
  method_not_allowed: row(
    405,
    'Method not allowed',
    'The path exists, the method does not; `Allow` lists those that do.',
  ),
  database_unavailable: row(
    503,
    'The database does not answer. Try again in a moment',
    'The database of the server is away or silent. What was asked may have been done all the same; a POST with an `Idempotency-Key` is safe to send again.',
  ),
  internal_error: row(500, 'The server failed. Try again', 'A fault of the server. `request_id` finds it in the log.'),
} as const satisfies Record<string, RestErrorRow>

export type RestErrorCode = keyof typeof restErrors
export const restErrorCodes = Object.keys(restErrors) as [RestErrorCode, ...RestErrorCode[]] // the table is not empty

/** One entry of `detail`, in the form that FastAPI gives its validation errors. */
export interface DetailEntry {
  readonly type: string
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly input?: string | null
  readonly ctx?: Readonly<Record<string, number | string>>
}

/** The body of every REST error. `detail` is kept for older programs. */
export interface ErrorEnvelope {
  readonly code: RestErrorCode
  readonly message: string
  readonly param: string | null
  readonly request_id: string
  readonly errors: readonly { readonly message: string; readonly param: string | null }[] | null
  readonly detail: string | readonly DetailEntry[]
}

export interface RestResponse<Body> {
  readonly status: number
  readonly body: Body
}

/** The response for an error that is not about single fields; for those see `validationError`. */
export function restError(
  code: RestErrorCode,
  requestId: string,
  details: { message?: string; param?: string } = {},
): RestResponse<ErrorEnvelope> {
  const { status, message: standing } = restErrors[code]
  const message = details.message ?? standing
  const body = { code, message, param: details.param ?? null, request_id: requestId, errors: null, detail: message }
  return { status, body }
}

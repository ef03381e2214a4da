// Why a guarded request has no response, without anything that the address may keep secret.

/**
 * `refused`: the address is not allowed. `unresolved`: there is no such host. `timeout`: it took longer than it may.
 * `unreachable`: no connection, or one that broke. `too_large`: more came than was asked for. `aborted`: the caller gave up.
 */
export type GuardFailure = 'refused' | 'unresolved' | 'timeout' | 'unreachable' | 'too_large' | 'aborted'

/** The message names at most the host and the system's code; never the path, the query or a header. */
export class GuardError extends Error {
  override readonly name = 'GuardError'

  constructor(
    readonly kind: GuardFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The `GuardError` in `error` or among its causes, as a client that was given our `fetch` wraps it. */
export function guardErrorIn(error: unknown): GuardError | undefined {
  return causesOf(error).find((cause) => cause instanceof GuardError)
}

/** What a failed request to `host` is told as. */
export function failedRequest(error: unknown, host: string): GuardError {
  const known = guardErrorIn(error)
  if (known) return known
  const code = systemCode(error)
  if (code === 'ENOTFOUND' || code === 'ENODATA') return new GuardError('unresolved', doesNotResolve(host))
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new GuardError('timeout', `${host} did not take the connection in time`)
  return new GuardError('unreachable', `The connection to ${host} failed${code === undefined ? '' : ` (${code})`}`)
}

/** Whether there was no connection, so that nothing of the request can have arrived. */
export const isUnconnected = (error: unknown): boolean => UNCONNECTED.has(systemCode(error) ?? '')

const UNCONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
])

export const doesNotResolve = (host: string): string => `URL host ${host} does not resolve`
export const isNotPublic = (host: string): string => `URL host ${host} is not a public address`

function systemCode(error: unknown): string | undefined {
  return causesOf(error)
    .map((cause) => ('code' in cause ? String(cause.code) : ''))
    .find((code) => /^[A-Z][A-Z0-9_]{2,63}$/.test(code))
}

/** The error and what caused it; where several addresses were tried, the error of the first. */
function causesOf(error: unknown): readonly Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error && causes.length < 6; ) {
    causes.push(cause)
    cause = cause instanceof AggregateError && cause.errors.length > 0 ? cause.errors[0] : cause.cause
  }
  return causes
}

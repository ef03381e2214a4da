// How a session fails, told as errors that say what to do.
import { ApiError, SessionError } from './errors.js'

export function asSessionError(error: unknown): SessionError {
  if (error instanceof SessionError) return error
  const reason = error instanceof Error ? error.message : 'The connection could not be opened.'
  return new SessionError(
    error instanceof ApiError && error.status === 401 ? 'unauthorized' : 'connection_failed',
    reason,
  )
}

export const unanswered = (ms: number) =>
  new SessionError('timeout', `The server did not answer within ${ms / 1000} s. Check its address and its log.`)
export const unreachable = (code: number) =>
  new SessionError(
    'connection_failed',
    `The server could not be reached (close code ${code}). Check its address and that it runs.`,
  )
export const lost = (code: number, reason: string) =>
  new SessionError(
    'connection_lost',
    `The connection was lost (close code ${code}${reason ? `, ${reason}` : ''}). Connect again.`,
  )

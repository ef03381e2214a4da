// What went wrong, as a headline and a sentence for whoever sits before the page.
import { ApiError, AudioError, SessionError } from '@parley/client'

export interface Problem {
  readonly title: string
  readonly text: string
  /** What the page can offer to do about it. */
  readonly way?: 'type' | 'key'
}

const titles: Readonly<Record<string, string>> = {
  insecure_origin: 'This page is not secure',
  no_audio_worklet: 'This browser cannot talk',
  no_microphone: 'Microphone missing',
  permission_denied: 'No permission to listen',
  microphone_busy: 'Microphone in use',
  unreachable: 'The server is away',
  connection_failed: 'The server is away',
  connection_lost: 'Cut off',
  session_not_found: 'Cut off',
  session_expired: 'Cut off',
  timeout: 'The server does not answer',
  unauthorized: 'The key was refused',
  missing_authorization: 'A key is needed',
  agent_not_found: 'This agent is gone',
  at_capacity: 'The server is full',
  concurrency_exceeded: 'The server is full',
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof ApiError || error instanceof SessionError || error instanceof AudioError))
    return { title: 'Something went wrong', text: error instanceof Error ? error.message : String(error) }
  const title = titles[error.code] ?? 'That did not work'
  const text = explained(error)
  if (isUnauthorized(error)) return { title: titles.unauthorized!, text, way: 'key' }
  return error instanceof AudioError && error.code !== 'insecure_origin' && error.code !== 'no_audio_worklet'
    ? { title, text, way: 'type' }
    : { title, text }
}

export const isUnauthorized = (error: unknown): boolean =>
  (error instanceof ApiError && error.status === 401) ||
  (error instanceof SessionError && error.code === 'unauthorized')

function explained(error: ApiError | SessionError | AudioError): string {
  if (error instanceof SessionError && error.code === 'agent_not_found') return 'Pick another agent, or make a new one.'
  if (error instanceof SessionError && (error.code === 'at_capacity' || error.code === 'concurrency_exceeded'))
    return 'All its places are taken. Try again in a moment.'
  if (error instanceof SessionError && (error.code === 'session_not_found' || error.code === 'session_expired'))
    return 'The connection was lost, and the conversation could not be gone on with. Begin another.'
  return error.message
}

// Any error, as one sentence for the user and an exit code.
import { ApiError, SessionError, type SessionFailure } from '@parley/client'
import { WavError } from '../audio/wav.js'
import { ConfigError } from '../config.js'
import { EngineError } from '../engines/engine.js'
import { CliError, type Exit } from './exit.js'

/** `url`: the server that was asked, where one was. */
export function explain(error: unknown, url?: string): CliError {
  if (error instanceof CliError) return error
  const [exit, message] = judge(error, url)
  return new CliError(exit, message, { cause: error })
}

const START_ONE = 'Start one with `parley serve`, or name another with --url or PARLEY_URL.'
const GIVE_KEY =
  'Give it with --key or PARLEY_API_KEY. It was shown when the server first started; to set one yourself, start the server with PARLEY_API_KEY.'

function judge(error: unknown, url: string | undefined): readonly [Exit, string] {
  if (error instanceof ApiError) return judgeAnswer(error, url)
  if (error instanceof SessionError) return judgeSession(error, url)
  if (error instanceof EngineError) return ['engine', error.message]
  if (error instanceof ConfigError || error instanceof WavError) return ['usage', error.message]
  const file = fileProblem(error)
  if (file) return ['usage', file]
  return ['failed', error instanceof Error ? error.message : String(error)]
}

function judgeAnswer(error: ApiError, url: string | undefined): readonly [Exit, string] {
  const { status, code, message } = error
  const request = error.requestId ? ` (request ${error.requestId})` : ''
  if (status === 0) return ['unreachable', unreachable(url)]
  if (status === 401) return ['unauthorized', unauthorized(url)]
  if (code === 'destination_not_allowed') return ['failed', sentence(message)]
  if (status === 403) return ['unauthorized', `The API key may not do this: ${sentence(message)}`]
  // the whole answer says what to set
  if (status === 404 && code === 'not_found') return ['notFound', sentence(message)]
  if (status === 404) return ['notFound', `${sentence(message)} Look at what there is with \`${listOf(code)}\`.`]
  if (code === 'telephony_provider_error') return ['failed', sentence(message)]
  if (status === 429) return ['failed', sentence(message)]
  if (status >= 400 && status < 500) return ['usage', `The server refused it: ${sentence(message)}${request}`]
  return [
    'failed',
    `The server failed with status ${status}: ${sentence(message)} Try again, or see its log${request}.`,
  ]
}

const lists: Readonly<Record<string, string>> = {
  session_not_found: 'parley sessions list',
  key_not_found: 'parley keys list',
  account_not_found: 'parley accounts list',
  call_not_found: 'parley calls list',
  phone_number_not_found: 'parley numbers list',
}

const listOf = (code: string): string =>
  code.startsWith('webhook') ? 'parley webhooks list --all' : (lists[code] ?? 'parley agents list')

const sessionExits: Partial<Record<SessionFailure, Exit>> = {
  unauthorized: 'unauthorized',
  session_forbidden: 'unauthorized',
  agent_not_found: 'notFound',
  session_not_found: 'notFound',
  connection_failed: 'unreachable',
  timeout: 'unreachable',
  invalid_value: 'usage',
  invalid_config: 'usage',
  invalid_format: 'usage',
}

function judgeSession({ code, message, param }: SessionError, url: string | undefined): readonly [Exit, string] {
  const exit = sessionExits[code] ?? 'failed'
  if (exit === 'unauthorized') return [exit, unauthorized(url)]
  if (code === 'connection_failed') return [exit, unreachable(url)]
  if (code === 'agent_not_found')
    return [exit, `There is no such agent. \`parley agents list\` shows those that there are.`]
  const where = param ? `${param}: ` : ''
  return [
    exit,
    exit === 'usage' ? `The server refused it: ${where}${sentence(message)}` : `${where}${sentence(message)}`,
  ]
}

const unreachable = (url: string | undefined) => `No server answers${url ? ` at ${url}` : ''}. ${START_ONE}`
const unauthorized = (url: string | undefined) =>
  `The server${url ? ` at ${url}` : ''} wants a valid API key. ${GIVE_KEY}`

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read or written by this user',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'leads through something that is not a folder',
}

function fileProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined
  const problem = fileProblems[String(error.code)]
  return problem && `${error.path} ${problem}. Check the path.`
}

/** Ends with a full stop, whatever came. */
const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)

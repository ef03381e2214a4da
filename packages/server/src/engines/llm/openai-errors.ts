// Why an OpenAI-compatible endpoint did not answer, and what to do about it.
import type { Failure } from '@parley/conversation'
import { APIConnectionError, APIError } from 'openai'
import { guardErrorIn } from '../../net/guard-error.js'
import { EngineError } from '../engine.js'

/** Where a request went. `owner`: who named the endpoint, and so whom to tell. */
export interface Target {
  readonly baseUrl: string
  readonly model: string
  readonly owner: 'settings' | 'agent'
}

/** The failure in a form that holds neither the key nor anything that was said. */
export function failureFor(error: unknown, target: Target): Failure {
  if (error instanceof EngineError) return error.failure
  if (!isAddress(target.baseUrl)) return notAnAddress(target)
  if (error instanceof APIConnectionError) return unreachable(error, target)
  if (error instanceof APIError) return refused(error, target)
  if (error instanceof SyntaxError) return badResponse(target)
  return brokenOff(target)
}

export const timedOut = (what: 'first' | 'next', seconds: number, target: Target): EngineError =>
  new EngineError({
    code: 'llm_timeout',
    message:
      what === 'first'
        ? `The language model ${named(target)} wrote nothing within ${seconds} s. Check that its server is not overloaded or still loading the model, or use a smaller model.`
        : `The language model ${named(target)} fell silent for ${seconds} s in the middle of a reply. Check its server.`,
    retryable: true,
  })

export const emptyResponse = (target: Target): EngineError => new EngineError(badResponse(target))

/** The stream was closed before the answer was over. */
export const cutOff = (target: Target): EngineError => new EngineError(brokenOff(target))

const badResponse = (target: Target): Failure => ({
  code: 'llm_bad_response',
  message: `${place(target)} did not answer with a stream of chat completion events. Check that ${setting(target, 'url')} is the base of an OpenAI-compatible API (it usually ends in /v1).`,
  retryable: true,
})

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

const notAnAddress = (target: Target): Failure => ({
  code: 'llm_unreachable',
  message: `The address of the language model must be an http or https URL without a password. Correct ${setting(target, 'url')}.`,
  retryable: false,
})

const notAllowed = (target: Target): Failure => ({
  code: 'llm_address_refused',
  message: `The server does not ask language models at ${place(target)}, which is not a public https address. Correct ${setting(target, 'url')}, or start the server with PARLEY_ALLOW_PRIVATE_URLS=on.`,
  retryable: false,
})

const brokenOff = (target: Target): Failure => ({
  code: 'llm_connection_lost',
  message: `The connection to ${place(target)} broke off in the middle of a reply. Check that server's log.`,
  retryable: true,
})

function unreachable(error: APIConnectionError, target: Target): Failure {
  if (guardErrorIn(error)?.kind === 'refused') return notAllowed(target)
  const cause = systemCode(error)
  const advice =
    cause === 'ENOTFOUND' || cause === 'ENODATA' || cause === 'EAI_AGAIN'
      ? `Its name cannot be resolved: check ${setting(target, 'url')} and the network.`
      : `Is the server running there? Check ${setting(target, 'url')}.`
  return {
    code: 'llm_unreachable',
    message: `No connection to the language model at ${place(target)}${cause ? ` (${cause})` : ''}. ${advice}`,
    retryable: true,
    ...(cause !== undefined && { providerCode: cause }),
  }
}

function refused(error: APIError, target: Target): Failure {
  const status = typeof error.status === 'number' ? error.status : statusWithin(error)
  const providerCode = token(error.code) ?? token(error.type)
  const [code, message, retryable] = judge(status, target)
  return {
    code,
    message,
    retryable,
    ...(status !== undefined && { statusCode: status }),
    ...(providerCode !== undefined && { providerCode }),
  }
}

function judge(status: number | undefined, target: Target): [code: string, message: string, retryable: boolean] {
  const at = place(target)
  switch (status) {
    case 401:
    case 403:
      return ['llm_unauthorized', `${at} refused the API key (${status}). Check ${setting(target, 'key')}.`, false]
    case 402:
      return ['llm_no_credit', `${at} asks for payment (402). Check the account's balance.`, false]
    case 404:
      return [
        'llm_model_not_found',
        `${at} has no model "${target.model}", or is not the base of an API (404). Check ${setting(target, 'model')} and ${setting(target, 'url')}.`,
        false,
      ]
    case 408:
    case 409:
      return ['llm_unavailable', `${at} could not answer in time (${status}). Try again.`, true]
    case 429:
      return [
        'llm_rate_limited',
        `${at} takes no more requests for now (429). Wait, or raise the account's limit.`,
        true,
      ]
    case undefined:
      return [
        'llm_provider_error',
        `${at} reported an error in the middle of its answer. Check that server's log.`,
        true,
      ]
  }
  if (status >= 500)
    return ['llm_unavailable', `${at} failed (${status}). Try again, or check that server's log.`, true]
  return [
    'llm_request_refused',
    `${at} refused the request (${status}). Check that the model "${target.model}" takes a conversation of this length, and tools if the agent has any; the server's log has its reason.`,
    false,
  ]
}

/** The address without what might be secret in it. */
export function place({ baseUrl }: Target): string {
  const { origin, pathname } = new URL(baseUrl)
  return `${origin}${pathname.replace(/\/$/, '')}`
}

const named = (target: Target): string => `"${target.model}" at ${place(target)}`

const SETTINGS = { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL', model: 'PARLEY_LLM_MODEL' } as const
const ENTRY = { key: 'api_key', url: 'base_url', model: 'model' } as const

const setting = ({ owner }: Target, what: 'key' | 'url' | 'model'): string =>
  owner === 'settings' ? SETTINGS[what] : `\`${ENTRY[what]}\` in the agent's llm entry`

/** An error within the stream carries its status, if any, as its code. */
function statusWithin({ code }: APIError): number | undefined {
  const status = Number(code)
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}

/** Only what looks like a code: a provider's sentence may quote what was said. */
const token = (code: unknown): string | undefined =>
  (typeof code === 'string' || typeof code === 'number') && /^[\w.-]{1,64}$/.test(String(code))
    ? String(code)
    : undefined

/** The code of the system's error at the root: ECONNREFUSED, ENOTFOUND. */
function systemCode(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string') return token(cause.code)
    // several addresses were tried: each has its own error
    if (cause instanceof AggregateError && cause.errors.length > 0) return systemCode(cause.errors[0])
  }
  return undefined
}

// Pre-connect requests: the call is looked up in the agent's own systems before it is answered (protocol section 7.6).
import { limits } from '@parley/protocol'
import { type Guard, GuardError } from '../net/guard.js'
import type { Clock } from '../session/clock.js'
import { type OutgoingRequest, outgoing, withoutQuery } from '../tools/outgoing.js'
import { type CallFacts, factsOf } from './call-facts.js'
import { plainText } from './placeholders.js'

/** A request of an agent, with the values of its headers. */
export interface PreConnectRequest extends OutgoingRequest {
  /** Names of facts of the call, or of what an earlier request captured. */
  readonly sends: readonly string[]
  readonly returns: readonly Capture[]
  readonly mayOverrideGreeting: boolean
  /** Whether a failure refuses the call. */
  readonly isGate: boolean
}

export interface Capture {
  readonly name: string
  /** Dotted, such as `results.0.id`. */
  readonly path: string
  readonly default: string | undefined
}

export interface BeforeAnswer {
  /** The call is not to be answered. */
  readonly reject: boolean
  /** What was captured, by its names. */
  readonly variables: Readonly<Record<string, string>>
  /** Said instead of the agent's greeting, word for word. */
  readonly greeting: string | undefined
}

export interface BeforeAnswerPorts {
  readonly guard: Pick<Guard, 'fetch'>
  readonly clock: Pick<Clock, 'now'>
  /** Told once of each request. Nothing that was sent or captured is in it, and no secret. */
  log(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>>): void
}

/**
 * Makes the requests in their order, each for 800 ms at most. Never rejects: a request that fails, or that `signal`
 * cuts short, costs its values and nothing more, unless it is a gate.
 */
export const beforeAnswer =
  ({ guard, clock, log }: BeforeAnswerPorts) =>
  async (call: CallFacts, requests: readonly PreConnectRequest[], signal?: AbortSignal): Promise<BeforeAnswer> => {
    const facts = factsOf(call)
    const captured: Record<string, string> = {}
    let greeting: string | undefined
    for (const [index, request] of requests.entries()) {
      const started = clock.now()
      const looked = await look(guard, call, request, { ...facts, ...captured }, signal)
      const isRefusal = 'failure' in looked ? request.isGate : looked.response.reject === true
      log('failure' in looked ? 'warn' : 'info', 'A pre-connect request was made.', {
        call: call.id,
        agent: call.agentId,
        request: index,
        method: request.method,
        url: withoutQuery(request.url),
        outcome: 'failure' in looked ? looked.failure : 'answered',
        ...(isRefusal && { refuses: true }),
        ms: Math.round(clock.now() - started),
      })
      const response = 'failure' in looked ? {} : looked.response
      Object.assign(captured, capturedFrom(response, request.returns))
      if (request.mayOverrideGreeting) greeting = greetingIn(response) ?? greeting
      if (isRefusal) return { reject: true, variables: captured, greeting }
    }
    return { reject: false, variables: captured, greeting }
  }

type Json = Readonly<Record<string, unknown>>
type Looked = { readonly response: Json } | { readonly failure: string }

/** `known`: what may be sent. What is asked for and not known is left out. */
async function look(
  guard: Pick<Guard, 'fetch'>,
  { id, agentId }: CallFacts,
  asked: PreConnectRequest,
  known: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  const values = Object.fromEntries(
    asked.sends.flatMap((name) => (Object.hasOwn(known, name) ? [[name, known[name]] as const] : [])),
  )
  const timeoutMs = Math.min(asked.timeoutMs, limits.preConnectTimeoutMs)
  const about = { 'x-call-id': id, 'x-agent-id': agentId }
  const { url, request } = outgoing({ ...asked, timeoutMs }, values, about)
  try {
    const answer = await guard.fetch(url, { ...request, maxBytes: limits.preConnectResponseBytes, signal })
    if (answer.status < 200 || answer.status > 299) return { failure: `status ${answer.status}` }
    if (answer.truncated) return { failure: `the response is longer than ${limits.preConnectResponseBytes} bytes` }
    if (answer.body.trim() === '') return { failure: 'the response is empty' }
    return parsed(answer.body)
  } catch (error) {
    return { failure: error instanceof GuardError ? error.message : 'the request could not be made' }
  }
}

function parsed(body: string): Looked {
  try {
    const response: unknown = JSON.parse(body)
    return isContainer(response) ? { response } : { failure: 'the response is neither an object nor a list' }
  } catch {
    return { failure: 'the response is not JSON' }
  }
}

const capturedFrom = (response: Json, returns: readonly Capture[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    returns.flatMap(({ name, path, default: otherwise }) => {
      const value = textOf(valueAt(response, path)) ?? otherwise
      return value === undefined ? [] : [[name, plainText(value)] as const]
    }),
  )

const valueAt = (response: Json, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      response,
    )

/** Lists and objects are written as JSON; there is no text for nothing. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function greetingIn({ greeting }: Json): string | undefined {
  const text = typeof greeting === 'string' ? plainText(greeting).trim() : ''
  return text === '' ? undefined : text
}

const isContainer = (value: unknown): value is Json => typeof value === 'object' && value !== null

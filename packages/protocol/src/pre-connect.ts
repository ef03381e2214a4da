// Requests that are made before a phone call is answered, to learn who calls.
import { z } from 'zod'
import { HttpRequestInput, HttpRequestRecord } from './http.js'
import { limits } from './limits.js'
import { list } from './schema-kit.js'

/** What is known of a call before it is answered, by the names that `sends` has for it. */
export const callFacts = ['caller_number', 'dialed_number', 'direction', 'agent_id', 'session_id'] as const
export type CallFact = (typeof callFacts)[number]

const fields = {
  sends: list(z.string().max(256), 50)
    .nullish()
    .describe(
      'Names of the values to send: `caller_number`, `dialed_number`, `direction`, `agent_id`, `session_id`, or one captured earlier.',
    ),
  returns: list(
    z
      .object({
        name: z.string().min(1).max(256).describe('Name of the captured value, used as `{{name}}`.'),
        path: z
          .string()
          .min(1)
          .max(256)
          .regex(/^[^.]+(\.[^.]+)*$/, { error: 'must be a dotted path such as results.0.id' })
          .describe('Dotted path into the response, such as `results.0.id`.'),
        default: z.string().max(8192).nullish().describe('Value when there is none, whatever the reason.'),
      })
      .describe('A value to capture.'),
    50,
  )
    .nullish()
    .describe('Values to capture from the response.'),
  timeout_ms: z
    .number()
    .min(1)
    .max(limits.preConnectTimeoutMs)
    .nullish()
    .describe(`How long the response is waited for, in ms, at most ${limits.preConnectTimeoutMs}.`),
  allow_overrides: list(z.enum(['greeting']), 1)
    .nullish()
    .describe('Settings that the response may replace.'),
  on_failure: z
    .enum(['continue', 'reject'])
    .nullish()
    .describe(
      'What a failure means: the call is answered without the values, or it is not answered. Default `continue`.',
    ),
}

export const PreConnectRequest = z
  .object({ http: HttpRequestInput, ...fields })
  .describe('A request that is made before a phone call is answered.')
export type PreConnectRequest = z.infer<typeof PreConnectRequest>

/** Requests in their order: each sends what is known by then, and no two values have the same name. */
export const PreConnectRequestList = list(PreConnectRequest, limits.preConnectRequests).check(({ value, issues }) => {
  const captured = new Set<string>()
  for (const [index, { sends, returns }] of value.entries()) {
    for (const [place, name] of (sends ?? []).entries())
      if (!isCallFact(name) && !captured.has(name))
        issues.push({
          code: 'custom',
          message: `must be one of ${callFacts.join(', ')}, or a name that an earlier request returns`,
          path: [index, 'sends', place],
          input: name,
        })
    for (const [place, { name }] of (returns ?? []).entries()) {
      if (captured.has(name))
        issues.push({ code: 'custom', message: 'must be unique', path: [index, 'returns', place, 'name'], input: name })
      captured.add(name)
    }
  }
})

const isCallFact = (name: string): boolean => callFacts.some((fact) => fact === name)

/** The request with the names of its headers alone. */
export const withoutHeaderValues = ({ http, ...request }: PreConnectRequest) => ({
  ...request,
  http: { ...http, headers: http.headers.map(({ name }) => ({ name })) },
})

export const PreConnectRequestRecord = z
  .object({ http: HttpRequestRecord, ...fields })
  .describe('A request that is made before a phone call is answered, as it is returned.')
export type PreConnectRequestRecord = z.infer<typeof PreConnectRequestRecord>

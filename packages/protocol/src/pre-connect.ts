// Requests that are made before a phone call is answered, to learn who calls.
import { z } from 'zod'
import { HttpRequestInput, HttpRequestRecord } from './http.js'
import { limits } from './limits.js'
import { list } from './schema-kit.js'

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
        path: z.string().min(1).max(256).describe('Dotted path into the response, such as `results.0.id`.'),
        default: z.string().max(8192).nullish().describe('Value when the response has none.'),
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
}

export const PreConnectRequest = z
  .object({ http: HttpRequestInput, ...fields })
  .describe('A request that is made before a phone call is answered.')
export type PreConnectRequest = z.infer<typeof PreConnectRequest>

/** The request with the names of its headers alone. */
export const withoutHeaderValues = ({ http, ...request }: PreConnectRequest) => ({
  ...request,
  http: { ...http, headers: http.headers.map(({ name }) => ({ name })) },
})

export const PreConnectRequestRecord = z
  .object({ http: HttpRequestRecord, ...fields })
  .describe('A request that is made before a phone call is answered, as it is returned.')
export type PreConnectRequestRecord = z.infer<typeof PreConnectRequestRecord>

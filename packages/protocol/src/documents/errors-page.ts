// The page about errors: of the WebSocket, of REST, and the codes with which a socket closes.
import { closeCodes, type Fatality, sessionErrorCodes, sessionErrors } from '../errors.js'
import { type RestErrorCode, restError, restErrorCodes, restErrors } from '../rest-errors.js'
import { commonErrors, keyErrors, onceErrors, routeList, routingErrors } from '../routes.js'
import { code, json, page, table } from './markdown.js'

/** `docs/errors.md`. */
export const errorsPage = (): string =>
  page(
    '# Errors',
    'Every error has a `code`, which programs may rely on, and a `message`, which says the same to people and may change. Where one setting or field is to blame, `param` names it by its dotted path, such as `input.turn_detection.vad_threshold` or `tools[0].name`.',
    '## On the WebSocket',
    'An error comes as [`session.error`](protocol.md#sessionerror). Some end the session: the socket then closes with the code given here. *In the first message* means that the same error in a running session refuses only the setting that it names; everything else in the update is applied.',
    sessionTable(),
    'An error that says *try again* is likely to pass: wait a moment, then longer each time.',
    '## Close codes',
    table(
      ['code', 'meaning'],
      closeCodes.map(({ code: number, description }) => [code(number), description]),
    ),
    '## Over REST',
    'Every error but those of `GET /v1/token` has this form. `request_id` is also in the `X-Request-Id` header and in the log of the server. `errors` lists everything that is wrong with a request when the code is `validation_error`, and is null otherwise. `detail` says the same in an older form.',
    json(restError('agent_not_found', 'req_example').body),
    restTable(restErrorCodes.filter((name) => inUse.has(name))),
    '`GET /v1/token` answers with `detail` alone: a list as in `validation_error` when a parameter is wrong (422), or a sentence when the key is (401), may not do this (403) or cannot be checked (503).',
    'Programs may also know these codes. They belong to parts of the interface that this server does not have, and it does not send them.',
    restTable(restErrorCodes.filter((name) => !inUse.has(name))),
  )

const inUse: ReadonlySet<RestErrorCode> = new Set([
  ...commonErrors,
  ...keyErrors,
  ...onceErrors,
  ...routingErrors,
  ...routeList.flatMap(({ errors }) => errors),
])

const sessionTable = (): string =>
  table(
    ['code', 'ends the session', 'try again', 'meaning'],
    sessionErrorCodes.map((name) => {
      const { fatal, closeCode, retryable, description } = sessionErrors[name]
      return [code(name), ending(fatal, closeCode), retryable ? 'yes' : '', description]
    }),
  )

const ending = (fatal: Fatality, closeCode: number | null): string =>
  ({ never: 'no', first: `in the first message, ${closeCode}`, always: `yes, ${closeCode}` })[fatal]

const restTable = (codes: readonly RestErrorCode[]): string =>
  table(
    ['status', 'code', 'meaning'],
    codes
      .map((name) => ({ name, ...restErrors[name] }))
      .sort((one, other) => one.status - other.status)
      .map(({ name, status, description }) => [String(status), code(name), description]),
  )

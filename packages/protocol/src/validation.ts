// What is wrong with a request, in the forms that clients of the REST interface read.
import type { z } from 'zod'
import { dotted, examine, type Finding, finding, isMissing, isSentence, type Path } from './issues.js'
import { type DetailEntry, type ErrorEnvelope, type RestResponse, restErrors } from './rest-errors.js'

/** One thing that is wrong with a request. `param` is a dotted path, null for the body as a whole. */
export interface FieldError {
  readonly param: string | null
  readonly message: string
  readonly detail: DetailEntry
}

export type Checked<Value> = { ok: true; value: Value } | { ok: false; errors: readonly FieldError[] }

/** Checks a request body against its schema and, with `beyond`, against what no schema knows. What was sent is not repeated in the errors, for it may be a secret. */
export function checkBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  beyond: () => readonly Finding[] = () => [],
): Checked<z.output<Schema>> {
  const result = examine(schema, body)
  const findings = [...(result.ok ? [] : result.findings), ...beyond()]
  if (result.ok && findings.length === 0) return { ok: true, value: result.value }
  return { ok: false, errors: findings.map((found) => fieldError('body', found)) }
}

/** Checks query parameters; of one given several times the last counts. Errors repeat the raw text (checklist 14-18). */
export function checkQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Readonly<Record<string, unknown>>,
): Checked<z.output<Schema>> {
  const raw = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, lastOf(value)]))
  const result = examine(schema, raw)
  if (result.ok) return { ok: true, value: result.value }
  return {
    ok: false,
    errors: result.findings.map((found) => {
      const error = fieldError('query', found)
      return { ...error, detail: withInput(error.detail, raw[String(found.path[0])]) }
    }),
  }
}

/** An error about a field that no schema can know of, such as a host that does not resolve. `message` is a sentence. */
export const bodyError = (path: Path, message: string): FieldError => fieldError('body', finding(path, message))

/** A required header is not there (checklist 19). */
export const missingHeader = (name: string): FieldError => ({
  param: name,
  message: 'Field required',
  detail: { type: 'missing', loc: ['header', name], msg: 'Field required', input: null },
})

/** The 422 response for `errors`, of which there is at least one (checklist 144, 145). */
export function validationError(errors: readonly FieldError[], requestId: string): RestResponse<ErrorEnvelope> {
  const { status, message: standing } = restErrors.validation_error
  const [first] = errors
  const message =
    first === undefined ? standing : first.param === null ? first.message : `${first.param}: ${first.message}`
  return {
    status,
    body: {
      code: 'validation_error',
      message,
      param: first?.param ?? null,
      request_id: requestId,
      errors: errors.map(({ message, param }) => ({ message, param })),
      detail: errors.map(({ detail }) => detail),
    },
  }
}

/** The 422 response of `GET /v1/token`, which has the older, bare form (checklist 14-19). */
export const bareValidationError = (
  errors: readonly FieldError[],
): RestResponse<{ readonly detail: readonly DetailEntry[] }> => ({
  status: restErrors.validation_error.status,
  body: { detail: errors.map(({ detail }) => detail) },
})

/** The answer of `GET /v1/token` to a key that is not known (checklist 20). */
export const invalidKey: RestResponse<{ readonly detail: string }> = {
  status: restErrors.unauthorized.status,
  body: { detail: 'Invalid API key' },
}

function fieldError(place: 'body' | 'query', { path, issue }: Finding): FieldError {
  const rule = place === 'query' && isUnparsedInteger(issue) ? integerRule : ruleOf(issue)
  const loc = [place, ...path.map((key) => (typeof key === 'number' ? key : String(key)))]
  return {
    param: path.length === 0 ? null : dotted(path),
    message: rule.type === 'value_error' ? rule.msg.slice(valueError.length) : rule.msg,
    detail: { type: rule.type, loc, msg: rule.msg, ...(rule.ctx === undefined ? {} : { ctx: rule.ctx }) },
  }
}

/** Every number in a query is an integer, and stays text when it cannot be read as one. */
const isUnparsedInteger = (issue: z.core.$ZodIssue): boolean =>
  issue.code === 'invalid_type' && issue.expected === 'number' && typeof issue.input === 'string'

const lastOf = (value: unknown): unknown => (Array.isArray(value) ? value.at(-1) : value)

const withInput = ({ type, loc, msg, ctx }: DetailEntry, raw: unknown): DetailEntry => ({
  type,
  loc,
  msg,
  input: typeof raw === 'string' ? raw : null,
  ...(ctx === undefined ? {} : { ctx }),
})

type Rule = Pick<DetailEntry, 'type' | 'msg' | 'ctx'>

/** The broken rule in the words that pydantic has for it. */
function ruleOf(issue: z.core.$ZodIssue): Rule {
  if (isMissing(issue)) return { type: 'missing', msg: 'Field required' }
  if (issue.message !== '') return { type: 'value_error', msg: `${valueError}${capitalised(issue.message)}` }
  switch (issue.code) {
    case 'invalid_type':
      return (
        typeRules[issue.expected] ?? {
          type: `${issue.expected}_type`,
          msg: `Input should be a valid ${issue.expected}`,
        }
      )
    case 'invalid_value':
      return { type: 'literal_error', msg: `Input should be ${alternatives(issue.values)}` }
    case 'too_small':
      return leastRule(issue.origin, Number(issue.minimum))
    case 'too_big':
      return mostRule(issue.origin, Number(issue.maximum))
    case 'unrecognized_keys':
      return { type: 'extra_forbidden', msg: 'Extra inputs are not permitted' }
    default:
      return { type: 'value_error', msg: `${valueError}Input is not valid` }
  }
}

function leastRule(origin: string, ge: number): Rule {
  if (origin === 'string')
    return {
      type: 'string_too_short',
      msg: `String should have at least ${count(ge, 'character')}`,
      ctx: { min_length: ge },
    }
  if (origin === 'array')
    return { type: 'too_short', msg: `List should have at least ${count(ge, 'item')}`, ctx: { min_length: ge } }
  return { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${ge}`, ctx: { ge } }
}

function mostRule(origin: string, le: number): Rule {
  if (origin === 'string')
    return {
      type: 'string_too_long',
      msg: `String should have at most ${count(le, 'character')}`,
      ctx: { max_length: le },
    }
  if (origin === 'array')
    return { type: 'too_long', msg: `List should have at most ${count(le, 'item')}`, ctx: { max_length: le } }
  return { type: 'less_than_equal', msg: `Input should be less than or equal to ${le}`, ctx: { le } }
}

const valueError = 'Value error, '
const integerRule: Rule = {
  type: 'int_parsing',
  msg: 'Input should be a valid integer, unable to parse string as an integer',
}
const dictionary = { type: 'dict_type', msg: 'Input should be a valid dictionary' }
const typeRules: Readonly<Record<string, Rule>> = {
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  int: { type: 'int_type', msg: 'Input should be a valid integer' },
  object: dictionary,
  record: dictionary,
}

const capitalised = (text: string): string =>
  isSentence(text) ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`
const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

function alternatives(values: readonly unknown[]): string {
  const quoted = values.map((value) => `'${String(value)}'`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}

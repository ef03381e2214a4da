// The REST interface as plain data: paths, methods, and the names of the schemas in `rest.ts`. Needs no schema library.
import type { Scope } from './keys.js'
import type { RestErrorCode } from './rest-errors.js'

/** Where the WebSocket is; the second path is the one of the service's predecessor. */
export const socketPath = '/v1/ws'
export const formerSocketPath = '/v1/realtime'

/** A scope; `any`: every key will do; `operator`: only an `admin` key of the account `default`. */
export type Need = Scope | 'any' | 'operator'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path with parameters as `:name`. */
  readonly path: string
  readonly summary: string
  /** Whether a key is needed. */
  readonly secured: boolean
  /** What the key must be allowed to do. A secured route that says nothing is for `admin` keys alone. */
  readonly scope?: Need
  readonly query?: string
  readonly body?: string
  /** Whether the body may be left out. */
  readonly bodyOptional?: true
  /** Status of a success. */
  readonly status: 200 | 201 | 204
  /** Schema of the response, absent when it has no body. */
  readonly response?: string
  /** Errors beyond those that every route can have. */
  readonly errors: readonly RestErrorCode[]
}

export const routes = {
  createAgent: {
    method: 'POST',
    path: '/v1/agents',
    summary: 'Store a new agent.',
    secured: true,
    scope: 'agents',
    body: 'AgentCreate',
    status: 201,
    response: 'AgentRecord',
    errors: ['validation_error', 'invalid_request'],
  },
  listAgents: {
    method: 'GET',
    path: '/v1/agents',
    summary: 'List the stored agents, newest first.',
    secured: true,
    scope: 'agents',
    query: 'PageQuery',
    status: 200,
    response: 'AgentList',
    errors: ['validation_error'],
  },
  getAgent: {
    method: 'GET',
    path: '/v1/agents/:id',
    summary: 'Read a stored agent.',
    secured: true,
    scope: 'agents',
    status: 200,
    response: 'AgentRecord',
    errors: ['agent_not_found'],
  },
  updateAgent: {
    method: 'PUT',
    path: '/v1/agents/:id',
    summary: 'Change parts of a stored agent; what is left out stays. Takes effect for new sessions.',
    secured: true,
    scope: 'agents',
    body: 'AgentUpdate',
    status: 200,
    response: 'AgentRecord',
    errors: ['agent_not_found', 'validation_error', 'invalid_request'],
  },
  deleteAgent: {
    method: 'DELETE',
    path: '/v1/agents/:id',
    summary: 'Delete a stored agent. Sessions that run with it go on.',
    secured: true,
    scope: 'agents',
    status: 204,
    errors: ['agent_not_found'],
  },
  getToken: {
    method: 'GET',
    path: '/v1/token',
    summary: 'Make a token with which a browser can open one session.',
    secured: true,
    scope: 'tokens',
    query: 'TokenQuery',
    status: 200,
    response: 'QueriedToken',
    errors: ['validation_error'],
  },
  createToken: {
    method: 'POST',
    path: '/v1/tokens',
    summary: 'Make a token with which a browser can open one session.',
    secured: true,
    scope: 'tokens',
    body: 'TokenBody',
    bodyOptional: true,
    status: 201,
    response: 'CreatedToken',
    errors: ['validation_error', 'invalid_request'],
  },
  createKey: {
    method: 'POST',
    path: '/v1/keys',
    summary: 'Make an API key. The answer is the only one that holds it.',
    secured: true,
    scope: 'admin',
    body: 'KeyCreate',
    status: 201,
    response: 'CreatedKey',
    errors: ['validation_error', 'invalid_request', 'account_not_found'],
  },
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    summary: 'List the API keys of the account, newest first.',
    secured: true,
    scope: 'admin',
    query: 'PageQuery',
    status: 200,
    response: 'KeyList',
    errors: ['validation_error'],
  },
  revokeKey: {
    method: 'DELETE',
    path: '/v1/keys/:id',
    summary: 'Revoke an API key and the tokens that were made with it. Sessions that run go on.',
    secured: true,
    scope: 'admin',
    status: 204,
    errors: ['key_not_found'],
  },
  createAccount: {
    method: 'POST',
    path: '/v1/accounts',
    summary: 'Make an account. Its first key is made with `POST /v1/keys`.',
    secured: true,
    scope: 'operator',
    body: 'AccountCreate',
    status: 201,
    response: 'AccountRecord',
    errors: ['validation_error', 'invalid_request'],
  },
  listAccounts: {
    method: 'GET',
    path: '/v1/accounts',
    summary: 'List the accounts, newest first.',
    secured: true,
    scope: 'operator',
    query: 'PageQuery',
    status: 200,
    response: 'AccountList',
    errors: ['validation_error'],
  },
  deleteAccount: {
    method: 'DELETE',
    path: '/v1/accounts/:id',
    summary: 'Delete an account with all that belongs to it. Its sessions are ended.',
    secured: true,
    scope: 'operator',
    status: 204,
    errors: ['account_not_found', 'account_in_use'],
  },
  listVoices: {
    method: 'GET',
    path: '/v1/voices',
    summary: 'List the voices that there are.',
    secured: true,
    scope: 'any',
    status: 200,
    response: 'VoiceList',
    errors: [],
  },
  health: {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the server is alive.',
    secured: false,
    status: 200,
    response: 'Health',
    errors: [],
  },
  readiness: {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether every engine has loaded. Answers 503, with the same body, until then.',
    secured: false,
    status: 200,
    response: 'Readiness',
    errors: [],
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes

/** The same table for whoever goes through all of it. */
export const routeList: readonly (Route & { readonly name: RouteName })[] = Object.entries(routes).map(
  // true because the keys of the table are what RouteName is made of
  ([name, route]) => ({ ...route, name: name as RouteName }),
)

type Named<Key extends string> = {
  [Name in RouteName]: (typeof routes)[Name] extends { readonly [K in Key]: infer Schema extends string }
    ? Schema
    : never
}[RouteName]

/** Every schema that a route names. */
export type SchemaName = Named<'query'> | Named<'body'> | Named<'response'>

/** Errors that any route may answer with. */
export const commonErrors = ['rate_limited', 'internal_error'] as const satisfies readonly RestErrorCode[]
/** Errors of every route that needs a key. */
export const keyErrors = [
  'missing_authorization',
  'unauthorized',
  'insufficient_scope',
] as const satisfies readonly RestErrorCode[]
/** Errors of every POST that needs a key, when it comes with the header `Idempotency-Key`. */
export const onceErrors = [
  'idempotency_key_invalid',
  'idempotency_key_reuse',
  'idempotency_in_progress',
] as const satisfies readonly RestErrorCode[]
/** Errors of requests that reach no route. */
export const routingErrors = [
  'not_found',
  'method_not_allowed',
  'payload_too_large',
] as const satisfies readonly RestErrorCode[]

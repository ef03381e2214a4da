// The REST interface as plain data: paths, methods, and the names of the schemas in `rest.ts`. Needs no schema library.
import { accessRoutes } from './access-routes.js'
import { phoneRoutes } from './phone-routes.js'
import type { RestErrorCode } from './rest-errors.js'
import type { Route } from './route.js'
import { webhookRoutes } from './webhook-routes.js'

export type { Need, Route } from './route.js'

/** Where the WebSocket is; the second path is the one of the service's predecessor. */
export const socketPath = '/v1/ws'
export const formerSocketPath = '/v1/realtime'

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
  ...accessRoutes,
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    summary: 'List the sessions, newest first.',
    secured: true,
    scope: 'sessions',
    query: 'SessionQuery',
    status: 200,
    response: 'SessionList',
    errors: ['validation_error'],
  },
  getSession: {
    method: 'GET',
    path: '/v1/sessions/:id',
    summary: 'Read a session: its settings at the start and, once it has ended, addresses of what is kept of it.',
    secured: true,
    scope: 'sessions',
    status: 200,
    response: 'SessionRecord',
    errors: ['session_not_found'],
  },
  deleteSession: {
    method: 'DELETE',
    path: '/v1/sessions/:id',
    summary: 'Delete a session and everything that is kept of what was said in it.',
    secured: true,
    scope: 'sessions',
    status: 204,
    errors: ['session_not_found'],
  },
  getArtifact: {
    method: 'GET',
    path: '/v1/artifacts/:id',
    summary:
      'Fetch what is kept of a session, at an address that `getSession` gave. Needs no key; parts may be asked for.',
    secured: false,
    status: 200,
    errors: ['not_found'],
  },
  ...webhookRoutes,
  ...phoneRoutes,
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
  'auth_service_unavailable',
  'database_unavailable',
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

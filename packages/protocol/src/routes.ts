// The REST interface as plain data: paths, methods, and the names of the schemas in `rest.ts`. Needs no schema library.
import type { RestErrorCode } from './rest-errors.js'

/** Where the WebSocket is; the second path is the one of the service's predecessor. */
export const socketPath = '/v1/ws'
export const formerSocketPath = '/v1/realtime'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with parameters as `:name`. */
  readonly path: string
  readonly summary: string
  /** Whether a key is needed. */
  readonly secured: boolean
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
    status: 200,
    response: 'AgentRecord',
    errors: ['agent_not_found'],
  },
  updateAgent: {
    method: 'PUT',
    path: '/v1/agents/:id',
    summary: 'Change parts of a stored agent; what is left out stays. Takes effect for new sessions.',
    secured: true,
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
    status: 204,
    errors: ['agent_not_found'],
  },
  getToken: {
    method: 'GET',
    path: '/v1/token',
    summary: 'Make a token with which a browser can open one session.',
    secured: true,
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
    body: 'TokenBody',
    bodyOptional: true,
    status: 201,
    response: 'CreatedToken',
    errors: ['validation_error', 'invalid_request'],
  },
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    summary: 'List the sessions, newest first.',
    secured: true,
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
    status: 200,
    response: 'SessionRecord',
    errors: ['session_not_found'],
  },
  deleteSession: {
    method: 'DELETE',
    path: '/v1/sessions/:id',
    summary: 'Delete a session and everything that is kept of what was said in it.',
    secured: true,
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
  createWebhookSubscription: {
    method: 'POST',
    path: '/v1/webhook-subscriptions',
    summary: 'Have events posted to an address.',
    secured: true,
    body: 'WebhookSubscriptionCreate',
    status: 201,
    response: 'WebhookSubscriptionRecord',
    errors: ['validation_error', 'invalid_request', 'webhook_subscription_already_exists'],
  },
  listWebhookSubscriptions: {
    method: 'GET',
    path: '/v1/webhook-subscriptions',
    summary: 'List the webhook subscriptions, newest first.',
    secured: true,
    query: 'WebhookSubscriptionQuery',
    status: 200,
    response: 'WebhookSubscriptionList',
    errors: ['validation_error'],
  },
  getWebhookSubscription: {
    method: 'GET',
    path: '/v1/webhook-subscriptions/:id',
    summary: 'Read a webhook subscription.',
    secured: true,
    status: 200,
    response: 'WebhookSubscriptionRecord',
    errors: ['webhook_subscription_not_found'],
  },
  updateWebhookSubscription: {
    method: 'PATCH',
    path: '/v1/webhook-subscriptions/:id',
    summary:
      'Change a webhook subscription; what is left out stays. For a day after a change of `secret`, `webhook-signature` holds a signature by the former one, too.',
    secured: true,
    body: 'WebhookSubscriptionUpdate',
    status: 200,
    response: 'WebhookSubscriptionRecord',
    errors: [
      'webhook_subscription_not_found',
      'webhook_subscription_already_exists',
      'validation_error',
      'invalid_request',
    ],
  },
  deleteWebhookSubscription: {
    method: 'DELETE',
    path: '/v1/webhook-subscriptions/:id',
    summary: 'Delete a webhook subscription. What was not delivered yet will not be.',
    secured: true,
    status: 204,
    errors: ['webhook_subscription_not_found'],
  },
  listWebhookDeliveries: {
    method: 'GET',
    path: '/v1/sessions/:id/webhook-deliveries',
    summary: 'List what was posted, or will be, about a session, newest first.',
    secured: true,
    query: 'PageQuery',
    status: 200,
    response: 'WebhookDeliveryList',
    errors: ['webhook_deliveries_not_found', 'validation_error'],
  },
  latestWebhookDeliveries: {
    method: 'GET',
    path: '/v1/sessions/:id/webhook-deliveries/latest',
    summary: 'The latest delivery about a session for each subscription.',
    secured: true,
    status: 200,
    response: 'WebhookDeliveryList',
    errors: ['webhook_deliveries_not_found'],
  },
  redeliverWebhook: {
    method: 'POST',
    path: '/v1/webhook-deliveries/:id/redeliver',
    summary: 'Post an event once more, as a delivery of its own with the same `event_id`. Only Parley has this.',
    secured: true,
    status: 201,
    response: 'WebhookDeliveryRecord',
    errors: ['webhook_deliveries_not_found', 'webhook_subscription_not_found', 'invalid_request'],
  },
  listVoices: {
    method: 'GET',
    path: '/v1/voices',
    summary: 'List the voices that there are.',
    secured: true,
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
export const commonErrors = ['internal_error'] as const satisfies readonly RestErrorCode[]
/** Errors of every route that needs a key. */
export const keyErrors = ['missing_authorization', 'unauthorized'] as const satisfies readonly RestErrorCode[]
/** Errors of requests that reach no route. */
export const routingErrors = [
  'not_found',
  'method_not_allowed',
  'payload_too_large',
] as const satisfies readonly RestErrorCode[]

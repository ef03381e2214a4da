// The HTTP interface: every route behind the same manners. It listens to nothing; who composes the server does that.
import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { accountRoutes } from './accounts.js'
import { agentRoutes } from './agents.js'
import { artifactRoutes } from './artifacts.js'
import { callRoutes } from './calls.js'
import { carrierRoutes } from './carriers.js'
import { answerOnce } from './idempotency.js'
import { readJson } from './json-body.js'
import { keyRoutes } from './keys.js'
import { otherMethods } from './methods.js'
import { pageRoutes } from './page.js'
import { phoneNumberRoutes } from './phone-numbers.js'
import type { HttpPorts } from './ports.js'
import { refuse, sendError } from './problem.js'
import { limitRates } from './rate-limits.js'
import { serviceRoutes } from './service.js'
import { sessionRoutes } from './sessions.js'
import { tokenRoutes } from './tokens.js'
import { deliveryRoutes } from './webhook-deliveries.js'
import { webhookRoutes } from './webhooks.js'

/** The longest body of a request, in bytes. */
const BODY_LIMIT = 1_048_576
/** How long a request may take to arrive, in ms. */
const REQUEST_TIMEOUT_MS = 30_000

/** Answers to requests that may not be made: no key, not this key, not as often. */
const refusals: ReadonlySet<number> = new Set([401, 403, 429])

export function httpApp(ports: HttpPorts): FastifyInstance {
  const app = fastify({
    loggerInstance: ports.log,
    // Requests are logged below: Fastify's own lines would hold addresses with tokens in them.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    requestIdHeader: false,
    genReqId: () => `req_${randomUUID().replaceAll('-', '')}`,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: false },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // a request that cannot be routed meets no hook
    frameworkErrors: (error, request, reply) => void sendError(error, request, withManners(request, reply)),
  })
  app.setErrorHandler(sendError)
  app.setNotFoundHandler((request) => {
    throw refuse('not_found', request)
  })
  readJson(app)
  app.addHook('onRequest', async (request, reply) => void withManners(request, reply))
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url
    request.log[route?.startsWith('/v1/') ? 'info' : 'debug'](
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
    if (refusals.has(reply.statusCode)) ports.metrics.requestRefused(reply.statusCode)
  })
  limitRates(app, ports)
  answerOnce(app, ports)
  allowOrigins(app, ports.config.corsOrigins)
  const completeMethods = otherMethods(app)
  agentRoutes(app, ports)
  tokenRoutes(app, ports)
  keyRoutes(app, ports)
  accountRoutes(app, ports)
  sessionRoutes(app, ports)
  artifactRoutes(app, ports)
  webhookRoutes(app, ports)
  deliveryRoutes(app, ports)
  callRoutes(app, ports)
  phoneNumberRoutes(app, ports)
  carrierRoutes(app, ports)
  serviceRoutes(app, ports)
  completeMethods()
  pageRoutes(app, ports)
  return app
}

/** What every answer carries. */
const withManners = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })

/** Lets pages of other sites call the REST interface, where the operator named them. What the page of this server may is not for them. */
function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return
  app.register(cors, {
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedHeaders: ['X-Request-Id', 'Retry-After', 'Idempotency-Replayed'],
    maxAge: 600,
  })
}

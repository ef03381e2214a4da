// The door of every REST route that needs a key.
import { bareValidationError, missingHeader, type Need, restErrors, routeList } from '@parley/protocol'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { DatabaseAwayError } from '../storage/patience.js'
import { type AccountId, defaultAccountId } from '../storage/store.js'
import { allows, type KeyGrant } from './auth.js'
import { claimsToBePage, isLocalPage } from './console-access.js'
import type { Admission } from './doorkeeper.js'
import type { HttpPorts } from './ports.js'
import { DATABASE_AGAIN_AFTER_SECONDS, Refusal, refuse } from './problem.js'

const grants = new WeakMap<FastifyRequest, KeyGrant>()

/** What the key of a request allows; undefined where nobody asked for one. */
export const grantOf = (request: FastifyRequest): KeyGrant | undefined => grants.get(request)

/** The key's grant that a request was let in with. Throws when its route has no door, which is a fault of ours. */
export function requiredGrantOf(request: FastifyRequest): KeyGrant {
  const grant = grants.get(request)
  if (grant === undefined) throw new Error('A route reads the account but lets everybody in.')
  return grant
}

/** The account that a request was let in for. */
export const accountOf = (request: FastifyRequest): AccountId => requiredGrantOf(request).accountId

type Ports = Pick<HttpPorts, 'doorkeeper' | 'config'>

/**
 * Lets in who has a key that may do this, and the page of this server where it needs none. Others get the envelope.
 * What the key must be allowed to do is `need`, or what the table of routes says; where neither says it, everything.
 */
export const needsKey = (ports: Ports, need?: Need): onRequestAsyncHookHandler =>
  door(ports, need, (denial, request) => {
    switch (denial.reason) {
      case 'missing':
        return refuse('missing_authorization', request)
      case 'wrong':
        return refuse('unauthorized', request)
      case 'too many':
        return refuse('rate_limited', request, tooManyFailures)
      case 'scope':
        return refuse('insufficient_scope', request, lacking(denial.need))
      case 'unavailable':
        return refuse('auth_service_unavailable', request)
    }
  })

/** The same for `GET /v1/token`, which answers in an older form (checklist 19, 20; Q15). */
export const needsKeyBare = (ports: Ports): onRequestAsyncHookHandler =>
  door(ports, undefined, (denial) => {
    switch (denial.reason) {
      case 'missing':
        return new Refusal(bareValidationError([missingHeader('authorization')]))
      case 'wrong':
        return new Refusal({
          status: ports.config.strictCompat === 'on' ? 404 : 401,
          body: { detail: 'Invalid API key' },
        })
      case 'too many':
        return new Refusal({ status: 429, body: { detail: tooManyFailures } })
      case 'scope':
        return new Refusal({ status: 403, body: { detail: lacking(denial.need) } })
      case 'unavailable':
        return new Refusal({ status: 503, body: { detail: restErrors.auth_service_unavailable.message } })
    }
  })

const tooManyFailures = 'Too many requests with a wrong key came from this address. Try again later'

const lacking = (need: Need): string =>
  need === 'operator'
    ? "This needs an API key of the account 'default' with the scope 'admin'"
    : `This needs an API key with the scope '${need}'`

type Unavailable = { readonly ok: false; readonly reason: 'unavailable' }
type Denial = Exclude<Admission, { ok: true }> | Unavailable | { readonly reason: 'scope'; readonly need: Need }

function door(
  { doorkeeper, config }: Ports,
  needed: Need | undefined,
  refusal: (denial: Denial, request: FastifyRequest) => Refusal,
): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const need = needed ?? needOf(request)
    const found: Admission | Unavailable = mayBePage(request, config)
      ? { ok: true, via: 'key', ...pageGrant }
      : await doorkeeper.request(request.raw).catch((error: unknown) => withoutDatabase(error, request))
    if (!found.ok) {
      if (found.reason === 'too many') retryAfter(reply, found.retryAfter)
      else if (found.reason === 'unavailable') reply.header('retry-after', DATABASE_AGAIN_AFTER_SECONDS)
      else reply.header('www-authenticate', 'Bearer')
      throw refusal(found, request)
    }
    // a request is never let in by a token, which opens sessions and nothing else
    if (found.via !== 'key' || !allows(found, need)) {
      reply.header('www-authenticate', 'Bearer error="insufficient_scope"')
      throw refusal({ reason: 'scope', need }, request)
    }
    grants.set(request, found)
  }
}

function withoutDatabase(error: unknown, request: FastifyRequest): Unavailable {
  if (!(error instanceof DatabaseAwayError)) throw error
  request.log.error({ err: error }, 'a key could not be checked: the database does not answer')
  return { ok: false, reason: 'unavailable' }
}

/** Tells when to come back: whole seconds, at least one (RFC 9110, 10.2.3). */
export const retryAfter = (reply: FastifyReply, waitMs: number): FastifyReply =>
  reply.header('retry-after', Math.max(1, Math.ceil(waitMs / 1000)))

const needs: ReadonlyMap<string, Need> = new Map(
  routeList.flatMap(({ method, path, scope }) => (scope === undefined ? [] : [[`${method} ${path}`, scope]])),
)

const needOf = ({ method, routeOptions }: FastifyRequest): Need =>
  needs.get(`${method === 'HEAD' ? 'GET' : method} ${routeOptions.url}`) ?? 'admin'

const mayBePage = (request: FastifyRequest, { console }: Ports['config']): boolean =>
  request.headers.authorization === undefined &&
  console === 'keyless' &&
  claimsToBePage(request) &&
  isLocalPage(request)

/** What the page may without a key: what it is there for, and not to hand out keys. */
const pageGrant: KeyGrant = {
  keyId: undefined,
  accountId: defaultAccountId,
  scopes: ['agents', 'sessions', 'tokens', 'calls'],
  maxSessions: undefined,
}

// The door of every REST route that needs a key.
import { bareValidationError, missingHeader } from '@parley/protocol'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { type AccountId, defaultAccountId } from '../storage/store.js'
import type { Authentication } from './auth.js'
import { claimsToBePage, isLocalPage } from './console-access.js'
import type { HttpPorts } from './ports.js'
import { Refusal, refuse } from './problem.js'

const accounts = new WeakMap<FastifyRequest, AccountId>()

/** The account that a request was let in for. Throws when its route has no door, which is a fault of ours. */
export function accountOf(request: FastifyRequest): AccountId {
  const account = accounts.get(request)
  if (account === undefined) throw new Error('A route reads the account but lets everybody in.')
  return account
}

type Ports = Pick<HttpPorts, 'authenticator' | 'config'>

/** Lets in who has a key, and the page of this server where it needs none. Others get the envelope. */
export const needsKey = (ports: Ports): onRequestAsyncHookHandler =>
  door(ports, (request, reason) => refuse(reason === 'missing' ? 'missing_authorization' : 'unauthorized', request))

/** The same for `GET /v1/token`, which answers in an older form (checklist 19, 20; Q15). */
export const needsKeyBare = (ports: Ports): onRequestAsyncHookHandler =>
  door(ports, (_, reason) => {
    if (reason === 'missing') return new Refusal(bareValidationError([missingHeader('authorization')]))
    const status = ports.config.strictCompat === 'on' ? 404 : 401
    return new Refusal({ status, body: { detail: 'Invalid API key' } })
  })

type Reason = (Authentication & { ok: false })['reason']

function door(
  { authenticator, config }: Ports,
  refusal: (request: FastifyRequest, reason: Reason) => Refusal,
): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const { authorization } = request.headers
    if (
      authorization === undefined &&
      config.console === 'keyless' &&
      claimsToBePage(request) &&
      isLocalPage(request)
    ) {
      accounts.set(request, defaultAccountId)
      return
    }
    const found = await authenticator.request(authorization)
    if (found.ok) {
      accounts.set(request, found.accountId)
      return
    }
    reply.header('www-authenticate', 'Bearer')
    throw refusal(request, found.reason)
  }
}

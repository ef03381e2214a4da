// The routes that make temporary tokens (protocol sections 1.4, 1.5; checklist 8, 13-20, 25).
import { bareValidationError, checkTokenBody, checkTokenQuery, routes, validationError } from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hashOf, newToken } from '../secrets.js'
import { needsKey, needsKeyBare, requiredGrantOf } from './access.js'
import type { HttpPorts } from './ports.js'
import { Refusal } from './problem.js'

export function tokenRoutes(app: FastifyInstance, ports: HttpPorts): void {
  async function issue(request: FastifyRequest, expiresInSeconds: number, sessionCapSeconds?: number) {
    const token = newToken()
    const { accountId, keyId } = requiredGrantOf(request)
    const { expiresAt } = await ports.store.tokens.issue({
      hash: hashOf(token),
      accountId,
      keyId,
      expiresInSeconds,
      sessionCapSeconds,
    })
    ports.doorkeeper.gaveOut(token)
    return { token, expiresAt }
  }

  app.get(routes.getToken.path, { onRequest: needsKeyBare(ports) }, async (request) => {
    const checked = checkTokenQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
    if (!checked.ok) throw new Refusal(bareValidationError(checked.errors))
    const { expires_in_seconds, max_session_duration_seconds } = checked.value
    const { token } = await issue(request, expires_in_seconds, max_session_duration_seconds)
    return { token, expires_in_seconds }
  })

  app.post(routes.createToken.path, { onRequest: needsKey(ports) }, async (request, reply) => {
    const checked = checkTokenBody(request.body)
    if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
    const { token, expiresAt } = await issue(request, checked.value.expires_in_seconds)
    return reply.code(routes.createToken.status).send({ token, expires_at: expiresAt.toISOString() })
  })
}

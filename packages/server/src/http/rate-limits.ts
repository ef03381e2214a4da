// How many requests each account may make, and each address that shows no key.
import type { FastifyInstance } from 'fastify'
import { grantOf, retryAfter } from './access.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

/**
 * Refuses what is too much after the key was checked and before the body is read. Who is known by a signature is counted
 * when that does not fit.
 */
export function limitRates(app: FastifyInstance, { doorkeeper }: Pick<HttpPorts, 'doorkeeper'>): void {
  app.addHook('preParsing', async (request, reply) => {
    if (request.routeOptions.config.isSigned) return
    const wait = doorkeeper.wait(request.raw, grantOf(request)?.accountId)
    if (wait === 0) return
    retryAfter(reply, wait)
    throw refuse('rate_limited', request)
  })
}

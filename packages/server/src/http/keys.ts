// The routes of API keys.
import { checkKeyCreate, routes } from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createKey, keyRecord } from '../new-key.js'
import { accountOf, needsKey, requiredGrantOf } from './access.js'
import { allows } from './auth.js'
import { accepted } from './checked.js'
import { pagingOf } from './cursor.js'
import { pageAskedFor } from './paging.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

export function keyRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, doorkeeper } = ports
  const onRequest = needsKey(ports)

  app.post(routes.createKey.path, { onRequest }, async (request, reply) => {
    const asked = accepted(checkKeyCreate(request.body), request)
    const created = await createKey(store.keys, await accountFor(asked.account_id ?? undefined, request), asked)
    doorkeeper.gaveOut(created.key)
    return reply.code(routes.createKey.status).send(created)
  })

  app.get(routes.listKeys.path, { onRequest }, async (request) => {
    const { keys, next } = await store.keys.list(accountOf(request), pageAskedFor(request))
    return { keys: keys.map(keyRecord), ...pagingOf(next) }
  })

  app.delete<{ Params: { id: string } }>(routes.revokeKey.path, { onRequest }, async (request, reply) => {
    const { id } = request.params
    if (!/^key_[0-9a-f]{32}$/.test(id) || !(await store.keys.remove(accountOf(request), id)))
      throw refuse('key_not_found', request)
    return reply.code(routes.revokeKey.status).send()
  })

  /** The account that a new key is for: the asker's own, or any where an operator asks. */
  async function accountFor(named: string | undefined, request: FastifyRequest): Promise<string> {
    const grant = requiredGrantOf(request)
    if (named === undefined || named === grant.accountId) return grant.accountId
    if (!allows(grant, 'operator'))
      throw refuse('insufficient_scope', request, "Only the account 'default' may make keys for other accounts")
    if (!(await store.accounts.exists(named))) throw refuse('account_not_found', request)
    return named
  }
}

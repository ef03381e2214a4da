// The routes of accounts, for those who run the server: the admin keys of the default account.
import { randomBytes } from 'node:crypto'
import { type AccountRecord, checkAccountCreate, routes } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'
import { defaultAccountId, type StoredAccount } from '../storage/store.js'
import { needsKey } from './access.js'
import { accepted } from './checked.js'
import { pagingOf } from './cursor.js'
import { pageAskedFor } from './paging.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

export function accountRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store } = ports
  const onRequest = needsKey(ports)

  app.post(routes.createAccount.path, { onRequest }, async (request, reply) => {
    const { name } = accepted(checkAccountCreate(request.body), request)
    const account = await store.accounts.create(`acct_${randomBytes(16).toString('hex')}`, name)
    return reply.code(routes.createAccount.status).send(accountRecord(account))
  })

  app.get(routes.listAccounts.path, { onRequest }, async (request) => {
    const { accounts, next } = await store.accounts.list(pageAskedFor(request))
    return { accounts: accounts.map(accountRecord), ...pagingOf(next) }
  })

  app.delete<{ Params: { id: string } }>(routes.deleteAccount.path, { onRequest }, async (request, reply) => {
    const { id } = request.params
    if (id === defaultAccountId) throw refuse('account_in_use', request)
    if (!/^acct_[0-9a-f]{32}$/.test(id) || !(await store.accounts.remove(id)))
      throw refuse('account_not_found', request)
    ports.accountRemoved(id)
    return reply.code(routes.deleteAccount.status).send()
  })
}

const accountRecord = ({ id, name, createdAt }: StoredAccount): AccountRecord => ({
  id,
  name,
  created_at: createdAt.toISOString(),
})

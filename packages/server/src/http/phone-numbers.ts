// The routes of telephone numbers: which agent answers which (protocol section 6.6).
import { randomBytes } from 'node:crypto'
import {
  checkPhoneNumberAssignment,
  naiveTime,
  type PhoneNumberRecord,
  phoneNumberPattern,
  routes,
} from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredPhoneNumber } from '../storage/phone-numbers.js'
import { accountOf, needsKey } from './access.js'
import { phoneFor } from './calls.js'
import { accepted } from './checked.js'
import { pagingOf } from './cursor.js'
import { pageAskedFor } from './paging.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

type WithNumber = { Params: { number: string } }

export function phoneNumberRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, clock } = ports
  const onRequest = needsKey(ports)
  const now = () => new Date(clock.unixMs())

  app.get(routes.listPhoneNumbers.path, { onRequest }, async (request) => {
    phoneFor(request, ports)
    const { numbers, next } = await store.phoneNumbers.list(accountOf(request), pageAskedFor(request))
    return { phone_numbers: numbers.map(recordOf), ...pagingOf(next) }
  })

  app.get<WithNumber>(routes.getPhoneNumber.path, { onRequest }, async (request) => {
    const number = await store.phoneNumbers.find(accountOf(request), numberIn(request))
    if (!number) throw refuse('phone_number_not_found', request)
    return recordOf(number)
  })

  app.delete<WithNumber>(routes.deletePhoneNumber.path, { onRequest }, async (request, reply) => {
    if (!(await store.phoneNumbers.remove(accountOf(request), numberIn(request))))
      throw refuse('phone_number_not_found', request)
    return reply.code(routes.deletePhoneNumber.status).send()
  })

  app.put<WithNumber>(routes.assignPhoneNumber.path, { onRequest }, async (request) => {
    const number = numberIn(request)
    const { agent_id: agentId } = accepted(checkPhoneNumberAssignment(request.body), request)
    const accountId = accountOf(request)
    if (!(await store.agents.find(accountId, agentId))) throw refuse('agent_not_found', request)
    const id = `phone_${randomBytes(16).toString('hex')}`
    const assigned = await store.phoneNumbers.assign(accountId, number, agentId, id, now())
    if (assigned === 'taken') throw refuse('phone_number_conflict', request)
    return recordOf(assigned)
  })

  app.delete<WithNumber>(routes.unassignPhoneNumber.path, { onRequest }, async (request) => {
    const number = await store.phoneNumbers.unassign(accountOf(request), numberIn(request), now())
    if (!number) throw refuse('phone_number_not_found', request)
    return recordOf(number)
  })

  function numberIn(request: FastifyRequest<WithNumber>): string {
    phoneFor(request, ports)
    const { number } = request.params
    if (phoneNumberPattern.test(number)) return number
    throw refuse('phone_number_not_found', request, `${number} is not a phone number such as +15550100`)
  }
}

const recordOf = ({ id, number, agentId, createdAt, updatedAt }: StoredPhoneNumber): PhoneNumberRecord => ({
  id,
  phone_number: number,
  agent_id: agentId ?? null,
  type: 'imported',
  termination_uri: null,
  country_code: null,
  number_type: null,
  label: null,
  created_at: naiveTime(createdAt),
  updated_at: naiveTime(updatedAt),
})

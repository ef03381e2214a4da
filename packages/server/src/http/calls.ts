// The routes of telephone calls (protocol section 6.6).
import {
  bodyError,
  type CallRecord,
  checkCallCreate,
  checkCallQuery,
  restError,
  routes,
  validationError,
} from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callRecord } from '../phone/call-news.js'
import { CarrierError } from '../phone/carrier-rest.js'
import type { NotPlaced } from '../phone/outgoing.js'
import { accountOf, needsKey, requiredGrantOf } from './access.js'
import { accepted } from './checked.js'
import { pagingOf, positionOf, wrongCursor } from './cursor.js'
import type { HttpPorts } from './ports.js'
import { Refusal, refuse } from './problem.js'

type WithId = { Params: { id: string } }

export function callRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store } = ports
  const onRequest = needsKey(ports)

  app.post(routes.createCall.path, { onRequest }, async (request, reply) => {
    const { outgoing } = phoneFor(request, ports)
    const body = accepted(checkCallCreate(request.body), request)
    const call = await outgoing.place(requiredGrantOf(request), body)
    if ('code' in call) throw notPlaced(call, request)
    return reply.code(routes.createCall.status).send(callRecord(call))
  })

  app.get(routes.listCalls.path, { onRequest }, async (request) => {
    phoneFor(request, ports)
    const checked = checkCallQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
    if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
    const { limit, cursor, status, direction, agent_id: agentId } = checked.value
    const after = positionOf(cursor)
    if (after === null) throw new Refusal(validationError([wrongCursor(cursor)], request.id))
    // an id that cannot be stored is of no agent
    if (agentId !== undefined && !/^[\x21-\x7e]{1,256}$/.test(agentId)) return { calls: [], ...pagingOf(undefined) }
    const page = await store.calls.list(accountOf(request), { limit, after, status, direction, agentId })
    return { calls: page.calls.map(callRecord), ...pagingOf(page.next) }
  })

  app.get<WithId>(
    routes.getCall.path,
    { onRequest },
    async (request): Promise<CallRecord> => callRecord(await callNamed(request)),
  )

  app.delete<WithId>(routes.hangUpCall.path, { onRequest }, async (request, reply) => {
    const { outgoing } = phoneFor(request, ports)
    const call = await callNamed(request)
    await outgoing.hangUp(call).catch((error: unknown) => {
      if (!(error instanceof CarrierError)) throw error
      throw refuse('telephony_provider_error', request, error.message)
    })
    return reply.code(routes.hangUpCall.status).send()
  })

  async function callNamed(request: FastifyRequest<WithId>) {
    phoneFor(request, ports)
    const { id } = request.params
    const call = /^call_[0-9a-f]{32}$/.test(id) && (await store.calls.find(accountOf(request), id))
    if (!call) throw refuse('call_not_found', request)
    return call
  }
}

/** The telephone, or the 404 that says how to have one. */
export function phoneFor(
  request: FastifyRequest,
  { phone }: Pick<HttpPorts, 'phone'>,
): NonNullable<HttpPorts['phone']> {
  if (phone) return phone
  throw refuse(
    'not_found',
    request,
    'This server has no telephone. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TELNYX_PUBLIC_KEY',
  )
}

function notPlaced({ code, message, param }: NotPlaced, request: FastifyRequest): Refusal {
  if (code === 'validation_error')
    return new Refusal(validationError([bodyError([param ?? ''], message ?? '')], request.id))
  const details = { ...(message !== undefined && { message }), ...(param !== undefined && { param }) }
  return new Refusal(restError(code, request.id, details))
}

// The routes of stored agents (protocol sections 6.2, 6.3; checklist 143-160).
import {
  bodyError,
  type Checked,
  checkAgentCreate,
  checkAgentUpdate,
  type FieldError,
  type Known,
  naiveTime,
  routes,
  validationError,
} from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accountOf, needsKey } from './access.js'
import { changedContent, createdContent, newAgentId } from './agent-content.js'
import { ContentError } from './agent-secrets.js'
import { recordOf } from './agent-view.js'
import { pagingOf } from './cursor.js'
import { pageAskedFor } from './paging.js'
import type { HttpPorts } from './ports.js'
import { Refusal, refuse } from './problem.js'
import { unstorablePath } from './storable.js'
import { addressErrors } from './url-rules.js'

type WithId = { Params: { id: string } }

export function agentRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, secrets, clock, config } = ports
  const onRequest = needsKey(ports)
  const known = (): Known => ({
    voices: ports.voices().map(({ id }) => id),
    allowPrivateUrls: config.privateUrls === 'on',
  })
  const now = () => naiveTime(new Date(clock.unixMs()))

  /** What was checked, or the 422. */
  async function accepted<Value extends Parameters<typeof addressErrors>[0]>(
    checked: Checked<Value>,
    request: FastifyRequest,
  ): Promise<Value> {
    if (!checked.ok) throw invalid(checked.errors, request)
    const unstorable = unstorablePath(checked.value)
    const errors = [
      ...(await addressErrors(checked.value, ports.guard)),
      ...(unstorable ? [bodyError(unstorable, 'Must not hold the character NUL or half a character')] : []),
    ]
    if (errors.length > 0) throw invalid(errors, request)
    return checked.value
  }

  app.post(routes.createAgent.path, { onRequest }, async (request, reply) => {
    const agent = await accepted(checkAgentCreate(request.body, known()), request)
    const account = accountOf(request)
    const id = newAgentId()
    const content = createdContent(agent, { id, now: now(), secrets })
    const created = await store.agents.create(account, id, content)
    return reply.code(routes.createAgent.status).send(recordOf(created))
  })

  app.get(routes.listAgents.path, { onRequest }, async (request) => {
    const page = await store.agents.list(accountOf(request), pageAskedFor(request))
    return {
      agents: page.agents.map(({ id, name, createdAt, updatedAt }) => ({
        id,
        name,
        created_at: createdAt,
        updated_at: updatedAt,
      })),
      ...pagingOf(page.next),
    }
  })

  app.get<WithId>(routes.getAgent.path, { onRequest }, async (request) => {
    const agent = isPossibleId(request.params.id) && (await store.agents.find(accountOf(request), request.params.id))
    if (!agent) throw refuse('agent_not_found', request)
    return recordOf(agent)
  })

  app.put<WithId>(routes.updateAgent.path, { onRequest }, async (request) => {
    const { id } = request.params
    const change = await accepted(checkAgentUpdate(request.body, known()), request)
    const agent =
      isPossibleId(id) &&
      (await store.agents
        .update(accountOf(request), id, (current) => changedContent(change, current, { id, now: now(), secrets }))
        .catch((error: unknown) => {
          throw error instanceof ContentError ? invalid(error.errors, request) : error
        }))
    if (!agent) throw refuse('agent_not_found', request)
    return recordOf(agent)
  })

  app.delete<WithId>(routes.deleteAgent.path, { onRequest }, async (request, reply) => {
    const removed =
      isPossibleId(request.params.id) && (await store.agents.remove(accountOf(request), request.params.id))
    if (!removed) throw refuse('agent_not_found', request)
    return reply.code(routes.deleteAgent.status).send()
  })
}

const invalid = (errors: readonly FieldError[], request: FastifyRequest): Refusal =>
  new Refusal(validationError(errors, request.id))

/** Any printable id may have been imported (Q17); others, which the database could not even look up, are of no agent. */
const isPossibleId = (id: string): boolean => /^[\x21-\x7e]{1,256}$/.test(id)

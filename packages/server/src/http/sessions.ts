// The routes of sessions: what ran, and what is kept of it (protocol section 6.4; checklist 161, 162).
import { checkSessionQuery, routes, type SessionList, type SessionRecord, validationError } from '@parley/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { StoredSessionSummary } from '../storage/store.js'
import { accountOf, needsKey } from './access.js'
import { cursorOf, positionOf, wrongCursor } from './cursor.js'
import type { HttpPorts } from './ports.js'
import { Refusal, refuse } from './problem.js'

type WithId = { Params: { id: string } }

export function sessionRoutes(app: FastifyInstance, ports: HttpPorts): void {
  const { store, history, config } = ports
  const onRequest = needsKey(ports)
  const baseOf = (request: FastifyRequest) =>
    config.publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`

  app.get(routes.listSessions.path, { onRequest }, async (request): Promise<SessionList> => {
    const checked = checkSessionQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
    if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
    const { limit, cursor, status, agent_id: agentId } = checked.value
    const after = positionOf(cursor)
    if (after === null) throw new Refusal(validationError([wrongCursor(cursor ?? '')], request.id))
    // an id that cannot be stored is of no agent
    if (agentId !== undefined && !isPossibleId(agentId)) return pageOf([], undefined)
    const page = await store.sessions.list(accountOf(request), { limit, after, status, agentId })
    return pageOf(page.sessions, page.next)
  })

  app.get<WithId>(routes.getSession.path, { onRequest }, async (request): Promise<SessionRecord> => {
    const { id } = request.params
    const session = isPossibleId(id) && (await store.sessions.find(accountOf(request), id))
    if (!session) throw refuse('session_not_found', request)
    const artifacts = session.status === 'completed' ? await history.artifacts(session, baseOf(request)) : []
    return { ...summaryOf(session), config: session.config && { ...session.config }, artifacts: [...artifacts] }
  })

  app.delete<WithId>(routes.deleteSession.path, { onRequest }, async (request, reply) => {
    const { id } = request.params
    if (!isPossibleId(id) || !(await history.remove(accountOf(request), id))) throw refuse('session_not_found', request)
    return reply.code(routes.deleteSession.status).send()
  })
}

const summaryOf = (session: StoredSessionSummary): SessionList['sessions'][number] => ({
  id: session.id,
  agent_id: session.agentId,
  status: session.status,
  public_close_reason: session.closeReason,
  duration_seconds: session.durationSeconds,
  created_at: session.createdAt,
  ended_at: session.endedAt,
})

const pageOf = (sessions: readonly StoredSessionSummary[], next: string | undefined): SessionList => ({
  sessions: sessions.map(summaryOf),
  has_more: next !== undefined,
  response_metadata: { next_cursor: next === undefined ? '' : cursorOf(next) },
})

/** Others could not even be looked up. */
const isPossibleId = (id: string): boolean => /^[\x21-\x7e]{1,256}$/.test(id)

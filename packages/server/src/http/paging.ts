// Which page of a list a request asks for (checklist 149, 150).
import { checkPageQuery, validationError } from '@parley/protocol'
import type { FastifyRequest } from 'fastify'
import type { PageOf } from '../storage/store.js'
import { positionOf, wrongCursor } from './cursor.js'
import { Refusal } from './problem.js'

/** Which page is asked for. Throws the 422. */
export function pageAskedFor(request: FastifyRequest): PageOf {
  const checked = checkPageQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
  if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
  const { limit, cursor } = checked.value
  const after = positionOf(cursor)
  if (after === null) throw new Refusal(validationError([wrongCursor(cursor)], request.id))
  return { limit, after }
}

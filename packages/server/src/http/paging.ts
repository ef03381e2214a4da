// Pages of a list: from the query to the place where to begin, and from what was found to the answer (checklist 149, 150).
import { checkPageQuery, type FieldError, validationError } from '@parley/protocol'
import type { FastifyRequest } from 'fastify'
import type { PageOf } from '../storage/store.js'
import { cursorOf, positionOf } from './cursor.js'
import { Refusal } from './problem.js'

/** Which page is asked for. Throws the 422. */
export function pageAskedFor(request: FastifyRequest): PageOf {
  const checked = checkPageQuery(request.query as Readonly<Record<string, unknown>>) // Fastify parses queries into objects
  if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
  const { limit, cursor } = checked.value
  const after = positionOf(cursor)
  if (after === null) throw new Refusal(validationError([wrongCursor(cursor ?? '')], request.id))
  return { limit, after }
}

/** How the list goes on. */
export const continuation = (next: string | undefined) => ({
  has_more: next !== undefined,
  response_metadata: { next_cursor: next === undefined ? '' : cursorOf(next) },
})

const wrongCursor = (cursor: string): FieldError => {
  const message = 'Cursor is not one that a list has given'
  return {
    param: 'cursor',
    message,
    detail: { type: 'value_error', loc: ['query', 'cursor'], msg: `Value error, ${message}`, input: cursor },
  }
}

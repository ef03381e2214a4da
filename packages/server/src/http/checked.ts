// A body that was checked: what it holds, or the 422.
import { bodyError, type Checked, validationError } from '@parley/protocol'
import type { FastifyRequest } from 'fastify'
import { Refusal } from './problem.js'
import { unstorablePath } from './storable.js'

/** Throws the 422 for what is not valid, and for text that the database cannot keep. */
export function accepted<Value>(checked: Checked<Value>, request: FastifyRequest): Value {
  if (!checked.ok) throw new Refusal(validationError(checked.errors, request.id))
  const unstorable = unstorablePath(checked.value)
  if (unstorable === undefined) return checked.value
  const error = bodyError(unstorable, 'Must not hold the character NUL or half a character')
  throw new Refusal(validationError([error], request.id))
}

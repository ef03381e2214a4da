// An error as a response: everything that can go wrong in a request leaves in the documented envelope.
import { type RestErrorCode, type RestResponse, restError } from '@parley/protocol'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { DatabaseAwayError } from '../storage/patience.js'

/** When to come back to a database that is away, in seconds. */
export const DATABASE_AGAIN_AFTER_SECONDS = 5

/** Thrown by a handler to answer with an error. What is answered is no fault of the server. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly response: RestResponse<unknown>

  constructor(response: RestResponse<unknown>) {
    super(`The request is refused with ${response.status}.`)
    this.response = response
  }
}

/** A refusal in the envelope of `code`. */
export const refuse = (code: RestErrorCode, request: FastifyRequest, message?: string): Refusal =>
  new Refusal(restError(code, request.id, message === undefined ? {} : { message }))

/** Answers for whatever a handler, a hook or Fastify itself has thrown. Details of faults go to the log alone. */
export function sendError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = error instanceof Refusal ? error.response : responseTo(error, request)
  if (error instanceof DatabaseAwayError) reply.header('retry-after', DATABASE_AGAIN_AFTER_SECONDS)
  return reply.code(status).send(body)
}

function responseTo(error: FastifyError | Error, request: FastifyRequest): RestResponse<unknown> {
  if (error instanceof DatabaseAwayError) {
    request.log.error({ err: error }, 'a request failed: the database does not answer')
    return restError('database_unavailable', request.id)
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  switch (status) {
    case 413:
      return restError('payload_too_large', request.id)
    case 415:
      return restError('invalid_request', request.id, {
        message: 'The body must be JSON, sent with the header Content-Type: application/json',
      })
    default:
  }
  if (status !== undefined && status >= 400 && status < 500) return restError('invalid_request', request.id)
  request.log.error({ err: error }, 'a request failed')
  return restError('internal_error', request.id)
}

// The addresses that carriers ask: no API key lets them in, but their signature.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Asked, readAsked } from '../phone/asked.js'
import { carrierNames, carrierPath } from '../phone/call.js'
import type { CarrierSignature } from '../phone/signature.js'
import { retryAfter } from './access.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whoever asks is known by a signature over the body, which comes as it is. */
    readonly isSigned?: true
  }
}

/** The longest body, in bytes: a form of a few dozen fields. */
const BODY_LIMIT = 65_536

export function carrierRoutes(app: FastifyInstance, { phone, doorkeeper, log }: HttpPorts): void {
  if (!phone) return
  const { signatures, desk, addressOf } = phone
  app.addContentTypeParser<string>('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) =>
    request.routeOptions.config.isSigned ? done(null, body) : done(notJson()),
  )

  /** Throws the 403, or the 429 for who fails too often; what is signed is never too much. */
  function verify(signature: CarrierSignature, request: FastifyRequest, reply: FastifyReply): void {
    const why = signature.request(request.raw, textOf(request))
    if (why === undefined) return
    const wait = doorkeeper.wait(request.raw, undefined)
    if (wait > 0) {
      retryAfter(reply, wait)
      throw refuse('rate_limited', request)
    }
    log.warn({ why, path: request.routeOptions.url }, 'A request that is not of the carrier was refused.')
    throw refuse('wrong_signature', request, why)
  }

  for (const carrier of carrierNames) {
    const signature = signatures[carrier]
    if (!signature) continue
    const on = (
      what: 'voice' | 'after' | 'status' | 'machine',
      answer: (asked: Asked) => Promise<string | undefined>,
    ) =>
      app.post(
        carrierPath(carrier, what),
        { config: { isSigned: true }, bodyLimit: BODY_LIMIT },
        async (request, reply) => {
          verify(signature, request, reply)
          const asked = readAsked(carrier, addressOf(request.raw), request.query, textOf(request))
          if (!asked) throw refuse('invalid_request', request, 'The form has no CallSid')
          const document = await answer(asked)
          if (document === undefined) return reply.code(204).send()
          return reply.type('text/xml; charset=utf-8').send(document)
        },
      )
    on('voice', desk.voice)
    on('after', desk.after)
    on('status', (asked) => desk.status(asked).then(nothing))
    on('machine', (asked) => desk.machine(asked).then(nothing))
  }
}

const nothing = () => undefined

const textOf = ({ body }: FastifyRequest): string => (typeof body === 'string' ? body : '')

/** As Fastify says of a body whose type nobody reads. */
const notJson = (): Error => Object.assign(new Error('Unsupported Media Type'), { statusCode: 415 })

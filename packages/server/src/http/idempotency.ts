// `Idempotency-Key` on every POST that needs a key: a request that is sent again is answered as the first one was (checklist 159).
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { hashOf, SealError } from '../secrets.js'
import { repeatPlace } from '../storage/repeats.js'
import { grantOf } from './access.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

interface First {
  readonly accountId: string
  readonly key: string
}

/**
 * Answers are kept for a day, sealed with the server's secret key, for they may hold a token or an API key. Only a
 * success is kept: a request that was refused, or that failed, has made nothing, and may be sent again as it is.
 */
export function answerOnce(app: FastifyInstance, { store, secrets, log }: HttpPorts): void {
  const firsts = new WeakMap<FastifyRequest, First>()

  app.addHook('preHandler', async (request, reply) => {
    const first = firstOf(request)
    if (!first) return
    const { accountId, key } = first
    const asked = hashOf(JSON.stringify([request.method, request.url, request.body ?? null])).toString('base64url')
    const claim = await store.repeats.claim(accountId, {
      key,
      request: secrets.seal(asked, placeOf(first)),
      isSame: (earlier) => opened(earlier, first) === asked,
    })
    switch (claim.outcome) {
      case 'first':
        firsts.set(request, first)
        return
      case 'running':
        reply.header('retry-after', 1)
        throw refuse('idempotency_in_progress', request)
      case 'other':
        throw refuse('idempotency_key_reuse', request)
      case 'answered': {
        const body = opened(claim.answer.body, first)
        if (body === undefined) throw refuse('idempotency_key_reuse', request)
        reply.header('idempotency-replayed', 'true').code(claim.answer.status)
        if (body !== '') reply.type('application/json; charset=utf-8')
        return reply.send(body)
      }
    }
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const first = firsts.get(request)
    if (!first) return
    firsts.delete(request)
    const { accountId, key } = first
    const isSuccess = reply.statusCode >= 200 && reply.statusCode < 300
    const kept = isSuccess
      ? store.repeats.answer(accountId, key, {
          status: reply.statusCode,
          body: secrets.seal(typeof payload === 'string' ? payload : '', placeOf(first)),
        })
      : store.repeats.release(accountId, key)
    // what was made is made: its answer goes out even when it cannot be kept
    await kept.catch((error: unknown) => log.error({ error }, 'The answer to an idempotent request could not be kept.'))
  })

  /** Undefined for what was sealed with a key that is not in use any more. */
  function opened(envelope: string, first: First): string | undefined {
    try {
      return secrets.open(envelope, placeOf(first))
    } catch (error) {
      if (error instanceof SealError) return undefined
      throw error
    }
  }
}

const placeOf = ({ accountId, key }: First): string => repeatPlace(accountId, key)

function firstOf(request: FastifyRequest): First | undefined {
  const grant = grantOf(request)
  const key = request.headers['idempotency-key']
  if (request.method !== 'POST' || grant === undefined || key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(key)) throw refuse('idempotency_key_invalid', request)
  return { accountId: grant.accountId, key }
}

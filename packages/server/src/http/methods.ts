// The answer to a method that a path does not have: which ones it has.
import { restError } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'

const every = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Notes the paths that are added from here on. What it returns, called once they are all there, completes them:
 * OPTIONS names the methods of the path, and any that it lacks is a 405.
 */
export function otherMethods(app: FastifyInstance): () => void {
  const paths = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = paths.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    paths.set(url, methods)
  })
  return () => {
    for (const [url, methods] of [...paths]) {
      const allow = [...methods, 'OPTIONS'].join(', ')
      app.options(url, async (_, reply) => reply.code(204).header('allow', allow).send())
      app.route({
        method: every.filter((method) => !methods.has(method)),
        url,
        handler: async (request, reply) => {
          const { status, body } = restError('method_not_allowed', request.id)
          return reply.code(status).header('allow', allow).send(body)
        },
      })
    }
  }
}

// The route of files that are kept of sessions. The address is the key: it names one file, for an hour (protocol section 6.4).
import { basename, dirname } from 'node:path'
import { send } from '@fastify/send'
import { routes } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'
import { artifactFiles } from '../history/messages.js'
import type { HttpPorts } from './ports.js'
import { refuse } from './problem.js'

export function artifactRoutes(app: FastifyInstance, { history }: HttpPorts): void {
  app.get<{ Params: { id: string } }>(routes.getArtifact.path, async (request, reply) => {
    const file = history.fileAt(request.params.id)
    const found =
      file &&
      // parts of the sound can be asked for, so that a player may jump
      (await send(request.raw, basename(file.path), { root: dirname(file.path), cacheControl: false }))
    if (found?.statusCode === 416) return reply.code(416).headers(found.headers).send()
    if (!file || found?.type !== 'file')
      throw refuse('not_found', request, 'There is nothing at this address, or not any more: ask for the session again')
    const { name, contentType } = artifactFiles[file.type]
    return reply
      .code(found.statusCode)
      .headers({
        ...found.headers,
        'content-type': contentType,
        'content-disposition': `inline; filename="${file.id}-${name}"`,
      })
      .send(found.stream)
  })
}

// The routes about the server itself: voices, health, metrics, its description, and what it says to a lost browser.
import { type Readiness, restError, routes, socketPath, type VoiceList } from '@parley/protocol'
import type { FastifyInstance } from 'fastify'
import { needsKey } from './access.js'
import type { HttpPorts } from './ports.js'

export function serviceRoutes(app: FastifyInstance, ports: HttpPorts): void {
  app.get(
    routes.listVoices.path,
    { onRequest: needsKey(ports) },
    async (): Promise<VoiceList> => ({
      voices: ports.voices().map(({ id, language, description, sample }) => ({
        voice_id: id,
        language,
        accent: description,
        sample_text: sample,
      })),
    }),
  )

  app.get(routes.health.path, async () => ({ status: 'ok' }))

  app.get(routes.readiness.path, async (_, reply) => {
    const engines = ports.engines()
    const ready = ports.accepting() && engines.every((engine) => engine.ready) && (await answers(ports.store))
    return reply.code(ready ? 200 : 503).send({
      ready,
      engines: engines.map(({ kind, name, ready, description }) => ({ kind, name, ready, description })),
    } satisfies Readiness)
  })

  if (ports.config.metrics !== 'off') {
    const onRequest = ports.config.metrics === 'key' ? needsKey(ports, 'metrics') : []
    app.get('/metrics', { onRequest }, async (_, reply) => {
      const { contentType, text } = await ports.metrics.expose()
      return reply.type(contentType).send(text)
    })
  }

  app.get('/openapi.json', async () => ports.openapi)

  // Connections come by the upgrade of a request; one that asks for none is told to (checklist 12).
  app.get(socketPath, async (request, reply) =>
    reply
      .code(426)
      .headers({ upgrade: 'websocket', connection: 'Upgrade' })
      .send(restError('invalid_request', request.id, { message: 'Open a WebSocket at this address.' }).body),
  )
}

const answers = (store: HttpPorts['store']): Promise<boolean> =>
  store.ping().then(
    () => true,
    () => false,
  )

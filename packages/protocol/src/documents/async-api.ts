// The WebSocket as an AsyncAPI 3.0 document.
import { z } from 'zod'
import { clientEvents } from '../client-events.js'
import { socketPath } from '../routes.js'
import { serverEvents, timestamp } from '../server-events.js'
import { defaultHost, license, title, version } from './about.js'
import { clientExamples, received, serverExamples } from './examples.js'
import { componentSchemas, reference, socketObjects } from './json-schema.js'

/** Every event as it is on the wire, by type; those of the server with their `timestamp`. */
export const wireEvents: Readonly<Record<string, z.ZodType>> = {
  ...clientEvents,
  ...Object.fromEntries(
    Object.entries(serverEvents).map(([type, event]) => [
      type,
      z.object({ ...event.shape, timestamp }).describe(event.description ?? ''),
    ]),
  ),
}

/** The document, as a value that `JSON.stringify` writes. */
export function asyncApi() {
  return {
    asyncapi: '3.0.0',
    info: {
      title,
      version,
      description: 'A conversation by voice: sound of the user goes in, sound of the agent comes out.',
      license,
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: defaultHost,
        protocol: 'ws',
        description: 'A server on this machine.',
        security: ['apiKey', 'bearer', 'token'].map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
      },
    },
    channels: {
      session: {
        address: socketPath,
        description: 'One session. Every message is a text frame with one JSON object.',
        messages: Object.fromEntries(Object.keys(wireEvents).map((type) => [type, messageReference(type)])),
      },
    },
    operations: {
      receive: operation('receive', 'What a client sends.', Object.keys(clientEvents)),
      send: operation('send', 'What the server sends.', Object.keys(serverEvents)),
    },
    components: {
      messages: Object.fromEntries(Object.entries(wireEvents).map(([type, event]) => [type, message(type, event)])),
      schemas: componentSchemas({ ...wireEvents, ...socketObjects }),
      securitySchemes: {
        apiKey: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Authorization',
          description: 'An API key, as it is.',
        },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, a token, or the resume token of the session to resume.',
        },
        token: {
          type: 'httpApiKey',
          in: 'query',
          name: 'token',
          description: 'A token, or an API key, for browsers, which cannot set headers.',
        },
      },
    },
  }
}

const messageReference = (type: string) => ({ $ref: `#/components/messages/${type}` })

const operation = (action: 'send' | 'receive', summary: string, types: readonly string[]) => ({
  action,
  summary,
  channel: { $ref: '#/channels/session' },
  messages: types.map((type) => ({ $ref: `#/channels/session/messages/${type}` })),
})

const examples: Readonly<Record<string, object>> = {
  ...clientExamples,
  ...Object.fromEntries(Object.entries(serverExamples).map(([type, event]) => [type, received(event)])),
}

const message = (type: string, event: z.ZodType) => ({
  name: type,
  title: type,
  summary: event.description,
  payload: { $ref: reference(type) },
  examples: [{ payload: examples[type] }],
})

// The page at `/`: files from a folder, with headers that let it use the microphone and its own server, and nothing else.
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { isLocalPage } from './console-access.js'
import type { HttpPorts } from './ports.js'

const headers = {
  'content-security-policy': [
    "default-src 'none'",
    // Scripts and the worklets that handle sound, each a file of its own.
    "script-src 'self'",
    "style-src 'self'",
    // REST and, from the same origin, the WebSocket.
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Requests of the page to its own server name the page; that is how they are told from those of others.
  'referrer-policy': 'same-origin',
  // Asked for anew each time, so that a page never meets a server of another version.
  'cache-control': 'no-cache',
}

export function pageRoutes(app: FastifyInstance, { config, pageDir }: HttpPorts): void {
  if (config.console === 'off') return
  app.get('/console/config', async (request) => ({ keyless: config.console === 'keyless' && isLocalPage(request) }))
  if (pageDir === undefined) return
  app.register(fastifyStatic, {
    root: pageDir,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply) => void reply.headers(headers),
  })
}

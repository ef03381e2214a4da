// Who may use the REST API without a key: the page of this server, in a browser on this machine. See docs/decisions/0005.
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../config.js'

/** The page sends it with every request. Pages of other sites cannot, for they would first have to ask, and are not answered. */
const PAGE_HEADER = 'x-parley-console'

/** Headers by which a proxy shows itself: whoever is behind it may be anywhere. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/** Whether `request` comes from a page that this server gave to a browser on this machine. */
export function isLocalPage(request: FastifyRequest): boolean {
  const { headers, raw } = request
  if (!isLoopbackAddress(raw.socket.remoteAddress)) return false
  if (proxyHeaders.some((name) => headers[name] !== undefined)) return false
  // A name that leads here only by its owner's will (DNS rebinding) is not a name of this machine.
  const host = headers.host?.toLowerCase() ?? ''
  if (!isLoopback(host.replace(/:\d+$/, ''))) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  return originOf(request) === `http://${host}`
}

/** Whether `request` says that it comes from the page. Says nothing about whether that is true. */
export const claimsToBePage = (request: FastifyRequest): boolean => request.headers[PAGE_HEADER] === '1'

/** The origin of the page that sent the request. Browsers name it in Origin, but for reading from the same site in Referer. */
function originOf({ headers }: FastifyRequest): string | undefined {
  if (headers.origin !== undefined) return headers.origin
  return headers.referer !== undefined && URL.canParse(headers.referer) ? new URL(headers.referer).origin : undefined
}

const isLoopbackAddress = (address: string | undefined): boolean =>
  address !== undefined && isLoopback(address.replace(/^::ffff:/, ''))

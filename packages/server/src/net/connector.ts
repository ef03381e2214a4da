// Connections to addresses that were looked at: a name is resolved once, and nothing but what was judged is connected to.
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { kindOf } from './addresses.js'
import { GuardError, isNotPublic } from './guard-error.js'
import { isPrivateName, type Resolver, withoutDot } from './names.js'

const CONNECT_WITHIN_MS = 10_000

export interface ConnectorSettings {
  readonly allowPrivate: boolean
  readonly resolver: Resolver
}

/** Keeps connections for further requests to the same host. */
export const guardedAgent = (settings: ConnectorSettings): Agent => new Agent({ connect: guardedConnector(settings) })

function guardedConnector({ allowPrivate, resolver }: ConnectorSettings): buildConnector.connector {
  const isAllowed = (address: string) => isAllowedKind(kindOf(address), allowPrivate)

  const lookup: LookupFunction = (host, options, done) => {
    judged(host, { allowPrivate, resolver }).then(
      (addresses) => {
        const usable = options.family ? addresses.filter(({ family }) => family === options.family) : addresses
        const [first] = usable
        if (first === undefined) done(Object.assign(new Error('No address of this family.'), { code: 'ENOTFOUND' }), '')
        else if (options.all) done(null, [...usable])
        else done(null, first.address, first.family)
      },
      (error) => done(error, ''),
    )
  }
  const connect = buildConnector({ timeout: CONNECT_WITHIN_MS, lookup })

  return (options, callback) => {
    // An address that stands in the URL itself is not looked up.
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !isAllowed(host)) return callback(new GuardError('refused', isNotPublic(host)), null)
    connect(options, (...[error, socket]) => {
      if (error || !socket) return callback(error ?? new Error('No connection was made.'), null)
      if (socket.remoteAddress !== undefined && isAllowed(socket.remoteAddress)) return callback(null, socket)
      socket.destroy()
      callback(new GuardError('refused', isNotPublic(host)), null)
    })
  }
}

/** The addresses of `host`. Rejects when any of them is not allowed: which one is connected to is left to the system. */
export async function judged(
  host: string,
  { allowPrivate, resolver }: ConnectorSettings,
): Promise<readonly { readonly address: string; readonly family: 4 | 6 }[]> {
  const name = withoutDot(host)
  if (!allowPrivate && isPrivateName(name)) throw new GuardError('refused', isNotPublic(host))
  const addresses = await resolver(name)
  for (const address of addresses)
    if (!isAllowedKind(kindOf(address), allowPrivate)) throw new GuardError('refused', isNotPublic(host))
  return addresses.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }))
}

const isAllowedKind = (kind: ReturnType<typeof kindOf>, allowPrivate: boolean): boolean =>
  kind === 'public' || (kind === 'private' && allowPrivate)

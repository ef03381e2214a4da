// Names of hosts: those that are private by what they are called, and how the others become addresses.
import { Resolver as Dns, lookup } from 'node:dns/promises'

/** The addresses of a host, at least one. Rejects with an error that has a `code` of node's `dns`. */
export type Resolver = (host: string) => Promise<readonly string[]>

/** Names that a resolver must not be asked for: they mean this machine, its network, or the services of its cloud. */
export const isPrivateName = (host: string): boolean => {
  const name = withoutDot(host).toLowerCase()
  return !name.includes('.') || /\.(localhost|local|localdomain|internal|intranet|lan|corp|home|home\.arpa)$/.test(name)
}

/** As the system knows it: with its file of hosts, the names of containers and of the local network. */
export const systemResolver: Resolver = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address)

/**
 * As the DNS alone knows it. It needs none of the few threads that the system's way occupies for as long as a slow name
 * server likes. `servers`: addresses with ports, in place of those of the system.
 */
export function dnsResolver(servers?: readonly string[]): Resolver {
  const dns = new Dns({ timeout: 2000, tries: 2 })
  if (servers) dns.setServers(servers)
  return async (host) => {
    const answers = await Promise.allSettled([dns.resolve4(host), dns.resolve6(host)])
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (found.length > 0) return found
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    // A family that was not answered for may have had addresses.
    throw reasons.find((reason) => !isUnknownName(reason)) ?? reasons[0] ?? unknownName
  }
}

/** Whether a resolver's error says that there is no such host, and not that it could not tell. */
export const isUnknownName = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY'].includes(String(error.code))

/** The host without the dot that may end it. */
export const withoutDot = (host: string): string => host.replace(/\.$/, '')

const unknownName = Object.assign(new Error('The name has no address.'), { code: 'ENODATA' })

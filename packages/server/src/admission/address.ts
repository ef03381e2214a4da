// Where a request comes from, as far as that can be believed.
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'

/** Tells the address of who sent a request. `proxies`: addresses, networks and names (`loopback`) whose `X-Forwarded-For` is believed. */
export function addressOf(proxies: readonly string[]): (message: IncomingMessage) => string {
  const isTrusted = proxyAddress.compile([...proxies])
  // a socket that is closed already has no address any more, whatever the types say
  return (message) => (proxyAddress(message, isTrusted) as string | undefined) ?? ''
}

/** Whether every one of `proxies` can be understood. */
export function areProxies(proxies: readonly string[]): boolean {
  try {
    proxyAddress.compile([...proxies])
    return true
  } catch {
    return false
  }
}

/**
 * What counts as one place: an IPv4 address, or the network of 64 bits that one customer of IPv6 usually has, who
 * could come from a new address of it each time.
 */
export function placeOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

// Which addresses an agent may name, judged by their spelling alone.
import { BlockList, isIP } from 'node:net'
import { bodyError, type FieldError, urlsOf } from '@parley/protocol'

/** Everything that is not the public internet (RFC 6890 and its successors). */
const notPublic = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  notPublic.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  notPublic.addSubnet(network, prefix, 'ipv6')

/** An error for every URL whose host is, by its name, inside the network (Q21; protocol section 6.3). */
export const privateUrlErrors = (settings: Parameters<typeof urlsOf>[0]): readonly FieldError[] =>
  urlsOf(settings).flatMap(({ path, url }) => {
    const problem = privateUrlProblem(url)
    return problem === undefined ? [] : [bodyError(path, problem)]
  })

/** Why a URL that leads to a private host is not used; undefined when it does not, by its spelling. */
export function privateUrlProblem(url: string): string | undefined {
  const { hostname } = new URL(url)
  return isPrivateHost(hostname) ? `URL host ${hostname} is not a public address` : undefined
}

/** Whether `host`, as `URL` spells it, is an address or a name of a private network. */
export function isPrivateHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const family = isIP(bare)
  if (family !== 0) return notPublic.check(bare, family === 4 ? 'ipv4' : 'ipv6')
  return !bare.includes('.') || /\.(local|localhost|internal|home\.arpa|lan)$/.test(bare)
}

// Which addresses are the public internet, which are private, and which nobody is ever led to.
// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
import { BlockList, isIP } from 'node:net'

/**
 * `private`: of this machine, of a network around it, or of no use on the internet. `forbidden`: services that hand out
 * the credentials of the machine to whoever asks from it, and addresses that are not of one machine.
 */
export type AddressKind = 'public' | 'private' | 'forbidden'

/** What the address is, whatever it is disguised as. Brackets of IPv6 are allowed. Anything that is no address is forbidden. */
export function kindOf(address: string): AddressKind {
  const bare = address.replace(/^\[|\]$/g, '')
  switch (isIP(bare)) {
    case 4:
      return kindOfIpv4(bare)
    case 6:
      return kindOfIpv6(bare)
    default:
      return 'forbidden'
  }
}

function kindOfIpv4(address: string): AddressKind {
  if (forbidden.check(address)) return 'forbidden'
  return notPublic.check(address) ? 'private' : 'public'
}

function kindOfIpv6(address: string): AddressKind {
  const words = wordsOf(address)
  if (words === undefined) return 'forbidden'
  if (forbidden.check(address, 'ipv6')) return 'forbidden'
  const inside = embedded(words)
  // What translates or tunnels to an IPv4 address leads there; only the translator of RFC 6052 is part of the internet.
  if (inside) return inside.isTranslated || kindOfIpv4(inside.ipv4) !== 'public' ? kindOfIpv4(inside.ipv4) : 'private'
  return isGlobalUnicast(words) && !notPublic.check(address, 'ipv6') ? 'public' : 'private'
}

const subnets = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address, prefix] = network.split('/')
    list.addSubnet(address!, Number(prefix), address!.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Credentials and settings of cloud machines; multicast, reserved and broadcast addresses. */
const forbidden = subnets([
  // link-local: the metadata of nearly every cloud, and what containers ask for their roles
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::/32',
  'fd20:ce::/64',
  'fd00:42::42/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'ff00::/8',
])

const notPublic = subnets([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  // within 2000::/3: protocol assignments with Teredo, documentation, the old test network
  '2001::/23',
  '2001:db8::/32',
  '3ffe::/16',
  '3fff::/20',
])

/** 2000::/3 is all that was ever given out to be routed. */
const isGlobalUnicast = ([first = 0]: readonly number[]): boolean => first >> 13 === 1

interface Embedded {
  readonly ipv4: string
  /** Whether a translator at the border of the network makes an IPv4 connection of it. */
  readonly isTranslated: boolean
}

/** The IPv4 address that an IPv6 address stands for, in any of the ways to write one in it. */
function embedded(words: readonly number[]): Embedded | undefined {
  const starts = (...prefix: readonly number[]) => prefix.every((word, index) => words[index] === word)
  const last = ipv4Of(words[6]!, words[7]!)
  if (starts(0x64, 0xff9b, 0, 0, 0, 0)) return { ipv4: last, isTranslated: true }
  if (starts(0x64, 0xff9b, 1)) return { ipv4: last, isTranslated: false }
  // compatible, mapped, translated (RFC 4291, 2765)
  if (starts(0, 0, 0, 0, 0, 0) || starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0))
    return { ipv4: last, isTranslated: false }
  // 6to4, Teredo (its client's address is written inverted), ISATAP
  if (starts(0x2002)) return { ipv4: ipv4Of(words[1]!, words[2]!), isTranslated: false }
  if (starts(0x2001, 0)) return { ipv4: ipv4Of(words[6]! ^ 0xffff, words[7]! ^ 0xffff), isTranslated: false }
  if ((words[4]! & 0xfcff) === 0 && words[5] === 0x5efe) return { ipv4: last, isTranslated: false }
  return undefined
}

const ipv4Of = (high: number, low: number): string => [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')

/** The eight words of an IPv6 address; undefined with a zone, which names an interface of this machine. */
function wordsOf(address: string): readonly number[] | undefined {
  if (address.includes('%')) return undefined
  // the parser of URLs writes every IPv6 address in one way: hexadecimal, with at most one `::`
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)))
  if (tail === undefined) return words(head)
  const [before, after] = [words(head), words(tail)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

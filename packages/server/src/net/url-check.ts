// Whether an address may be asked, judged by its spelling alone: before a name is looked up, and before each request.
import { kindOf } from './addresses.js'
import { isNotPublic } from './guard-error.js'
import { isPrivateName } from './names.js'

const HTTPS_PORT = 443
/** Below are the ports that systems keep for services of their own, such as mail. */
const FIRST_FREE_PORT = 1024

/** What is wrong with the URL, as a sentence; undefined when nothing is (Q21; protocol section 6.3). */
export function wrongWith(text: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(text)) return 'The address is not a URL'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The address must be an https URL'
  if (url.username !== '' || url.password !== '')
    return 'The address must not hold a user name or a password; send them in a header'
  const kind = hostKind(url.hostname)
  if (kind === 'forbidden' || (kind === 'private' && !allowPrivate)) return isNotPublic(url.hostname)
  if (allowPrivate) return undefined
  if (url.protocol !== 'https:') return 'The address must be an https URL'
  const port = url.port === '' ? HTTPS_PORT : Number(url.port)
  return port === HTTPS_PORT || port >= FIRST_FREE_PORT
    ? undefined
    : `The port of the address must be ${HTTPS_PORT}, or ${FIRST_FREE_PORT} and above`
}

/** The parser of URLs has made plain addresses of the decimal, octal and hexadecimal ways to write them. */
export const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.startsWith('[')

const hostKind = (host: string) => {
  if (isAddress(host)) return kindOf(host)
  return isPrivateName(host) ? 'private' : 'public'
}

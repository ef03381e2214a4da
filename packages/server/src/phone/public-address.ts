// The address of this server as a carrier knows it, which is the one that its signatures are made over.
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { Config } from '../config.js'

/** Tells where a request was sent to, without a slash at the end: `https://voice.example.com`. */
export type PublicAddress = (message: IncomingMessage) => string

/**
 * The address of the settings; else the one that the request names. What a proxy adds to the request is believed only
 * where the settings name the proxy.
 */
export function publicAddress({ publicUrl, trustProxy }: Pick<Config, 'publicUrl' | 'trustProxy'>): PublicAddress {
  const fixed = publicUrl?.replace(/\/+$/, '')
  if (fixed !== undefined) return () => fixed
  const isTrusted = proxyAddress.compile([...trustProxy])
  return ({ headers, socket }) => {
    const isProxied = trustProxy.length > 0 && isTrusted(socket.remoteAddress ?? '', 0)
    const host = (isProxied && firstOf(headers['x-forwarded-host'])) || headers.host || 'localhost'
    const protocol = (isProxied && firstOf(headers['x-forwarded-proto'])) || 'http'
    return `${/^(https|wss)$/i.test(protocol) ? 'https' : 'http'}://${host}`
  }
}

/** The same for WebSockets. */
export const socketAddress = (address: string): string => address.replace(/^http/, 'ws')

/** Proxies add theirs at the end. */
const firstOf = (header: string | string[] | undefined): string | undefined =>
  String(header ?? '')
    .split(',')[0]
    ?.trim()

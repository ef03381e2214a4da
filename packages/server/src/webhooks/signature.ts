// The headers by which a receiver knows that a delivery is from this server: X-AAI-Signature, and those of Standard Webhooks.
import { createHmac } from 'node:crypto'
import { sameSecret } from '../secrets.js'

/** How far the clocks of sender and receiver may differ, in seconds. */
export const TOLERANCE_SECONDS = 300

export interface SigningKeys {
  readonly secret: string
  /** The secret before this one, while receivers may still expect it. */
  readonly former?: string | undefined
}

/**
 * The headers of a delivery. `id`: of the event; `unixSeconds`: of this attempt; `body`: the exact text that is sent.
 * While the secret is being changed `webhook-signature` holds a signature by each of the two; `X-AAI-Signature`, whose
 * readers expect a single one, is by the new secret alone (checklist 166; standardwebhooks.com).
 */
export function signatureHeaders(
  id: string,
  unixSeconds: number,
  body: string,
  keys: SigningKeys | undefined,
): Readonly<Record<string, string>> {
  const identity = { 'webhook-id': id, 'webhook-timestamp': String(unixSeconds) }
  if (!keys) return identity
  const secrets = keys.former === undefined ? [keys.secret] : [keys.secret, keys.former]
  return {
    ...identity,
    'webhook-signature': secrets.map((secret) => standardSignature(secret, id, unixSeconds, body)).join(' '),
    'x-aai-signature': `t=${unixSeconds},v1=${plainSignature(keys.secret, unixSeconds, body)}`,
  }
}

export type Verdict = 'valid' | 'malformed' | 'wrong' | 'too old' | 'from the future'

/** Whether an `X-AAI-Signature` fits the body; `nowUnixSeconds` undefined: whenever it was made. */
export function verifySignature(header: string, body: string, secret: string, nowUnixSeconds?: number): Verdict {
  const [, time, signature] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header.trim()) ?? []
  if (time === undefined || signature === undefined) return 'malformed'
  if (!sameSecret(signature, plainSignature(secret, Number(time), body))) return 'wrong'
  if (nowUnixSeconds === undefined) return 'valid'
  if (nowUnixSeconds - Number(time) > TOLERANCE_SECONDS) return 'too old'
  return Number(time) - nowUnixSeconds > TOLERANCE_SECONDS ? 'from the future' : 'valid'
}

const plainSignature = (secret: string, unixSeconds: number, body: string): string =>
  createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')

const standardSignature = (secret: string, id: string, unixSeconds: number, body: string): string =>
  `v1,${createHmac('sha256', standardKey(secret)).update(`${id}.${unixSeconds}.${body}`).digest('base64')}`

/** A secret in the form of Standard Webhooks, `whsec_` and base64, stands for the bytes; any other for its own characters. */
function standardKey(secret: string): Buffer {
  const [, base64] = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(secret) ?? []
  return base64 ? Buffer.from(base64, 'base64') : Buffer.from(secret)
}

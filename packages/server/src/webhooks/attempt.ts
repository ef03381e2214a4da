// One attempt to deliver a webhook: what is sent, and what the answer means.

import type { Guard, GuardedResponse } from '../net/guard.js'
import type { SecretBox } from '../secrets.js'
import type { Claimed, Settlement } from '../storage/webhook-deliveries.js'
import { webhookSecretPlace } from '../storage/webhook-tables.js'
import type { Signing } from '../storage/webhooks.js'
import { retryAfterMs, waitAfter } from './schedule.js'
import { type SigningKeys, signatureHeaders } from './signature.js'

const TIMEOUT_MS = 10_000
const ANSWER_BYTES = 4096
const ERROR_CHARACTERS = 300

export interface AttemptPorts {
  readonly guard: Pick<Guard, 'fetch'>
  readonly secrets: Pick<SecretBox, 'open'>
  unixMs(): number
  /** From 0 to 1. */
  random(): number
}

/** `gone`: the receiver says that it will never take another one (410). */
export type Attempted = { readonly settlement: Settlement; readonly gone: boolean }

/** Posts it once. Never rejects: whatever goes wrong is a settlement, too. */
export async function attempt(ports: AttemptPorts, claimed: Claimed, signal: AbortSignal): Promise<Attempted> {
  const { target } = claimed
  if (!target) return failed(undefined, 'The subscription is gone or disabled.')
  try {
    const keys = keysOf(target.signing, claimed.subscriptionId, ports)
    const response = await ports.guard.fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Parley-Webhooks',
        ...signatureHeaders(claimed.eventId, Math.floor(ports.unixMs() / 1000), claimed.body, keys),
      },
      body: claimed.body,
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: ANSWER_BYTES,
    })
    return answered(response, claimed, ports)
  } catch (error) {
    return retried(claimed, ports, undefined, error instanceof Error ? error.message : String(error))
  }
}

function keysOf(
  { secret, former }: Signing,
  subscriptionId: string,
  { secrets, unixMs }: AttemptPorts,
): SigningKeys | undefined {
  if (secret === undefined) return undefined
  const place = webhookSecretPlace(subscriptionId)
  const isExpected = former !== undefined && former.until.getTime() > unixMs()
  return {
    secret: secrets.open(secret, place),
    ...(isExpected && { former: secrets.open(former.secret, place) }),
  }
}

function answered({ status, headers }: GuardedResponse, claimed: Claimed, ports: AttemptPorts): Attempted {
  if (status >= 200 && status < 300)
    return {
      settlement: { outcome: 'delivered', httpStatusCode: status, at: new Date(ports.unixMs()) },
      gone: false,
    }
  if (status === 410) return { ...failed(status, 'The receiver answered 410: it is gone.'), gone: true }
  const asked = retryAfterMs(headers['retry-after'], ports.unixMs())
  return retried(claimed, ports, status, `The receiver answered ${status}.`, asked)
}

function retried(
  { attempts }: Claimed,
  { unixMs, random }: AttemptPorts,
  httpStatusCode: number | undefined,
  error: string,
  askedMs?: number,
): Attempted {
  const wait = waitAfter(attempts, askedMs, random())
  if (wait === undefined) return failed(httpStatusCode, error)
  const dueAt = new Date(unixMs() + wait)
  return { settlement: { outcome: 'again', httpStatusCode, error: brief(error), dueAt }, gone: false }
}

const failed = (httpStatusCode: number | undefined, error: string): Attempted => ({
  settlement: { outcome: 'failed', httpStatusCode, error: brief(error) },
  gone: false,
})

const brief = (error: string): string =>
  error.length > ERROR_CHARACTERS ? `${error.slice(0, ERROR_CHARACTERS)}…` : error

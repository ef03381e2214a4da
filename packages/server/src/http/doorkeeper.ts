// Who may come in, and how often: guessing is slow, and nobody asks too much.
import type { IncomingMessage } from 'node:http'
import type { Millis } from '@parley/conversation'
import { addressOf, placeOf } from '../admission/address.js'
import { Known } from '../admission/known.js'
import { Rate } from '../admission/rate.js'
import type { Config } from '../config.js'
import { hashOf } from '../secrets.js'
import type { Clock } from '../session/clock.js'
import { type Authentication, type Authenticator, credentialOf, credentialOfConnection } from './auth.js'

/** Of how many addresses and accounts the rates are kept, and how many credentials are known to be good. */
const REMEMBERED = 10_000
const MINUTE_MS: Millis = 60_000

export type Admission =
  | Authentication
  /** Too many wrong credentials came from there. Nothing was looked up. */
  | { readonly ok: false; readonly reason: 'too many'; readonly retryAfter: Millis }

/** Lets in who has a credential, wherever it says so. */
export interface Doorkeeper {
  request(message: IncomingMessage): Promise<Admission>
  /** `token`: of the query. */
  connection(message: IncomingMessage, token: string | undefined): Promise<Admission>
  /** A credential that was given out here, and need not prove itself first. */
  gaveOut(credential: string): void
  /** How long whoever sent `message` has to wait for another request; 0: not at all, and it counts as made. */
  wait(message: IncomingMessage, accountId: string | undefined): Millis
}

export interface DoorkeeperPorts {
  readonly authenticator: Authenticator
  readonly clock: Pick<Clock, 'now'>
  readonly addressOf: (message: IncomingMessage) => string
}

export interface DoorkeeperSettings {
  /** How many requests an account, or an address that shows no key, may make within `ratePer`; 0: as many as it likes. */
  readonly rateMost: number
  readonly ratePer: Millis
  /** How many wrong credentials one address may show in a minute; 0: as many as it likes. */
  readonly failuresPerMinute: number
}

export function doorkeeper(ports: DoorkeeperPorts, settings: DoorkeeperSettings): Doorkeeper {
  const { authenticator, clock } = ports
  const requests = rateOf(settings.rateMost, settings.ratePer)
  const failures = rateOf(settings.failuresPerMinute, MINUTE_MS)
  const good = new Known(REMEMBERED)
  const placeFrom = (message: IncomingMessage) => placeOf(ports.addressOf(message))

  /**
   * A wrong credential uses up a try of its address; the try is taken before the look-up, so that many at once are not
   * all let through. Credentials that are known to be good never need one, whoever else is behind the same address.
   */
  async function tried(
    credential: string | undefined,
    message: IncomingMessage,
    look: () => Promise<Authentication>,
  ): Promise<Admission> {
    if (credential === undefined || !failures) return look()
    const fingerprint = hashOf(credential).toString('base64')
    if (good.has(fingerprint)) {
      const found = await look()
      if (!found.ok) good.forget(fingerprint)
      return found
    }
    const place = placeFrom(message)
    const retryAfter = failures.take(place, clock.now())
    if (retryAfter > 0) return { ok: false, reason: 'too many', retryAfter }
    const found = await look().catch((error: unknown) => {
      failures.giveBack(place)
      throw error
    })
    if (!found.ok) return found
    failures.giveBack(place)
    good.meet(fingerprint)
    return found
  }

  return {
    request(message) {
      const { authorization } = message.headers
      return tried(credentialOf(authorization), message, () => authenticator.request(authorization))
    },
    connection(message, token) {
      const { authorization } = message.headers
      const credential = credentialOfConnection(authorization, token)
      return tried(credential, message, () => authenticator.connection(authorization, token))
    },
    gaveOut: (credential) => good.meet(hashOf(credential).toString('base64')),
    wait(message, accountId) {
      if (!requests) return 0
      return requests.take(accountId === undefined ? placeFrom(message) : `account ${accountId}`, clock.now())
    },
  }
}

/** The doorkeeper that the settings ask for. */
export const doorkeeperOf = (
  config: Pick<Config, 'rateLimit' | 'authFailures' | 'trustProxy'>,
  clock: Pick<Clock, 'now'>,
  authenticator: Authenticator,
): Doorkeeper =>
  doorkeeper(
    { authenticator, clock, addressOf: addressOf(config.trustProxy) },
    { rateMost: config.rateLimit, ratePer: 5 * MINUTE_MS, failuresPerMinute: config.authFailures },
  )

/** What a connection is told that is not let in. */
export const authenticationFailure = (denial: Exclude<Admission, { ok: true }>): string =>
  denial.reason === 'too many'
    ? `Too many wrong credentials came from this address. Try again in ${Math.ceil(denial.retryAfter / 1000)} s.`
    : 'Authentication failed'

const rateOf = (most: number, per: Millis): Rate | undefined =>
  most === 0 ? undefined : new Rate({ most, per, remembered: REMEMBERED })

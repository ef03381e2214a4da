// Whether a request comes from the carrier: Twilio signs the address and the fields, Telnyx the time and the body.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../session/clock.js'
import type { CarrierName } from './call.js'
import { type PublicAddress, socketAddress } from './public-address.js'

/** How one carrier shows that it is the one. Both return what is wrong, as a sentence that says what to check. */
export interface CarrierSignature {
  /** `body`: exactly as it came. */
  request(message: IncomingMessage, body: string): string | undefined
  /** The upgrade to a WebSocket, for whoever serves the media stream. */
  upgrade(message: IncomingMessage): string | undefined
}

export type Signatures = Readonly<Partial<Record<CarrierName, CarrierSignature>>>

interface Settings {
  readonly twilioAuthToken: string | undefined
  readonly telnyxPublicKey: string | undefined
}

/** For the carriers that are configured. The library of Twilio is loaded only for it. */
export async function signaturesOf(
  { twilioAuthToken, telnyxPublicKey }: Settings,
  address: PublicAddress,
  clock: Pick<Clock, 'unixMs'>,
): Promise<Signatures> {
  return {
    ...(twilioAuthToken !== undefined && { twilio: await twilioSignature(twilioAuthToken, address) }),
    ...(telnyxPublicKey !== undefined && { telnyx: telnyxSignature(telnyxPublicKey, clock) }),
  }
}

const TWILIO_HEADER = 'x-twilio-signature'

async function twilioSignature(authToken: string, addressOf: PublicAddress): Promise<CarrierSignature> {
  const { validateRequest } = (await import('twilio/lib/webhooks/webhooks.js')).default

  const judge = (message: IncomingMessage, urls: readonly string[], fields: Fields): string | undefined => {
    const signature = message.headers[TWILIO_HEADER]
    if (typeof signature !== 'string')
      return 'There is no header X-Twilio-Signature. Only Twilio may ask this address; if it did, check that no proxy drops the header.'
    // the host is what a stranger says it is where the settings do not say
    if (urls.some((url) => URL.canParse(url) && validateRequest(authToken, signature, url, fields))) return undefined
    return `The signature does not fit the address ${urls[0]}. Check that PARLEY_PUBLIC_URL is the address that Twilio was given, with https and without a port of its own, and that TWILIO_AUTH_TOKEN is the token of the account that has the number.`
  }

  return {
    request: (message, body) => judge(message, [addressOf(message) + message.url], fieldsOf(body)),
    upgrade(message) {
      // The address is signed as it was given, with wss; accounts of it with https, or with a slash added, exist as well.
      const path = (message.url ?? '').replace(/\/$/, '')
      const bases = [socketAddress(addressOf(message)), addressOf(message)]
      return judge(
        message,
        bases.flatMap((base) => [base + path, `${base}${path}/`]),
        {},
      )
    },
  }
}

type Fields = Readonly<Record<string, string | readonly string[]>>

/** The fields of a form; one that is there several times has all its values. */
function fieldsOf(body: string): Fields {
  const form = new URLSearchParams(body)
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

/** How old a request of Telnyx may be, or how far ahead its clock. */
const TELNYX_TOLERANCE_MS = 5 * 60 * 1000
/** What stands before the 32 bytes of a key in its standard form (RFC 8410). */
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

function telnyxSignature(publicKey: string, clock: Pick<Clock, 'unixMs'>): CarrierSignature {
  const key: KeyObject = createPublicKey({
    key: Buffer.concat([ED25519_PREFIX, Buffer.from(publicKey, 'base64')]),
    format: 'der',
    type: 'spki',
  })
  return {
    request({ headers }, body) {
      const { 'telnyx-signature-ed25519': signature, 'telnyx-timestamp': timestamp } = headers
      if (typeof signature !== 'string' || typeof timestamp !== 'string')
        return 'There is no header telnyx-signature-ed25519 or telnyx-timestamp. Only Telnyx may ask this address; if it did, check that no proxy drops the headers.'
      if (!(Math.abs(clock.unixMs() - Number(timestamp) * 1000) <= TELNYX_TOLERANCE_MS))
        return 'The signature is more than five minutes old. Check that the clock of this machine is right.'
      if (verify(null, Buffer.from(`${timestamp}|${body}`), key, Buffer.from(signature, 'base64'))) return undefined
      return 'The signature does not fit the body. Check that TELNYX_PUBLIC_KEY is the key of the account that has the number, and that no proxy changes the body.'
    },
    // It signs no connection: the ticket alone counts there.
    upgrade: () => undefined,
  }
}

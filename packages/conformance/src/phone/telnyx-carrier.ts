// Telnyx in small: its signatures and its messages of media streams, which is what differs for a server that answers TeXML
// (developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket).
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { Carrier } from './carrier.js'
import type { PhoneClock } from './clock.js'
import { base64, type MediaMessages, readCommon, type StreamNames } from './messages.js'

export interface TelnyxKeys {
  readonly privateKey: KeyObject
  /** As the portal shows it: the 32 bytes of the Ed25519 key in base64. */
  readonly publicKey: string
}

/** Of an account of one's own. */
export function telnyxKeys(): TelnyxKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x } = publicKey.export({ format: 'jwk' })
  return { privateKey, publicKey: Buffer.from(String(x), 'base64url').toString('base64') }
}

/** `telnyx-signature-ed25519` is over `timestamp|body`, and the timestamp in seconds. The upgrade of a media socket is not signed. */
export function telnyxCarrier({ privateKey }: TelnyxKeys, clock: PhoneClock): Carrier {
  return {
    name: 'telnyx',
    agent: 'telnyx-webhooks',
    callId: () => `v3:${randomUUID()}`,
    streamId: () => randomUUID(),
    sign(_url, body) {
      const timestamp = String(Math.floor(clock.unixMs() / 1000))
      const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey).toString('base64')
      return { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature }
    },
    signUpgrade: () => ({}),
    messages: (names) => telnyxMessages(names, () => new Date(clock.unixMs()).toISOString()),
  }
}

function telnyxMessages(
  { streamId, callId, accountId, from, to, parameters }: StreamNames,
  now: () => string,
): MediaMessages {
  const about = (event: string, number: number) => ({ event, sequence_number: String(number), stream_id: streamId })
  return {
    connected: () => ({ event: 'connected', version: '1.0.0' }),
    start: (number) => ({
      ...about('start', number),
      start: {
        user_id: accountId,
        call_control_id: callId,
        call_session_id: randomUUID(),
        from,
        to,
        custom_parameters: parameters,
        media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1 },
      },
    }),
    media: (number, chunk, timestamp, sound) => ({
      ...about('media', number),
      media: { track: 'inbound', chunk: String(chunk), timestamp: String(timestamp), payload: base64(sound) },
    }),
    mark: (number, name) => ({ ...about('mark', number), mark: { name } }),
    dtmf: (number, digit) => ({ ...about('dtmf', number), occurred_at: now(), dtmf: { digit } }),
    stop: (number) => ({ ...about('stop', number), stop: { user_id: accountId, call_control_id: callId } }),
    read: readCommon,
  }
}

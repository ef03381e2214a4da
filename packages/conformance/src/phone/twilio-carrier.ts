// Twilio's own: the names it gives, how it signs, and its messages of media streams
// (twilio.com/docs/voice/media-streams/websocket-messages, twilio.com/docs/usage/webhooks/webhooks-security).
import { createHash, randomBytes } from 'node:crypto'
import webhooks from 'twilio/lib/webhooks/webhooks.js'
import type { Carrier } from './carrier.js'
import { base64, type MediaMessages, readCommon, type StreamNames, wrong } from './messages.js'

/** `CA`, `AC`, `MZ`, `PN` and 32 hex digits; the same each time for the same `of`. */
export const sid = (prefix: string, of?: string): string =>
  prefix +
  (of === undefined ? randomBytes(16) : createHash('sha256').update(of).digest().subarray(0, 16)).toString('hex')

/**
 * Requests carry `X-Twilio-Signature` over the address with its query and the fields of the form; so does the upgrade of a
 * media socket, over its address as `wss://`, without any field.
 */
export function twilioCarrier(authToken: string): Carrier {
  const signature = (url: string, fields: Readonly<Record<string, string>>) => ({
    'x-twilio-signature': webhooks.getExpectedTwilioSignature(authToken, url, fields),
  })
  return {
    name: 'twilio',
    agent: 'TwilioProxy/1.1',
    callId: () => sid('CA'),
    streamId: () => sid('MZ'),
    sign: (url, body) => signature(url, Object.fromEntries(body)),
    signUpgrade: (url) => signature(url, {}),
    messages: twilioMessages,
  }
}

export function twilioMessages({ streamId, callId, accountId, parameters }: StreamNames): MediaMessages {
  const about = (event: string, number: number) => ({ event, sequenceNumber: String(number) })
  return {
    connected: () => ({ event: 'connected', protocol: 'Call', version: '1.0.0' }),
    start: (number) => ({
      ...about('start', number),
      start: {
        accountSid: accountId,
        streamSid: streamId,
        callSid: callId,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: parameters,
      },
      streamSid: streamId,
    }),
    media: (number, chunk, timestamp, sound) => ({
      ...about('media', number),
      media: { track: 'inbound', chunk: String(chunk), timestamp: String(timestamp), payload: base64(sound) },
      streamSid: streamId,
    }),
    mark: (number, name) => ({ ...about('mark', number), streamSid: streamId, mark: { name } }),
    dtmf: (number, digit) => ({
      event: 'dtmf',
      streamSid: streamId,
      sequenceNumber: String(number),
      dtmf: { track: 'inbound_track', digit },
    }),
    stop: (number) => ({
      ...about('stop', number),
      streamSid: streamId,
      stop: { accountSid: accountId, callSid: callId },
    }),
    read: (message) =>
      message.streamSid === streamId ? readCommon(message) : wrong(`its streamSid is not ${streamId}`),
  }
}

// Twilio's side of the media socket, as documented in "Media Streams - WebSocket Messages" for bidirectional streams.
import { z } from 'zod'
import type { MediaEvent, MediaStream } from './carrier.js'
import { Key, Milliseconds, objectOf, Parameters, soundReader } from './media-message.js'

/** Twilio sends and takes nothing but mu-law at 8 kHz. */
const ENCODING = 'audio/x-mulaw'

const Message = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    start: z.object({
      streamSid: z.string(),
      callSid: z.string(),
      customParameters: Parameters,
      mediaFormat: z.object({ encoding: z.string(), sampleRate: z.number().optional() }),
    }),
  }),
  z.object({
    event: z.literal('media'),
    media: z.object({ track: z.string().optional(), timestamp: Milliseconds, payload: z.string() }),
  }),
  z.object({ event: z.literal('dtmf'), dtmf: z.object({ digit: Key }) }),
  z.object({ event: z.literal('mark'), mark: z.object({ name: z.string() }) }),
  z.object({ event: z.literal('stop') }),
])

/** What nearly every message is like before and after its sound. */
const HEAD =
  /^\{"event":"media","sequenceNumber":"\d+","media":\{"track":"inbound","chunk":"\d+","timestamp":"(\d{1,15})","payload":"/
const TAIL = '"},"streamSid":"'

export function twilioStream(): MediaStream {
  const { quick, sound } = soundReader(HEAD, TAIL)
  /** As JSON; Twilio wants it on everything that it is sent. */
  let streamSid = '""'

  const translated = (message: z.output<typeof Message>): MediaEvent | undefined => {
    switch (message.event) {
      case 'start': {
        const { start } = message
        if (start.mediaFormat.encoding !== ENCODING)
          return {
            type: 'trouble',
            why: `Twilio streams ${start.mediaFormat.encoding}; only ${ENCODING} is understood.`,
          }
        streamSid = JSON.stringify(start.streamSid)
        return {
          type: 'started',
          carrierCallId: start.callSid,
          parameters: start.customParameters,
          encoding: 'audio/pcmu',
        }
      }
      case 'media': {
        const { track = 'inbound', timestamp, payload } = message.media
        return track === 'inbound' ? sound(payload, timestamp) : undefined
      }
      case 'dtmf':
        return { type: 'pressed', key: message.dtmf.digit }
      case 'mark':
        return { type: 'reached', mark: message.mark.name }
      case 'stop':
        return { type: 'stopped' }
    }
  }

  return {
    decode(message) {
      const heard = quick(message.toString('latin1'))
      if (heard) return heard
      const parsed = Message.safeParse(objectOf(message.toString()))
      return parsed.success ? translated(parsed.data) : undefined
    },
    sound: (bytes, start, end) =>
      `{"event":"media","streamSid":${streamSid},"media":{"payload":"${bytes.toString('base64', start, end)}"}}`,
    mark: (name) => `{"event":"mark","streamSid":${streamSid},"mark":{"name":${JSON.stringify(name)}}}`,
    clear: () => `{"event":"clear","streamSid":${streamSid}}`,
  }
}

// Telnyx's side of the media socket, as documented in "Media Streaming over WebSockets" for bidirectional RTP streams.
import { z } from 'zod'
import type { MediaEvent, MediaStream } from './carrier.js'
import { silenceOf } from './inbound.js'
import { Key, Milliseconds, objectOf, Parameters, soundReader } from './media-message.js'

/** As the stream names them; the older name of mu-law is still in use. */
const encodings: Readonly<Record<string, 'audio/pcmu' | 'audio/pcma'>> = {
  PCMU: 'audio/pcmu',
  PCMA: 'audio/pcma',
  'audio/x-mulaw': 'audio/pcmu',
}
/** Less than 20 ms in one message is not taken. */
const LEAST_BYTES = 160

const Message = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('start'),
    start: z.object({
      call_control_id: z.string(),
      custom_parameters: Parameters,
      media_format: z.object({ encoding: z.string(), sample_rate: z.number().optional() }),
    }),
  }),
  z.object({
    event: z.literal('media'),
    media: z.object({ track: z.string().optional(), timestamp: Milliseconds, payload: z.string() }),
  }),
  z.object({ event: z.literal('dtmf'), dtmf: z.object({ digit: Key }) }),
  z.object({ event: z.literal('mark'), mark: z.object({ name: z.string() }) }),
  z.object({ event: z.literal('error'), payload: z.object({ code: z.number(), title: z.string() }) }),
  z.object({ event: z.literal('stop') }),
])

/** What nearly every message is like before and after its sound. */
const HEAD =
  /^\{"event":"media","sequence_number":"\d+","media":\{"track":"inbound","chunk":"\d+","timestamp":"(\d{1,15})","payload":"/
const TAIL = '"},"stream_id":"'

export function telnyxStream(): MediaStream {
  const { quick, sound } = soundReader(HEAD, TAIL)
  let encoding: 'audio/pcmu' | 'audio/pcma' = 'audio/pcmu'

  const translated = (message: z.output<typeof Message>): MediaEvent | undefined => {
    switch (message.event) {
      case 'start': {
        const { call_control_id, custom_parameters, media_format } = message.start
        const known = encodings[media_format.encoding]
        if (!known)
          return {
            type: 'trouble',
            why: `Telnyx streams ${media_format.encoding}; have it stream PCMU or PCMA (\`codec\` and \`bidirectionalCodec\` of <Stream>).`,
          }
        encoding = known
        return { type: 'started', carrierCallId: call_control_id, parameters: custom_parameters, encoding }
      }
      case 'media': {
        const { track = 'inbound', timestamp, payload } = message.media
        return track === 'inbound' ? sound(payload, timestamp) : undefined
      }
      case 'dtmf':
        return { type: 'pressed', key: message.dtmf.digit }
      case 'mark':
        return { type: 'reached', mark: message.mark.name }
      case 'error':
        return { type: 'trouble', why: `Telnyx reports error ${message.payload.code}: ${message.payload.title}` }
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
    sound: (bytes, start, end) => `{"event":"media","media":{"payload":"${payloadOf(bytes, start, end, encoding)}"}}`,
    mark: (name) => `{"event":"mark","mark":{"name":${JSON.stringify(name)}}}`,
    clear: () => '{"event":"clear"}',
  }
}

function payloadOf(bytes: Buffer, start: number, end: number, encoding: 'audio/pcmu' | 'audio/pcma'): string {
  if (end - start >= LEAST_BYTES) return bytes.toString('base64', start, end)
  const padded = Buffer.alloc(LEAST_BYTES, silenceOf[encoding])
  bytes.copy(padded, 0, start, end)
  return padded.toString('base64')
}

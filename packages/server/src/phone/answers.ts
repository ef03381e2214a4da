// What carriers are told to do with a call, in the language of Twilio, which Telnyx understands as well.
import type VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { CarrierName } from './call.js'

export interface Connection {
  /** Where the stream goes to. */
  readonly media: string
  /** Where the carrier comes back to when the stream is over. */
  readonly after: string
  readonly ticket: string
}

export interface Forwarding {
  readonly number: string
  readonly callerId: string
  readonly ringTimeoutSeconds: number
  /** How long the two may talk. */
  readonly mostSeconds: number
  /** Where the carrier comes back to when the other call is over, or was not answered. */
  readonly after: string
}

/** Each is a whole document. */
export interface Answers {
  connect(carrier: CarrierName, connection: Connection): string
  forward(forwarding: Forwarding): string
  /** The call was never answered, and costs nothing. */
  reject(reason: 'busy' | 'rejected'): string
  hangUp(): string
  /** Somebody hears what went wrong. */
  giveUp(words: string): string
}

/** Loads the library of Twilio. */
export async function loadAnswers(): Promise<Answers> {
  const { default: Response } = await import('twilio/lib/twiml/VoiceResponse.js')
  const written = (say: (response: VoiceResponse) => unknown): string => {
    const response = new Response()
    say(response)
    return response.toString()
  }
  return {
    connect: (carrier, { media, after, ticket }) =>
      written((response) => {
        const connect = carrier === 'twilio' ? response.connect({ action: after }) : response.connect()
        connect
          .stream({ url: media, ...(carrier === 'telnyx' && bothWays) })
          .parameter({ name: 'ticket', value: ticket })
        // Twilio comes back by itself; Telnyx goes on with what follows
        if (carrier === 'telnyx') response.redirect({ method: 'POST' }, after)
        else response.hangup()
      }),
    forward: ({ number, callerId, ringTimeoutSeconds, mostSeconds, after }) =>
      written((response) =>
        response.dial({ action: after, callerId, timeout: ringTimeoutSeconds, timeLimit: mostSeconds }).number(number),
      ),
    reject: (reason) => written((response) => response.reject({ reason })),
    hangUp: () => written((response) => response.hangup()),
    giveUp: (words) =>
      written((response) => {
        response.say(words)
        response.hangup()
      }),
  }
}

/** Telnyx sends sound back only when asked to, and then takes packets as they come. */
const bothWays = { bidirectionalMode: 'rtp', bidirectionalCodec: 'PCMU' } as const

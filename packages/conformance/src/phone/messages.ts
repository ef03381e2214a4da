// The messages of a media stream as one carrier writes and reads them. No socket, no time.

/** What a server may send over a media socket. */
export type ServerMessage =
  | { readonly is: 'media'; readonly sound: Uint8Array }
  | { readonly is: 'mark'; readonly name: string }
  | { readonly is: 'clear' }
  /** Not a message of this carrier; `why` says what is wrong with it. */
  | { readonly is: 'wrong'; readonly why: string }

/** One stream's messages. `number` counts every message of the stream from 1. */
export interface MediaMessages {
  connected(): unknown
  start(number: number): unknown
  /** `chunk` counts the frames that are sent from 1; `timestamp` in ms since the stream began. */
  media(number: number, chunk: number, timestamp: number, sound: Uint8Array): unknown
  mark(number: number, name: string): unknown
  dtmf(number: number, digit: string): unknown
  stop(number: number): unknown
  read(message: Record<string, unknown>): ServerMessage
}

export interface StreamNames {
  readonly streamId: string
  readonly callId: string
  readonly accountId: string
  readonly from: string
  readonly to: string
  /** The `<Parameter>` elements of the stream. */
  readonly parameters: Readonly<Record<string, string>>
}

export const base64 = (sound: Uint8Array): string => Buffer.from(sound).toString('base64')

/** The parts that the carriers have in common: `media.payload`, `mark.name`, `clear`. */
export function readCommon(message: Record<string, unknown>): ServerMessage {
  const { event } = message
  if (event === 'clear') return { is: 'clear' }
  if (event === 'mark') {
    const name = field(message.mark, 'name')
    return typeof name === 'string' && name !== '' ? { is: 'mark', name } : wrong('a mark has no mark.name')
  }
  if (event !== 'media') return wrong(`there is no event ${JSON.stringify(event)}`)
  const payload = field(message.media, 'payload')
  if (typeof payload !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(payload) || payload.length % 4 !== 0)
    return wrong('media.payload is not base64')
  return { is: 'media', sound: Buffer.from(payload, 'base64') }
}

export const wrong = (why: string): ServerMessage => ({ is: 'wrong', why })

const field = (value: unknown, name: string): unknown =>
  // an object that is not null has fields, if unknown ones
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

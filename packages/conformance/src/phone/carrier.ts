// What tells one telephone company from another, to the simulation: names, signatures, messages.
import type { MediaMessages, StreamNames } from './messages.js'

export interface Carrier {
  readonly name: 'twilio' | 'telnyx'
  /** Its User-Agent. */
  readonly agent: string
  callId(): string
  streamId(): string
  /** The headers by which a server knows that a request comes from this company. `body`: the fields of the form. */
  sign(url: string, body: URLSearchParams): Readonly<Record<string, string>>
  /** The same for the upgrade of a media socket. */
  signUpgrade(url: string): Readonly<Record<string, string>>
  messages(names: StreamNames): MediaMessages
}

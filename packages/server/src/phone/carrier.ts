// What a carrier is to the media socket: its messages, in and out. No socket, no timer, no session.

/** What one message of a carrier came to. */
export type MediaEvent =
  | {
      readonly type: 'started'
      readonly carrierCallId: string
      /** The `<Parameter>` elements that the call was connected with. */
      readonly parameters: Readonly<Record<string, string>>
      readonly encoding: 'audio/pcmu' | 'audio/pcma'
    }
  /** `at`: where its first sample belongs, in ms since the stream began. The bytes are valid until the next call of `decode`. */
  | { readonly type: 'sound'; readonly bytes: Uint8Array; readonly at: number }
  | { readonly type: 'pressed'; readonly key: string }
  /** All that was sent before the mark was played, or thrown away by `clear`. */
  | { readonly type: 'reached'; readonly mark: string }
  | { readonly type: 'stopped' }
  /** The carrier complains, or speaks in a way that cannot be followed; `why` says what to check. */
  | { readonly type: 'trouble'; readonly why: string }

/** One stream of a carrier. */
export interface MediaStream {
  /** Undefined for what needs no attention; throws nothing, whatever comes. */
  decode(message: Buffer): MediaEvent | undefined
  /** The bytes from `start` to `end`, in the encoding of the stream. */
  sound(bytes: Buffer, start: number, end: number): string
  mark(name: string): string
  /** Throws away what was sent and not yet played. */
  clear(): string
}

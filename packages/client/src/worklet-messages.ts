// What the page and its worklets say to each other.

export const CAPTURE = 'parley-capture'
export const PLAYBACK = 'parley-playback'

export interface CaptureOptions {
  readonly sampleRateHz: number
  readonly frameMs: number
}
/** From the microphone; `at` is when the frame ended, in seconds of the context's clock. */
export interface CapturedFrame {
  readonly samples: Int16Array<ArrayBuffer>
  readonly at: number
}

export interface SpeakerSettings {
  readonly sampleRateHz: number
}
export type SpeakerOrder =
  | { readonly type: 'play'; readonly reply: string; readonly samples: Int16Array<ArrayBuffer> }
  | { readonly type: 'finish'; readonly reply: string }
  | { readonly type: 'flush' }

/** From the speaker; times in seconds of the context's clock, when the sound is handed to the device. */
export type SpeakerReport =
  | { readonly type: 'audible'; readonly reply: string; readonly at: number }
  | { readonly type: 'finished'; readonly reply: string; readonly at: number }
  /** `level` is the loudest sample since the report before, 0 to 1. */
  | {
      readonly type: 'position'
      readonly reply: string
      readonly ms: number
      readonly level: number
      readonly at: number
    }

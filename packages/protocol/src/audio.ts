// The encodings that sound has on the wire, and how bytes and milliseconds relate in each.
import { z } from 'zod'

export const encodings = ['audio/pcm', 'audio/pcmu', 'audio/pcma'] as const
export type Encoding = (typeof encodings)[number]

/** Sample rate of each encoding, in Hz. One channel. (Checklist 104, 105.) */
export const sampleRateHz = { 'audio/pcm': 24_000, 'audio/pcmu': 8_000, 'audio/pcma': 8_000 } as const satisfies Record<
  Encoding,
  number
>

/** Bytes of one sample: 16-bit little-endian PCM has two, G.711 one. */
export const bytesPerSample = { 'audio/pcm': 2, 'audio/pcmu': 1, 'audio/pcma': 1 } as const satisfies Record<
  Encoding,
  number
>

/** How long `bytes` of sound in `encoding` play, in milliseconds. */
export const durationMs = (encoding: Encoding, bytes: number): number =>
  (bytes / bytesPerSample[encoding] / sampleRateHz[encoding]) * 1000

export const AudioFormat = z
  .object({
    encoding: z
      .enum(encodings)
      .describe('`audio/pcm`: signed 16-bit little-endian; `audio/pcmu`, `audio/pcma`: G.711. One channel.'),
    sample_rate: z.number().int().describe('Hz. 24000 for `audio/pcm`, 8000 for G.711.'),
  })
  .describe('How sound is encoded, one way.')
export type AudioFormat = z.infer<typeof AudioFormat>

export const defaultFormat: AudioFormat = { encoding: 'audio/pcm', sample_rate: 24_000 }

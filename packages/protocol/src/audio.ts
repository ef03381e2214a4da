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

const encoding = z
  .enum(encodings)
  .describe(
    '`audio/pcm`: signed 16-bit little-endian; `audio/pcmu`: G.711 μ-law; `audio/pcma`: G.711 A-law. One channel.',
  )

export const AudioFormat = z
  .object({
    encoding,
    sample_rate: z.number().int().describe('Samples per second (Hz): 24000 for `audio/pcm`, 8000 for G.711.'),
  })
  .describe('How sound is encoded, one way.')
export type AudioFormat = z.infer<typeof AudioFormat>

export const defaultFormat: AudioFormat = { encoding: 'audio/pcm', sample_rate: 24_000 }

/** A format as a client sends it: the rate may be left out, and only the one of its encoding is valid (checklist 46, 176, 177). */
export const AudioFormatInput = z
  .object(
    {
      encoding,
      sample_rate: z
        .number()
        .nullish()
        .describe(
          'Samples per second (Hz). May be left out; only 24000 for `audio/pcm` and 8000 for G.711 is accepted.',
        ),
    },
    { error: 'Audio format must be a JSON object' },
  )
  .refine((format) => format.sample_rate == null || format.sample_rate === sampleRateHz[format.encoding], {
    path: ['sample_rate'],
    error: ({ input }) => rateRule(input),
  })
  .transform(({ encoding }): AudioFormat => ({ encoding, sample_rate: sampleRateHz[encoding] }))
  .describe('How sound is encoded, one way. Input and output are independent.')

const rateRule = (format: unknown): string => {
  // true because refinements run on values that have passed the schema before them
  const { encoding } = format as { encoding: Encoding }
  return `must be ${sampleRateHz[encoding]} for ${encoding}`
}

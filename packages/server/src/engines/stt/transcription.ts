// From a stretch of sound to its text, with what it takes to have Moonshine hear well: room around the speech,
// another try when it hears nothing, and no stammer. bench/word-error-rate.ts tells
// what a change of these figures does.

export interface Decoded {
  readonly text: string
  readonly tokens: readonly string[]
}
export type Decode = (samples: Float32Array) => Promise<Decoded>

/** `samples`: 16 kHz, -1 to 1, with what little silence there was around the speech. Rejects only as `decode` does. */
export async function transcribe(
  samples: Float32Array,
  decode: Decode,
): Promise<{ readonly text: string; readonly attempts: number }> {
  let stammer: string | undefined
  let attempts = 0
  for (const sound of renditions(samples)) {
    attempts += 1
    const decoded = await decode(sound)
    const text = decoded.text.trim()
    if (isStammer(decoded, sound.length)) stammer ??= withoutRepeatedTail(cap(decoded, sound.length))
    else if (text !== '') return { text, attempts }
  }
  return { text: stammer ?? '', attempts }
}

const SAMPLES_PER_MS = 16

/** The sound as it is decoded first, then, for what may be a single word, in the ways that have rescued single words. */
function* renditions(samples: Float32Array): Generator<Float32Array> {
  yield padded(samples, 100, 300)
  if (samples.length > LONGEST_RETRY_MS * SAMPLES_PER_MS) return
  const speech = normalised(trimmed(samples))
  if (speech.length === 0) return
  yield padded(speech, 100, 300)
  yield speech
  yield padded(speech, 20, 60)
}

/** Longer sound in which nothing was understood is not a word that was missed. */
const LONGEST_RETRY_MS = 3000

// ── Room ──

/** Far below hearing; digital silence instead makes the model fall silent too. */
const DITHER = 1e-4

export function padded(samples: Float32Array, beforeMs: number, afterMs: number): Float32Array {
  const sound = new Float32Array(samples.length + (beforeMs + afterMs) * SAMPLES_PER_MS)
  // The same noise each time, so that the same sound always gives the same text.
  let seed = 1
  for (let i = 0; i < sound.length; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    sound[i] = (seed / 2 ** 31 - 1) * DITHER
  }
  sound.set(samples, beforeMs * SAMPLES_PER_MS)
  return sound
}

const FRAME = 10 * SAMPLES_PER_MS
const LEAD_FRAMES = 3
/** Of the loudest frame's energy: about -30 dB. */
const AUDIBLE = 0.001
/** Below this there is nothing to make louder. */
const QUIETEST_PEAK = 1e-3

/** From just before the first audible frame to just after the last one. Empty when all is silent. */
export function trimmed(samples: Float32Array): Float32Array {
  const energies: number[] = []
  for (let start = 0; start < samples.length; start += FRAME) {
    let energy = 0
    for (const sample of samples.subarray(start, start + FRAME)) energy += sample * sample
    energies.push(energy)
  }
  const audible = Math.max(...energies) * AUDIBLE
  if (!(audible > 0)) return samples.subarray(0, 0)
  const first = energies.findIndex((energy) => energy >= audible)
  const last = energies.findLastIndex((energy) => energy >= audible)
  return samples.slice(Math.max(0, first - LEAD_FRAMES) * FRAME, (last + 1 + LEAD_FRAMES) * FRAME)
}

function normalised(samples: Float32Array): Float32Array {
  let peak = 0
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample))
  return peak < QUIETEST_PEAK ? samples.subarray(0, 0) : samples.map((sample) => (sample * 0.9) / peak)
}

// ── Stammer ──

/** People speak at up to about 6 tokens a second; a decoder that has lost its way does 14. */
const TOKENS_PER_SECOND = 6.5
const TOKENS_TO_SPARE = 3

const tokenLimit = (samples: number) => Math.ceil((samples / 16_000) * TOKENS_PER_SECOND) + TOKENS_TO_SPARE

const isStammer = ({ tokens }: Decoded, samples: number) => tokens.length > tokenLimit(samples)

const cap = ({ tokens }: Decoded, samples: number) => tokens.slice(0, tokenLimit(samples)).join('').trim()

/** Cuts what is said over and over at the end down to once: "1813, 1813, 1813, 18" to "1813,". */
export function withoutRepeatedTail(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const bare = words.map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''))
  for (let size = 1; size <= bare.length / 2; size++) {
    const start = periodicFrom(bare, size)
    if (bare.length - start >= 2 * size) return words.slice(0, start + size).join(' ')
  }
  return text
}

/** From where on the words repeat with this period to the end; the very last word may be cut short. */
function periodicFrom(words: readonly string[], period: number): number {
  const last = words.length - 1
  const repeats = (i: number) =>
    i === last ? words[i - period]!.startsWith(words[i]!) : words[i] === words[i - period]
  let start = last
  while (start >= period && repeats(start)) start -= 1
  return start === last ? words.length : start + 1 - period
}

// Where speech begins and ends in a recording, by its energy.

export interface Span {
  readonly startMs: number
  readonly endMs: number
}

const FRAME_MS = 10
/** Digital silence has no level; nothing is taken to be quieter than this. */
const QUIETEST_DBFS = -70
/** A recording that is nowhere louder than this holds no speech. */
const FAINTEST_SPEECH_DBFS = -50
/** How far from the noise to the loudest part a frame must come to count as speech. */
const PART_OF_RANGE = 0.35
/** A click is shorter than speech: of so many frames around a loud one, so many must be loud. */
const NEIGHBOURS = 8
const LOUD_NEIGHBOURS = 4

/** The stretch from the first to the last speech, to 10 ms; undefined when there is none. */
export function speechSpan(samples: Int16Array, sampleRateHz: number): Span | undefined {
  const levels = frameLevels(samples, Math.round((sampleRateHz * FRAME_MS) / 1000))
  const ordered = levels.toSorted((a, b) => a - b)
  const loudest = ordered.at(-1) ?? QUIETEST_DBFS
  if (loudest < FAINTEST_SPEECH_DBFS) return undefined
  const noise = ordered[Math.floor(ordered.length / 10)]!
  const threshold = noise + PART_OF_RANGE * (loudest - noise)
  const isLoud = levels.map((level) => level >= threshold)
  const isSpeech = (index: number) => isLoud[index]! && (hasCompany(isLoud, index, 1) || hasCompany(isLoud, index, -1))
  const first = levels.findIndex((_, index) => isSpeech(index))
  if (first < 0) return undefined
  const last = levels.findLastIndex((_, index) => isSpeech(index))
  return { startMs: first * FRAME_MS, endMs: (last + 1) * FRAME_MS }
}

/** Whether enough of the frames from `index` on, in one direction, are loud. */
function hasCompany(isLoud: readonly boolean[], index: number, direction: 1 | -1): boolean {
  let loud = 0
  for (let step = 0; step < NEIGHBOURS; step++) if (isLoud[index + step * direction]) loud++
  return loud >= LOUD_NEIGHBOURS
}

/** Level of each whole frame in dB below full scale. */
function frameLevels(samples: Int16Array, frameLength: number): number[] {
  const levels: number[] = []
  for (let at = 0; at + frameLength <= samples.length; at += frameLength) {
    let energy = 0
    for (let index = at; index < at + frameLength; index++) energy += (samples[index]! / 32_768) ** 2
    levels.push(Math.max(QUIETEST_DBFS, 10 * Math.log10(energy / frameLength)))
  }
  return levels
}

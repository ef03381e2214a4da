// Sounds made by arithmetic, the same every time: vowels that pass for speech, and the noises of a room that must not.
import { joined } from '../../dist/audio/pcm.js'

export const SAMPLE_RATE_HZ = 16_000

const samplesIn = (ms: number) => Math.round((ms * SAMPLE_RATE_HZ) / 1000)

/** Numbers from -1 to 1 that are the same for the same seed. */
export function noise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

const make = (ms: number, sample: (i: number) => number) =>
  Int16Array.from({ length: samplesIn(ms) }, (_, i) =>
    Math.max(-32_767, Math.min(32_767, Math.round(32_767 * sample(i)))),
  )

export const join = (...sounds: readonly Int16Array[]): Int16Array => joined(sounds)

/** A quiet room. */
export function quiet(ms: number, seed = 7): Int16Array {
  const random = noise(seed)
  return make(ms, () => 3e-4 * random())
}

// ── Speech, of a kind ──

/** First three formants of ah, ee, oo, eh, aw. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
] as const
const SYLLABLE_MS = 180

/** A buzzing glottis behind a mouth of three resonances that moves from vowel to vowel. */
export function babble(ms: number, seed = 1): Int16Array {
  const random = noise(seed)
  const memory = [0, 0, 0, 0, 0, 0]
  let phase = 0
  let vowel = VOWELS[0] as readonly number[]
  const perSyllable = samplesIn(SYLLABLE_MS)
  const sound = new Float64Array(samplesIn(ms))
  for (let i = 0; i < sound.length; i++) {
    if (i % perSyllable === 0) vowel = VOWELS[Math.floor(((random() + 1) / 2) * VOWELS.length)]!
    const within = (i % perSyllable) / perSyllable
    const pitch = 125 - 25 * (i / sound.length) + 10 * Math.sin(2 * Math.PI * within)
    phase += pitch / SAMPLE_RATE_HZ
    let value = phase >= 1 ? 1 : 0.02 * random()
    if (phase >= 1) phase -= 1
    for (const [place, frequency] of vowel.entries()) {
      const radius = Math.exp((-Math.PI * (60 + 30 * place)) / SAMPLE_RATE_HZ)
      const turn = 2 * radius * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE_HZ)
      const next = (1 - radius) * value + turn * memory[2 * place]! - radius * radius * memory[2 * place + 1]!
      memory[2 * place + 1] = memory[2 * place]!
      memory[2 * place] = next
      value = next
    }
    sound[i] = value * (0.35 + 0.65 * Math.sin(Math.PI * Math.min(1, within * 1.1)))
  }
  const peak = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return make(ms, (i) => (0.5 * sound[i]!) / peak)
}

// ── What is not speech ──

export function click(): Int16Array {
  return make(300, (i) => (i === 1600 ? 0.9 : i === 1601 ? -0.9 : 0))
}

export function hum(ms: number): Int16Array {
  const tone = (i: number, frequency: number) => Math.sin((2 * Math.PI * frequency * i) / SAMPLE_RATE_HZ)
  return make(ms, (i) => 0.1 * tone(i, 50) + 0.05 * tone(i, 100) + 0.02 * tone(i, 150))
}

export function hiss(ms: number, loudness: number, seed = 3): Int16Array {
  const random = noise(seed)
  return make(ms, () => loudness * random())
}

/** Two bursts of breath, each dying away. */
export function cough(seed = 5): Int16Array {
  const random = noise(seed)
  let breath = 0
  return make(900, (i) => {
    const since = i % samplesIn(400)
    breath += 0.4 * (random() - breath)
    return i < samplesIn(800) ? 0.8 * breath * Math.exp(-since / 1400) : 0
  })
}

export function knocks(): Int16Array {
  const every = samplesIn(220)
  return make(900, (i) => 0.5 * Math.sin((2 * Math.PI * 180 * i) / SAMPLE_RATE_HZ) * Math.exp(-(i % every) / 250))
}

export function typing(seed = 9): Int16Array {
  const random = noise(seed)
  const every = samplesIn(130)
  return make(1500, (i) => 0.25 * random() * Math.exp(-(i % every) / 50))
}

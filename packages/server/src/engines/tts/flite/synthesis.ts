// What Flite is asked for, and how its answer becomes sound: one utterance at a time, without its silences.
import { amplify, joined, rms } from '../../../audio/pcm.js'
import { Resampler } from '../../../audio/resample.js'
import { readWav } from '../../../audio/wav.js'
import type { Ran } from './wasi.js'

export const sampleRateHz = 16_000

/** How somebody sounds: one of Flite's speakers, changed. */
export interface Timbre {
  readonly speaker: Speaker
  /** Mean pitch in Hz; undefined: the speaker's own. `rms` always keeps its own. */
  readonly pitchHz?: number
  /** Above 1: a shorter throat, so brighter, higher formants. In steps of 1/20. */
  readonly brightness?: number
  /** Above 1 is faster. */
  readonly tempo?: number
}
export type Speaker = keyof typeof gains

/** What brings each speaker to the same loudness. */
const gains = { slt: 0.85, rms: 1.5, awb: 1.15, kal16: 1.9 }

/** A speech sound with its place in the samples, in ms. Pauses are left out. */
export interface Phone {
  readonly start: number
  readonly end: number
}
export interface Utterance {
  readonly samples: Int16Array
  readonly phones: readonly Phone[]
}

/** Runs Flite with these arguments. */
export type Flite = (args: readonly string[]) => Ran

/** Silence that is kept before the first sound: enough for a soft onset. */
const LEAD_IN_MS = 20
/** Silence that is kept after the last sound, where Flite gives as much. */
const TAIL_MS = { sentence: 180, phrase: 90 } as const
export type Ending = keyof typeof TAIL_MS

/** Says `text`, which Flite must be able to say. Throws when Flite makes no sound of it. */
export function say(flite: Flite, text: string, timbre: Timbre, ending: Ending): Utterance {
  const { speaker, pitchHz, brightness = 1, tempo = 1 } = timbre
  const settings = ['--setf', `duration_stretch=${(brightness / tempo).toFixed(4)}`]
  if (pitchHz !== undefined) settings.push('--setf', `int_f0_target_mean=${(pitchHz / brightness).toFixed(1)}`)
  const { exitCode, printed, file } = flite(['flite', '-voice', speaker, ...settings, '-psdur', '-t', text, '-o', FILE])
  if (exitCode !== 0 || !file) throw new Error(`Flite made no sound (exit code ${exitCode}).`)

  const wav = readWav(file)
  const resampler = new Resampler(Math.round(wav.sampleRateHz * brightness), sampleRateHz)
  const whole = joined([resampler.process(wav.samples), resampler.flush()])
  amplify(whole, gains[speaker], whole)
  const { start, end } = audible(whole, TAIL_MS[ending])
  return { samples: whole.slice(start, end), phones: placed(printed, brightness, start) }
}

/** How many phones Flite makes of each word; undefined where it does not keep them apart. */
export function countPhones(flite: Flite, words: readonly string[]): readonly number[] | undefined {
  // kal is quick, and all speakers read from the same dictionary; each comma makes a pause
  const text = words.map((word) => `${word},`).join(' ')
  const { printed } = flite(['flite', '-voice', 'kal', '--setf', 'duration_stretch=0.1', '-ps', '-t', text, '-o', FILE])
  const counts = printed
    .split(/\bpau\b/)
    .map((group) => group.split(/\s+/).filter(Boolean).length)
    .filter((count) => count > 0)
  return counts.length === words.length ? counts : undefined
}

const FILE = 'o.wav'

/** Flite prints `name:end` for each phone, in seconds, from 0 again for each utterance that it sees in the text. */
function placed(printed: string, brightness: number, trimmedSamples: number): Phone[] {
  const trimmedMs = (trimmedSamples / sampleRateHz) * 1000
  const phones: Phone[] = []
  let base = 0
  let last = 0
  for (const [, name, seconds] of printed.matchAll(/([a-z@]+):([\d.]+)/g)) {
    const end = (Number(seconds) * 1000) / brightness
    if (end < last) {
      base += last
      last = 0
    }
    if (name !== 'pau') phones.push({ start: Math.max(0, base + last - trimmedMs), end: base + end - trimmedMs })
    last = end
  }
  return phones
}

const FRAME = sampleRateHz / 200
/** 40 dB under a loud voice: softer is breath. */
const AUDIBLE = 0.002

/** Where the sound begins and ends, with a little silence around. */
function audible(samples: Int16Array, tailMs: number): { start: number; end: number } {
  const isAudible = (at: number) => rms(samples.subarray(at, at + FRAME)) > AUDIBLE
  let first = 0
  while (first < samples.length && !isAudible(first)) first += FRAME
  let last = samples.length
  while (last > first && !isAudible(Math.max(0, last - FRAME))) last -= FRAME
  return {
    start: Math.max(0, first - (LEAD_IN_MS * sampleRateHz) / 1000),
    end: Math.min(samples.length, last + (tailMs * sampleRateHz) / 1000),
  }
}

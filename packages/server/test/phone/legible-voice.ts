// A voice that can be read: every letter is a tone of its own, so that what a listener heard can be told to the letter, and
// from any piece of the sound. A frame of 20 ms tells one letter; a letter lasts several.
import { z } from 'zod'
import { defineEngine } from '../../dist/engines/engine.js'
import { untilAborted } from '../../dist/engines/kit/until-aborted.js'

export const legibleVoicePath = import.meta.url

const SAMPLE_RATE_HZ = 8000
const FRAME_SAMPLES = 160
/** Whatever is not among them sounds like the last one. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789 .'
/** Letters stand 80 Hz apart; half of that tells a letter from the same one right after it. */
const LOWEST_HZ = 300
const STEP_HZ = 80
const AGAIN_HZ = 40
const LOUDNESS = 8000

export default defineEngine({
  kind: 'tts',
  name: 'legible',
  options: z.object({ framesPerLetter: z.number().int().positive().default(2) }),
  create: async ({ framesPerLetter }) => ({
    info: { kind: 'tts', name: 'legible', version: '1', description: 'Every letter a tone of its own. For tests.' },
    sampleRateHz: SAMPLE_RATE_HZ,
    voices: ['alba', 'michael'].map((id) => ({ id, language: 'en-US', description: 'Tones.', sample: 'Hello.' })),
    async *open(clauses, _settings, signal) {
      const letterMs = framesPerLetter * 20
      for await (const clause of untilAborted(clauses, signal)) {
        const text = `${clause.trim()} `
        for (const [place, letter] of [...text].entries()) {
          if (signal.aborted) return
          yield { type: 'audio', samples: toneOf(letter, place, framesPerLetter) }
        }
        const words = [...text.matchAll(/\S+/g)].map((match) => ({
          text: match[0],
          start: match.index * letterMs,
          end: (match.index + match[0].length) * letterMs,
        }))
        yield { type: 'clause', words }
      }
    },
    async close() {},
  }),
})

const hzOf = (letter: number, place: number) => LOWEST_HZ + letter * STEP_HZ + (place % 2) * AGAIN_HZ

function toneOf(letter: string, place: number, frames: number): Int16Array {
  const found = LETTERS.indexOf(letter.toLowerCase())
  const hz = hzOf(found < 0 ? LETTERS.length - 1 : found, place)
  return Int16Array.from({ length: frames * FRAME_SAMPLES }, (_, index) =>
    Math.round(LOUDNESS * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE_HZ)),
  )
}

/** The letters of tones that follow each other; -1 is silence. */
export function lettersOf(tones: readonly number[]): string {
  const changes = tones.filter((tone, index) => tone !== tones[index - 1])
  return changes.map((tone) => LETTERS[Math.floor(tone / 2)] ?? '').join('')
}

/** Of a frame of 160 samples of 8 kHz: twice the letter's number, and one more at an odd place; -1 for silence. */
export function toneIn(frame: Int16Array): number {
  const levels = waves.map((wave) => levelOf(frame, wave))
  const loudest = Math.max(...levels)
  return loudest < LOUDNESS / 8 ? -1 : levels.indexOf(loudest)
}

interface Wave {
  readonly cosine: Float64Array
  readonly sine: Float64Array
}

/** Of every tone there is, a frame long. */
const waves: readonly Wave[] = Array.from({ length: LETTERS.length * 2 }, (_, tone) => {
  const angle = (index: number) => (2 * Math.PI * (LOWEST_HZ + tone * AGAIN_HZ) * index) / SAMPLE_RATE_HZ
  return {
    cosine: Float64Array.from({ length: FRAME_SAMPLES }, (__, index) => Math.cos(angle(index))),
    sine: Float64Array.from({ length: FRAME_SAMPLES }, (__, index) => Math.sin(angle(index))),
  }
})

function levelOf(frame: Int16Array, { cosine, sine }: Wave): number {
  let real = 0
  let imaginary = 0
  for (let index = 0; index < frame.length; index++) {
    real += frame[index]! * cosine[index]!
    imaginary += frame[index]! * sine[index]!
  }
  return Math.hypot(real, imaginary) / frame.length
}

/** The words as they are compared: no signs, no capitals. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9\s]/g, '')
    .split(/\s+/)
    .filter(Boolean)

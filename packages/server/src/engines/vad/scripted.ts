// Voice activity for tests and measurements: loud is speech. Costs next to nothing, and its time is the sound's own.
import { z } from 'zod'
import { defineEngine, EngineError, type Samples, type VadOutput } from '../engine.js'
import { Lifetime } from '../kit/abort.js'
import { untilAborted } from '../kit/until-aborted.js'
import { Windows } from '../kit/windows.js'

const MILLIS = 1000
/** Every so many samples one is looked at: a loud sound is loud in most of them. */
const STRIDE = 8

export const scriptedVad = defineEngine({
  kind: 'vad',
  name: 'scripted',
  options: z.object({
    sampleRateHz: z.number().int().positive().default(16_000).describe('The rate of the sound that it takes.'),
    windowMs: z.number().int().positive().default(20).describe('How much sound is judged at a time, in milliseconds.'),
    loudness: z.number().default(1000).describe('A window with a sample at or above this (0 to 32767) is speech.'),
    onsetMs: z.number().nonnegative().default(40).describe('How long speech must last to be noticed.'),
    offsetMs: z.number().nonnegative().default(100).describe('How long silence must last to be noticed.'),
    failAfterMs: z.number().optional().describe('How much sound is heard before it fails, when it is to fail.'),
  }),
  async create(options) {
    const lifetime = new Lifetime('scripted')
    return {
      info: {
        kind: 'vad',
        name: 'scripted',
        description: 'Calls loud sound speech. For tests and measurements, not for conversations.',
        version: '1',
      },
      sampleRateHz: options.sampleRateHz,
      open: (audio, _settings, signal) => judge(audio, options, signal, lifetime.signal),
      async close() {
        lifetime.end()
      },
    }
  },
})

interface Hearing {
  readonly sampleRateHz: number
  readonly windowMs: number
  readonly loudness: number
  readonly onsetMs: number
  readonly offsetMs: number
  readonly failAfterMs?: number | undefined
}

async function* judge(
  audio: AsyncIterable<Samples>,
  { sampleRateHz, windowMs, loudness, onsetMs, offsetMs, failAfterMs = Number.POSITIVE_INFINITY }: Hearing,
  signal: AbortSignal,
  closed: AbortSignal,
): AsyncGenerator<VadOutput, void, undefined> {
  const perMilli = sampleRateHz / MILLIS
  const windows = new Windows(Math.round(windowMs * perMilli))
  let speaking = false
  let contrary = 0
  let heard = 0
  for await (const piece of untilAborted(audio, signal, closed)) {
    let left = windows.pending + piece.length
    for (const window of windows.cut(piece)) {
      left -= window.length
      heard += windowMs
      if (heard > failAfterMs)
        throw new EngineError({ code: 'engine_crashed', message: 'It fails as it was told to.', retryable: true })
      contrary = isLoud(window, loudness) === speaking ? 0 : contrary + windowMs
      if (contrary === 0 || contrary < (speaking ? offsetMs : onsetMs)) continue
      speaking = !speaking
      yield { type: speaking ? 'started' : 'stopped', ago: contrary + left / perMilli }
      contrary = 0
      if (signal.aborted) return
    }
  }
  if (!signal.aborted) closed.throwIfAborted()
}

function isLoud(window: Samples, loudness: number): boolean {
  for (let index = 0; index < window.length; index += STRIDE) {
    const sample = window[index]!
    if (sample >= loudness || sample <= -loudness) return true
  }
  return false
}

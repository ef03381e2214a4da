// Voice activity by Silero v6, run in the engine host: the embedded default.
// https://github.com/snakers4/silero-vad
import { z } from 'zod'
import { defineEngine, type Samples, type Vad, type VadOutput } from '../engine.js'
import { WINDOW_SAMPLES } from '../host/detectors.js'
import type { Detector } from '../host/engine-host.js'
import { leaseHost } from '../host/shared-host.js'
import { sherpaVersion } from '../host/sherpa.js'
import { Lifetime } from '../kit/abort.js'
import { unlessAborted, untilAborted } from '../kit/until-aborted.js'
import { Windows } from '../kit/windows.js'
import { sileroVoiceActivity } from '../models/catalogue.js'
import { locateModel } from '../models/files.js'
import { type DetectorLag, SpeechEdges } from './speech-edges.js'

const SAMPLE_RATE_HZ = 16_000
const WINDOW_MS = (WINDOW_SAMPLES / SAMPLE_RATE_HZ) * 1000

/**
 * Medians over 47 recordings of sentences, against where their sound is above -28 dB of its loudest: eight edges in ten
 * lie within 16 ms before and 102 ms after for the onset, 39 ms before and 51 ms after for the offset.
 */
const LAG: DetectorLag = { onset: 102, offset: 186 }

/** The detector falls silent at 0.15 below the threshold: with a lower one, a faint noise keeps it going for ever. */
const THRESHOLD = { lowest: 0.3, highest: 0.95 }

export const sileroVad = defineEngine({
  kind: 'vad',
  name: 'silero',
  options: z.object({}),
  async create(_options, { log }): Promise<Vad> {
    const { host, release } = await leaseHost({ voiceActivity: await locateModel(sileroVoiceActivity) }, log)
    const lifetime = new Lifetime('silero')
    return {
      info: {
        kind: 'vad',
        name: 'silero',
        description:
          'Silero voice activity, MIT, run by sherpa-onnx (Apache-2.0) in a process of its own; for any language.',
        version: `Silero v6, sherpa-onnx ${sherpaVersion()}`,
      },
      sampleRateHz: SAMPLE_RATE_HZ,
      async *open(audio, { threshold }, signal) {
        try {
          const confidence = Math.min(THRESHOLD.highest, Math.max(THRESHOLD.lowest, threshold))
          const opening = host.openDetector(confidence)
          const detector = await unlessAborted(opening, signal)
          if (detector) yield* detect(detector, audio, signal, lifetime.signal)
          else void opening.then((late) => late.close()).catch(() => {})
        } catch (error) {
          if (!signal.aborted) throw error
        }
      },
      async close() {
        lifetime.end()
        await release()
      },
    }
  },
})

async function* detect(
  detector: Detector,
  audio: AsyncIterable<Samples>,
  signal: AbortSignal,
  closed: AbortSignal,
): AsyncGenerator<VadOutput, void, undefined> {
  const windows = new Windows(WINDOW_SAMPLES)
  const edges = new SpeechEdges(LAG)
  try {
    for await (const piece of untilAborted(audio, signal, detector.lost, closed)) {
      let left = windows.pending + piece.length
      for (const window of windows.cut(piece)) {
        const isSpeech = await detector.hear(window)
        if (signal.aborted) return
        left -= WINDOW_SAMPLES
        const edge = edges.window(isSpeech, WINDOW_MS, (left / SAMPLE_RATE_HZ) * 1000)
        if (edge) yield edge
      }
    }
    if (signal.aborted) return
    closed.throwIfAborted()
    detector.lost.throwIfAborted()
  } finally {
    detector.close()
  }
}

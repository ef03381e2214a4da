// Speech to text by Moonshine tiny, run in the engine host: the embedded default. English only.
// https://github.com/moonshine-ai/moonshine, arXiv 2410.15608
import { z } from 'zod'
import { Queue } from '../../session/queue.js'
import { defineEngine, type Stt, type SttInput, type SttOutput } from '../engine.js'
import { leaseHost } from '../host/shared-host.js'
import { sherpaVersion } from '../host/sherpa.js'
import { Lifetime } from '../kit/abort.js'
import { untilAborted } from '../kit/until-aborted.js'
import { moonshineDecoder, moonshineEncoder } from '../models/catalogue.js'
import { locateModel } from '../models/files.js'
import { moonshineTokens } from '../models/tokens.js'
import { type ListenerOptions, TurnListener } from './turn-listener.js'

const SAMPLE_RATE_HZ = 16_000

export const moonshineStt = defineEngine({
  kind: 'stt',
  name: 'moonshine',
  options: z.object({
    partialEveryMs: z.number().min(100).default(640).describe('Milliseconds of speech between partial transcripts.'),
    continuousPartialEveryMs: z
      .number()
      .min(100)
      .default(320)
      .describe('The same for agents that ask for continuous partials.'),
  }),
  async create({ partialEveryMs, continuousPartialEveryMs }, { dataDir, log }): Promise<Stt> {
    const [encoder, decoder, tokens] = await Promise.all([
      locateModel(moonshineEncoder),
      locateModel(moonshineDecoder),
      moonshineTokens(dataDir),
    ])
    const { host, release } = await leaseHost({ recogniser: { encoder, decoder, tokens } }, log)
    const lifetime = new Lifetime('moonshine')
    return {
      info: {
        kind: 'stt',
        name: 'moonshine',
        description:
          'Moonshine tiny, MIT, run by sherpa-onnx (Apache-2.0) in a process of its own. English only; key terms and prompts are not used.',
        version: `Moonshine tiny (quantized), sherpa-onnx ${sherpaVersion()}`,
      },
      sampleRateHz: SAMPLE_RATE_HZ,
      open(input, { continuousPartials }, signal) {
        const partialEvery = continuousPartials ? continuousPartialEveryMs : partialEveryMs
        const transcribe: ListenerOptions['transcribe'] = (samples, urgency, stop) =>
          host.transcribe(samples, urgency, stop)
        return listen(input, { sampleRateHz: SAMPLE_RATE_HZ, partialEvery, transcribe }, signal, lifetime.signal)
      },
      async close() {
        lifetime.end()
        await release()
      },
    }
  },
})

/** Runs a listener over a stream. Throws what the recogniser failed with, and `closed`'s reason when that fires. */
export async function* listen(
  input: AsyncIterable<SttInput>,
  options: Omit<ListenerOptions, 'tell' | 'fail'>,
  signal: AbortSignal,
  closed: AbortSignal,
): AsyncGenerator<SttOutput, void, undefined> {
  const outputs = new Queue<SttOutput>()
  const failed = new AbortController()
  const listener = new TurnListener({
    ...options,
    tell: (output) => outputs.push(output),
    fail: (error) => failed.abort(error),
  })
  const hear = async () => {
    for await (const heard of untilAborted(input, signal, closed, failed.signal)) listener.hear(heard)
    await listener.finish()
    outputs.close()
  }
  hear().catch((error) => failed.abort(error))
  try {
    yield* untilAborted(outputs, signal, closed, failed.signal)
    if (signal.aborted) return
    closed.throwIfAborted()
    failed.signal.throwIfAborted()
  } finally {
    listener.stop()
    failed.abort()
  }
}

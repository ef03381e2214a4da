// The recogniser of the engine host: one model in memory, shared by every stream.
import { transcribe } from '../stt/transcription.js'
import type { RecogniserModel, Transcript } from './frames.js'
import type { NativeRecogniser, Sherpa } from './sherpa.js'

const SAMPLE_RATE_HZ = 16_000

export class Recogniser {
  private constructor(readonly native: NativeRecogniser) {}

  static async load(sherpa: Sherpa, { encoder, decoder, tokens }: RecogniserModel): Promise<Recogniser> {
    const moonshine = { encoder, mergedDecoder: decoder }
    const native = await sherpa.OfflineRecognizer.createAsync({ modelConfig: { moonshine, tokens, numThreads: 1 } })
    const recogniser = new Recogniser(native)
    // The first decode is twice as slow as the rest: better here than in somebody's first sentence.
    await recogniser.#decode(new Float32Array(SAMPLE_RATE_HZ))
    return recogniser
  }

  transcribe(samples: Float32Array): Promise<Transcript> {
    return transcribe(samples, (sound) => this.#decode(sound))
  }

  #decode(samples: Float32Array) {
    const stream = this.native.createStream()
    stream.acceptWaveform({ samples, sampleRate: SAMPLE_RATE_HZ })
    return this.native.decodeAsync(stream)
  }
}

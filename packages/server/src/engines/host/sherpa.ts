// The part of the native library's interface that we use, typed: its package has no declarations.
// https://k2-fsa.github.io/sherpa/onnx/
import { createRequire } from 'node:module'

export interface NativeVad {
  acceptWaveform(samples: Float32Array): void
  isDetected(): boolean
  /** Ends the segment being collected, without touching the model's state. */
  flush(): void
  /** Drops collected segments. */
  clear(): void
  reset(): void
}
export interface NativeStream {
  acceptWaveform(sound: { readonly samples: Float32Array; readonly sampleRate: number }): void
}
export interface NativeResult {
  readonly text: string
  readonly tokens: readonly string[]
}
export interface NativeRecogniser {
  createStream(): NativeStream
  decodeAsync(stream: NativeStream): Promise<NativeResult>
}
export interface Sherpa {
  readonly version: string
  readonly Vad: new (
    config: {
      readonly sileroVad: {
        readonly model: string
        readonly threshold: number
        readonly minSilenceDuration: number
        readonly minSpeechDuration: number
        readonly maxSpeechDuration: number
        readonly windowSize: number
      }
      readonly sampleRate: number
      readonly numThreads: number
    },
    bufferSeconds: number,
  ) => NativeVad
  readonly OfflineRecognizer: {
    createAsync(config: {
      readonly modelConfig: {
        readonly moonshine: { readonly encoder: string; readonly mergedDecoder: string }
        readonly tokens: string
        readonly numThreads: number
      }
    }): Promise<NativeRecogniser>
  }
}

/** Loads the native library into this process. Only the engine host does that. */
// The cast is true by the library's own documentation of these classes.
export const loadSherpa = (): Sherpa => createRequire(import.meta.url)('sherpa-onnx-node') as Sherpa

/** The version that is installed, read without loading anything native. */
export function sherpaVersion(): string {
  // The cast is true: npm refuses a package whose version is not a string.
  return (createRequire(import.meta.url)('sherpa-onnx-node/package.json') as { version: string }).version
}

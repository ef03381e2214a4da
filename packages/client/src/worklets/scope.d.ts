// What an AudioWorklet finds around it; the DOM's types leave it out.
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort
  abstract process(inputs: readonly (readonly Float32Array[])[], outputs: readonly (readonly Float32Array[])[]): boolean
}
declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: never }) => AudioWorkletProcessor,
): void
/** Hz. */
declare const sampleRate: number
/** Seconds; the time of the first sample of the block being processed. */
declare const currentTime: number

// The microphone's side of the audio thread: one channel, the wire's sample rate, 16 bits, frames of one length.
import { FrameCutter } from '../frame-cutter.js'
import { Resampler } from '../resampler.js'
import { CAPTURE, type CapturedFrame, type CaptureOptions } from '../worklet-messages.js'

class Capture extends AudioWorkletProcessor {
  readonly #resampler: Resampler
  readonly #cutter: FrameCutter

  constructor({ processorOptions: { sampleRateHz, frameMs } }: { processorOptions: CaptureOptions }) {
    super()
    this.#resampler = new Resampler(sampleRate, sampleRateHz)
    this.#cutter = new FrameCutter(Math.round((sampleRateHz * frameMs) / 1000))
  }

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    // The node mixes to one channel; there is none while the microphone is not connected.
    const sound = inputs[0]?.[0]
    if (sound) this.#cutter.push(this.#resampler.process(sound), (samples) => this.#post(samples, sound.length))
    return true
  }

  #post(samples: Int16Array<ArrayBuffer>, blockLength: number): void {
    const frame: CapturedFrame = { samples, at: currentTime + blockLength / sampleRate }
    this.port.postMessage(frame, [samples.buffer])
  }
}

registerProcessor(CAPTURE, Capture)

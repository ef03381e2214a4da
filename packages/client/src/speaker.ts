// The agent's voice: plays replies in order, falls silent at once, tells how far it has come.
import { loadWorklet } from './audio-context.js'
import { Emitter } from './emitter.js'
import { PLAYBACK, type SpeakerOrder, type SpeakerReport, type SpeakerSettings } from './worklet-messages.js'

export interface SpeakerOptions {
  readonly context: AudioContext
  /** Rate of what is played, in Hz; 24000 by default. */
  readonly sampleRateHz?: number
  /** Where the playback worklet is served; the module beside this one by default. */
  readonly worklet?: string | URL
}

type SpeakerEvents = { [Report in SpeakerReport as Report['type']]: Report }

const SAMPLE_RATE_HZ = 24_000

/** Rejects with `AudioError` when the worklet cannot be loaded. */
export async function openSpeaker(options: SpeakerOptions): Promise<Speaker> {
  const { context, sampleRateHz = SAMPLE_RATE_HZ } = options
  await loadWorklet(context, options.worklet ?? new URL('./worklets/playback.js', import.meta.url))
  return new Speaker(context, { sampleRateHz })
}

export class Speaker extends Emitter<SpeakerEvents> {
  readonly #context: AudioContext
  readonly #playback: AudioWorkletNode

  constructor(context: AudioContext, settings: SpeakerSettings) {
    super()
    this.#context = context
    this.#playback = new AudioWorkletNode(context, PLAYBACK, {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: settings,
    })
    this.#playback.port.onmessage = ({ data }: MessageEvent<SpeakerReport>) => this.#told(data)
    this.#playback.connect(context.destination)
  }

  /** From the moment a sample is handed to the device until it is heard, in seconds, as far as the browser knows. */
  get latencySeconds(): number {
    return this.#context.outputLatency || this.#context.baseLatency || 0
  }

  /** Adds sound at the end of what waits. */
  play(reply: string, samples: Int16Array<ArrayBuffer>): void {
    if (samples.length > 0) this.#order({ type: 'play', reply, samples })
  }

  /** No more will come of `reply`: 'finished' follows when the rest has been played. */
  finish(reply: string): void {
    this.#order({ type: 'finish', reply })
  }

  /** Falls silent within 10 ms, whatever waits. */
  flush(): void {
    this.#order({ type: 'flush' })
  }

  close(): void {
    this.#playback.port.onmessage = null
    this.#playback.disconnect()
  }

  #order(order: SpeakerOrder): void {
    this.#playback.port.postMessage(order)
  }

  #told(report: SpeakerReport): void {
    if (report.type === 'audible') this.emit('audible', report)
    else if (report.type === 'finished') this.emit('finished', report)
    else this.emit('position', report)
  }
}

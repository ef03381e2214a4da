// The speaker's side of the audio thread: plays what it is sent, tells how far it has come, falls silent when told.
import { PlaybackBuffer, type PlaybackReport } from '../playback-buffer.js'
import { PLAYBACK, type SpeakerOrder, type SpeakerReport, type SpeakerSettings } from '../worklet-messages.js'

const REPORT_EVERY_SECONDS = 0.03

class Playback extends AudioWorkletProcessor {
  readonly #buffer: PlaybackBuffer
  readonly #tell = (report: PlaybackReport) => this.#post(report)
  #level = 0
  #reportAt = 0

  constructor({ processorOptions: { sampleRateHz } }: { processorOptions: SpeakerSettings }) {
    super()
    this.#buffer = new PlaybackBuffer({ sourceRateHz: sampleRateHz, outputRateHz: sampleRate })
    this.port.onmessage = ({ data }: MessageEvent<SpeakerOrder>) => this.#obey(data)
  }

  process(_inputs: unknown, outputs: readonly (readonly Float32Array[])[]): boolean {
    const block = outputs[0]?.[0]
    if (!block) return true
    this.#buffer.pull(block, this.#tell)
    for (const sample of block) this.#level = Math.max(this.#level, Math.abs(sample))
    if (currentTime >= this.#reportAt) this.#reportPosition()
    return true
  }

  #obey(order: SpeakerOrder): void {
    if (order.type === 'play') this.#buffer.push(order.reply, order.samples)
    else if (order.type === 'finish') this.#buffer.finish(order.reply)
    else this.#buffer.flush()
  }

  #reportPosition(): void {
    const { position } = this.#buffer
    if (position) this.#send({ type: 'position', ...position, level: this.#level, at: currentTime })
    this.#level = 0
    this.#reportAt = currentTime + REPORT_EVERY_SECONDS
  }

  #post(report: PlaybackReport): void {
    const { type, reply } = report
    const at = currentTime + (report.type === 'audible' ? report.index / sampleRate : 0)
    this.#send({ type, reply, at })
  }

  #send(report: SpeakerReport): void {
    this.port.postMessage(report)
  }
}

registerProcessor(PLAYBACK, Playback)

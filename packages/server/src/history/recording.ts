// The sound of one session on its way to a file: the user on the left, the agent as it was heard on the right, in step with the clock.
import type { Encoding } from '@parley/protocol'
import { type Decoder, decoderFor } from '../audio/codec.js'
import { OpusFile, PACKET_SAMPLES, SAMPLE_RATE_HZ } from './opus-file.js'
import { Placement } from './placement.js'
import { entriesOf } from './tape.js'
import { Track } from './track.js'

const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000

export interface RecordingFormat {
  readonly input: Encoding
  readonly output: Encoding
}

export class Recording {
  readonly #file: OpusFile
  readonly #userDecoder: Decoder
  readonly #agentDecoder: Decoder
  readonly #placement = new Placement(SAMPLE_RATE_HZ)
  readonly #user = new Track()
  readonly #agent = new Track()
  readonly #pairs = new Int16Array(PACKET_SAMPLES * 2)
  #dropped = 0

  /** Opens the file at `path`, or goes on in it. */
  static async open(path: string, format: RecordingFormat): Promise<Recording> {
    return new Recording(await OpusFile.open(path), format)
  }

  private constructor(file: OpusFile, { input, output }: RecordingFormat) {
    this.#file = file
    this.#userDecoder = decoderFor(input, SAMPLE_RATE_HZ)
    this.#agentDecoder = decoderFor(output, SAMPLE_RATE_HZ)
  }

  /** Pieces of the user's sound that came too far ahead of their time to be kept. */
  get dropped(): number {
    return this.#dropped
  }

  /** Takes what `batch` holds and writes what no later batch can change; `until`: the time of the batch, in ms. */
  take(batch: Uint8Array, until: number): void {
    for (const entry of entriesOf(batch)) {
      if (entry.type === 'cut') this.#agent.cut(Math.max(this.#file.length, placeOf(entry.at)))
      else if (entry.type === 'user') this.#placement.arrived(this.#userDecoder.push(entry.bytes).slice(), entry.at)
      else this.#place(this.#agent, placeOf(entry.at), this.#agentDecoder.push(entry.bytes).slice())
    }
    this.#settle(until)
    this.#writeUpTo(placeOf(this.#placement.openFrom(until)))
  }

  /** Writes the rest and ends the file; it is `length` ms long, or longer if the user's sound came ahead of its time. */
  finish(length: number): void {
    this.#settle(Number.POSITIVE_INFINITY)
    this.#agent.cut(Math.max(this.#file.length, placeOf(length)))
    const samples = Math.max(placeOf(length), this.#user.end)
    this.#writeUpTo(samples + PACKET_SAMPLES)
    this.#file.finish(samples)
  }

  /** Writes all there is and leaves the file so that another may go on in it. */
  leave(): void {
    this.#settle(Number.POSITIVE_INFINITY)
    this.#writeUpTo(Math.max(this.#user.end, this.#agent.end) + PACKET_SAMPLES)
    this.#file.leave()
  }

  /** Leaves the file unfinished. */
  close(): void {
    this.#file.close()
  }

  #settle(now: number): void {
    const { placed, dropped } = this.#placement.settled(now, this.#file.length / SAMPLES_PER_MS)
    for (const { startMs, samples } of placed) this.#place(this.#user, placeOf(startMs), samples)
    this.#dropped += dropped
  }

  /** Sound that is due while other sound of the same side still plays follows behind that. */
  #place(track: Track, start: number, samples: Int16Array): void {
    track.place(Math.max(start, track.end, this.#file.length), samples)
  }

  #writeUpTo(end: number): void {
    while (this.#file.length + PACKET_SAMPLES <= end) {
      const start = this.#file.length
      this.#pairs.fill(0)
      this.#user.read(start, this.#pairs, 0)
      this.#agent.read(start, this.#pairs, 1)
      this.#file.write(this.#pairs)
    }
  }
}

/** The place of a moment, in samples. */
const placeOf = (ms: number): number => Math.round(ms * SAMPLES_PER_MS)

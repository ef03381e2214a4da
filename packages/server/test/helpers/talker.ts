// A caller in real time: sends sound without a pause, silence where nothing is said, and keeps what it hears.
import type { Encoding } from '@parley/protocol'
import { decoderFor, encoderFor } from '../../dist/audio/codec.js'
import type { Peer } from './peer.js'

const FRAME_MS = 50
const SAMPLE_RATE_HZ = 24_000
const FRAME_SAMPLES = 1200

export class Talker {
  readonly peer: Peer
  /** What was heard of each reply, by its id: 24 kHz. */
  readonly heard = new Map<string, Int16Array[]>()
  /** When the last sound of each reply came. */
  readonly lastSoundAt = new Map<string, number>()
  #speech: Int16Array = new Int16Array(0)
  #position = 0
  #due = performance.now()
  /** Does not keep the process of a test that has failed. */
  readonly #timer = setInterval(() => this.#flow(), 10).unref()

  readonly #encoder

  /** `encoding`: of the wire, both ways; what is said and heard here is 24 kHz all the same. */
  constructor(peer: Peer, encoding: Encoding = 'audio/pcm') {
    this.peer = peer
    this.#encoder = encoderFor(encoding, SAMPLE_RATE_HZ)
    const decoder = decoderFor(encoding, SAMPLE_RATE_HZ)
    peer.socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { type: string; reply_id: string; data: string }
      if (frame.type !== 'reply.audio') return
      const samples = decoder.push(Buffer.from(frame.data, 'base64')).slice()
      this.heard.set(frame.reply_id, [...(this.heard.get(frame.reply_id) ?? []), samples])
      this.lastSoundAt.set(frame.reply_id, performance.now())
    })
  }

  /** Says it; resolves when the last of it was sent. */
  say(speech: Int16Array): Promise<void> {
    this.#speech = speech
    this.#position = 0
    return new Promise((resolve) => setTimeout(resolve, (speech.length / SAMPLE_RATE_HZ) * 1000))
  }

  /** Sends nothing more. */
  stop(): void {
    clearInterval(this.#timer)
  }

  async end(): Promise<void> {
    this.stop()
    await this.peer.end()
  }

  #flow(): void {
    for (const now = performance.now(); this.#due <= now; this.#due += FRAME_MS) {
      const frame = new Int16Array(FRAME_SAMPLES)
      frame.set(this.#speech.subarray(this.#position, this.#position + FRAME_SAMPLES))
      this.#position += FRAME_SAMPLES
      this.peer.send({ type: 'input.audio', audio: Buffer.from(this.#encoder.push(frame)).toString('base64') })
    }
  }
}

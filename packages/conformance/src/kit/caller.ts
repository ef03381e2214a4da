// A caller in real time: sends sound without a pause, silence where nothing is said.
import type { Peer } from '../wire/peer.js'
import { bytesPerMs, type Encoding, encode } from '../wire/sound.js'

const TICK_MS = 10

export interface CallerOptions {
  readonly encoding?: Encoding
  readonly frameBytes?: number
  /** How many times as fast as it plays the sound is sent. */
  readonly speed?: number
}

export class Caller {
  readonly #peer: Peer
  readonly #encoding: Encoding
  readonly #frameBytes: number
  readonly #msPerFrame: number
  #speech: Buffer = Buffer.alloc(0)
  #position = 0
  #due = performance.now()
  #said: () => void = () => {}
  readonly #timer = setInterval(() => this.#flow(), TICK_MS)

  constructor(peer: Peer, { encoding = 'audio/pcm', frameBytes, speed = 1 }: CallerOptions = {}) {
    this.#peer = peer
    this.#encoding = encoding
    this.#frameBytes = frameBytes ?? bytesPerMs[encoding] * 50
    this.#msPerFrame = this.#frameBytes / bytesPerMs[encoding] / speed
  }

  /** Says it, 24 kHz; resolves with the moment at which the last of it was sent. */
  say(speech: Int16Array): Promise<number> {
    this.#speech = encode(speech, this.#encoding)
    this.#position = 0
    return new Promise((resolve) => {
      this.#said = () => resolve(performance.now())
    })
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#said()
  }

  #flow(): void {
    if (!this.#peer.isOpen) return this.stop()
    for (const now = performance.now(); this.#due <= now; this.#due += this.#msPerFrame) {
      const frame = Buffer.alloc(this.#frameBytes, silentByte[this.#encoding])
      const wasSpeaking = this.#position < this.#speech.length
      if (wasSpeaking) this.#speech.copy(frame, 0, this.#position, this.#position + this.#frameBytes)
      this.#position += this.#frameBytes
      this.#peer.sendText(`{"type":"input.audio","audio":"${frame.toString('base64')}"}`)
      if (wasSpeaking && this.#position >= this.#speech.length) this.#said()
    }
  }
}

const silentByte: Readonly<Record<Encoding, number>> = { 'audio/pcm': 0, 'audio/pcmu': 0xff, 'audio/pcma': 0xd5 }

// How the server and its engine host write to each other on their pipe: a length, a kind, a number, then the content.

/** Requests carry a number of the server's choosing; each but `close` is answered once, under the same number. */
export type FrameKind = keyof typeof codes
export interface Frame {
  readonly kind: FrameKind
  readonly id: number
  readonly content: Buffer
}

const codes = {
  /** Load the models (JSON: `LoadRequest`). */
  load: 1,
  /** Open a voice detector under this number (JSON: `{ threshold }`). */
  open: 2,
  /** One window of sound for that detector; answered by one byte, 1 for speech. */
  window: 3,
  /** Forget that detector. Has no answer. */
  close: 4,
  /** Write down this sound; answered by JSON: `Transcript`. */
  transcribe: 5,
  /** The answer to a request. */
  done: 6,
  /** The request could not be fulfilled (UTF-8: why). */
  failed: 7,
} as const
const kinds = new Map<number, FrameKind>(Object.entries(codes).map(([kind, code]) => [code, kind as FrameKind]))

/** Paths of model files that have been checked. What was loaded before stays. */
export interface LoadRequest {
  readonly voiceActivity?: string
  readonly recogniser?: RecogniserModel
}
export interface RecogniserModel {
  readonly encoder: string
  readonly decoder: string
  readonly tokens: string
}
export interface Transcript {
  readonly text: string
  /** How many times the sound had to be decoded. */
  readonly attempts: number
}

const HEADER_BYTES = 9
/** Far above any sound that is sent; a larger length means that the pipe is out of step. */
const MAX_CONTENT_BYTES = 16 << 20

export function encodeFrame(kind: FrameKind, id: number, content: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + content.byteLength)
  frame.writeUInt32LE(content.byteLength, 0)
  frame.writeUInt8(codes[kind], 4)
  frame.writeUInt32LE(id, 5)
  frame.set(content, HEADER_BYTES)
  return frame
}

/** Puts frames together again from the pieces in which a pipe delivers them. */
export class FrameReader {
  #pieces: Buffer[] = []
  #length = 0
  #needed = HEADER_BYTES

  /** The frames that are complete with this piece. Throws when the bytes cannot be ours. */
  read(piece: Buffer): Frame[] {
    this.#pieces.push(piece)
    this.#length += piece.length
    if (this.#length < this.#needed) return []
    const data = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces)
    const frames: Frame[] = []
    let at = 0
    for (;;) {
      this.#needed = HEADER_BYTES
      if (data.length - at < HEADER_BYTES) break
      const length = data.readUInt32LE(at)
      const kind = kinds.get(data.readUInt8(at + 4))
      if (kind === undefined || length > MAX_CONTENT_BYTES)
        throw new Error('The engine host and the server are out of step.')
      this.#needed = HEADER_BYTES + length
      if (data.length - at < this.#needed) break
      const start = at + HEADER_BYTES
      at += this.#needed
      frames.push({ kind, id: data.readUInt32LE(start - 4), content: data.subarray(start, at) })
    }
    this.#pieces = at === data.length ? [] : [data.subarray(at)]
    this.#length = data.length - at
    return frames
  }
}

export const jsonContent = (value: LoadRequest | Transcript | { readonly threshold: number }): Buffer =>
  Buffer.from(JSON.stringify(value))

/** The bytes of samples, without a copy. */
export const sampleBytes = (samples: Int16Array): Uint8Array =>
  new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)

/** Samples from -1 to 1, as the models take them. */
export function floatSamples(bytes: Buffer): Float32Array {
  // A copy, because 16-bit views must begin at an even address and a frame's content may not.
  const samples = new Int16Array(new Uint8Array(bytes).buffer)
  const floats = new Float32Array(samples.length)
  // A plain loop: this runs 31 times a second for every stream, and `from` with a function takes seven times as long.
  for (let i = 0; i < samples.length; i++) floats[i] = samples[i]! / 32_768
  return floats
}

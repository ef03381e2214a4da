// 16-bit samples: as little-endian bytes, as floats, their level and their loudness.

/**
 * The samples in little-endian `bytes`, as a view where alignment allows and as a copy where it does not: read them
 * before the bytes change. A last odd byte is left out. (Every platform that Node runs on here is little-endian.)
 */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const length = bytes.length >> 1
  if ((bytes.byteOffset & 1) === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, length)
  // not `slice`: that of a Buffer is a view
  return new Int16Array(new Uint8Array(bytes.subarray(0, length * 2)).buffer)
}

/** The little-endian bytes of `samples`: a view, not a copy. */
export function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
}

/** Bytes that arrive in pieces of any length: an odd last byte waits for the piece after it (protocol.md section 4). */
export class PcmBytes {
  #odd: number | undefined

  /** The samples that are complete now; like `samplesOf`, perhaps a view of `bytes`. */
  push(bytes: Uint8Array): Int16Array {
    if (bytes.length === 0) return new Int16Array(0)
    if (this.#odd === undefined) {
      if (bytes.length & 1) this.#odd = bytes[bytes.length - 1]
      return samplesOf(bytes)
    }
    const joined = new Uint8Array(bytes.length + 1)
    joined[0] = this.#odd
    joined.set(bytes, 1)
    this.#odd = joined.length & 1 ? joined[joined.length - 1] : undefined
    return samplesOf(joined)
  }
}

/** The factor of `output.volume`: 0 to 100, null for the level as it was made. */
export const gainOf = (volume: number | null): number => (volume === null ? 1 : volume / 100)

/** `samples` times `gain`, held within 16 bits; into `into`, which may be `samples` itself. */
export function amplify(samples: Int16Array, gain: number, into = new Int16Array(samples.length)): Int16Array {
  for (let i = 0; i < samples.length; i++) into[i] = saturated(samples[i]! * gain)
  return into
}

/** The nearest sample that 16 bits can hold. */
export function saturated(value: number): number {
  if (value >= 0) return value < 32_766.5 ? (value + 0.5) | 0 : 32_767
  return value > -32_767.5 ? (value - 0.5) | 0 : -32_768
}

/** Root mean square, 0 to 1 of full scale; 0 for no samples. */
export function rms(samples: Int16Array): number {
  if (samples.length === 0) return 0
  let sum = 0
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!
  return Math.sqrt(sum / samples.length) / 32_768
}

/** Samples as floats, -1 to 1. */
export function toFloat32(samples: Int16Array, into = new Float32Array(samples.length)): Float32Array {
  for (let i = 0; i < samples.length; i++) into[i] = samples[i]! / 32_768
  return into
}

/** Floats, -1 to 1, as samples; what lies outside is held at the edge. */
export function fromFloat32(floats: Float32Array, into = new Int16Array(floats.length)): Int16Array {
  for (let i = 0; i < floats.length; i++) into[i] = saturated(floats[i]! * 32_768)
  return into
}

/** `ms` of silence at `sampleRateHz`. */
export const silence = (ms: number, sampleRateHz: number): Int16Array =>
  new Int16Array(Math.round((ms * sampleRateHz) / 1000))

/** `parts`, one after another, in samples of their own. */
export function joined(parts: readonly Int16Array[]): Int16Array<ArrayBuffer> {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Views of `samples`, one after another, each `length` long but for the last. */
export function* chunksOf(samples: Int16Array, length: number): Generator<Int16Array, void, undefined> {
  for (let at = 0; at < samples.length; at += length) yield samples.subarray(at, at + length)
}

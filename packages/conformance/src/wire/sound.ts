// Sound as the wire carries it: three encodings, and how loud samples are. Written for the suite alone, so that a fault
// of a server's own codec does not hide.
import type { Fields } from '../expect.js'

export const encodings = ['audio/pcm', 'audio/pcmu', 'audio/pcma'] as const
export type Encoding = (typeof encodings)[number]

export const sampleRateHz: Readonly<Record<Encoding, number>> = {
  'audio/pcm': 24_000,
  'audio/pcmu': 8_000,
  'audio/pcma': 8_000,
}
export const bytesPerMs: Readonly<Record<Encoding, number>> = { 'audio/pcm': 48, 'audio/pcmu': 8, 'audio/pcma': 8 }

/** The bytes of a `reply.audio`; none where it has no data. */
export const soundOf = ({ data }: Fields): Buffer => Buffer.from(typeof data === 'string' ? data : '', 'base64')

/** Samples of 24 kHz in an encoding of the wire. */
export function encode(samples: Int16Array, encoding: Encoding): Buffer {
  if (encoding === 'audio/pcm') return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const each = encoding === 'audio/pcmu' ? toMuLaw : toALaw
  return Buffer.from(thirds(samples).map(each))
}

/** Samples at the encoding's own rate. */
export function decode(bytes: Uint8Array, encoding: Encoding): Int16Array {
  if (encoding === 'audio/pcm') {
    const whole = bytes.slice(0, bytes.length & ~1)
    return new Int16Array(whole.buffer, whole.byteOffset, whole.length / 2)
  }
  return Int16Array.from(bytes, encoding === 'audio/pcmu' ? fromMuLaw : fromALaw)
}

/** Root of the mean square. */
export function loudness(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length)
}

export const loudest = (samples: Int16Array): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)

export const silence = (ms: number): Int16Array => new Int16Array(Math.round(ms * 24))

/** A tone of 24 kHz, which no recogniser takes for words. */
export const tone = (ms: number, hz = 440): Int16Array =>
  Int16Array.from({ length: ms * 24 }, (_, index) => 9000 * Math.sin((2 * Math.PI * hz * index) / 24_000))

export function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Without the quiet at both ends, but for 100 ms. */
export function trimmed(samples: Int16Array): Int16Array {
  const threshold = loudest(samples) / 30
  const first = samples.findIndex((sample) => Math.abs(sample) > threshold)
  const last = samples.findLastIndex((sample) => Math.abs(sample) > threshold)
  return samples.slice(Math.max(0, first - 2400), last + 2400)
}

/** 24 kHz to 8 kHz: the mean of three, which is filter enough for speech on a telephone. */
const thirds = (samples: Int16Array): Int16Array =>
  Int16Array.from({ length: Math.floor(samples.length / 3) }, (_, index) =>
    Math.round((samples[3 * index]! + samples[3 * index + 1]! + samples[3 * index + 2]!) / 3),
  )

const MU_BIAS = 132

/** ITU-T G.711, μ-law. */
function toMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_635) + MU_BIAS
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7)
  const mantissa = (magnitude >> (exponent + 3)) & 15
  return ~((sample < 0 ? 128 : 0) | (exponent << 4) | mantissa) & 255
}

function fromMuLaw(byte: number): number {
  const code = ~byte & 255
  const magnitude = (((code & 15) << 3) + MU_BIAS) << ((code >> 4) & 7)
  return code & 128 ? MU_BIAS - magnitude : magnitude - MU_BIAS
}

/** ITU-T G.711, A-law. */
function toALaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), 32_767)
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7)
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 15
  return ((sample < 0 ? 0 : 128) | (exponent << 4) | mantissa) ^ 0x55
}

function fromALaw(byte: number): number {
  const code = byte ^ 0x55
  const exponent = (code >> 4) & 7
  const base = ((code & 15) << 4) + 8
  const magnitude = exponent === 0 ? base : (base + 256) << (exponent - 1)
  return code & 128 ? magnitude : -magnitude
}

// Sound as it is on the wire, and as samples.
import type { Encoding } from '@parley/protocol'
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from './g711.js'

/** Sample rate of each encoding, in Hz; one channel (protocol.md section 4). */
export const sampleRateHz: Readonly<Record<Encoding, number>> = {
  'audio/pcm': 24_000,
  'audio/pcmu': 8_000,
  'audio/pcma': 8_000,
}

/** 16-bit samples at the encoding's rate, as the bytes that go over the wire. */
export function toWire(encoding: Encoding, samples: Int16Array): Uint8Array {
  if (encoding === 'audio/pcmu') return encodeMulaw(samples)
  if (encoding === 'audio/pcma') return encodeAlaw(samples)
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
}

/** Bytes from the wire as 16-bit samples at the encoding's rate; half a sample at the end is left out. */
export function fromWire(encoding: Encoding, bytes: Uint8Array<ArrayBuffer>): Int16Array<ArrayBuffer> {
  if (encoding === 'audio/pcmu') return decodeMulaw(bytes)
  if (encoding === 'audio/pcma') return decodeAlaw(bytes)
  // Every machine that runs JavaScript today is little-endian, as the wire is, so the bytes are the samples.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1)
}

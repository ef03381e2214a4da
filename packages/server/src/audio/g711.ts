// G.711: mu-law and A-law bytes to 16-bit samples and back, each by one table.

/** What mu-law adds to a magnitude so that every segment begins at a power of two (on the 14-bit scale). */
const BIAS = 33
const HIGHEST_BIASED = 8191
/** The wire inverts every other bit of A-law, so that silence has transitions. */
const ALTERNATE_BITS = 0x55

export interface G711 {
  /** One sample per byte, into `into` when it is given (at least as long). */
  decode(bytes: Uint8Array, into?: Int16Array): Int16Array
  /** One byte per sample: that of the interval it lies in; a sample on the border belongs to the upper one. */
  encode(samples: Int16Array, into?: Uint8Array): Uint8Array
}

/** ITU-T G.711, table 2: North America and Japan; `audio/pcmu`. */
export const muLaw: G711 = tables(muLawSample, muLawByte)

/** ITU-T G.711, table 1: the rest of the world; `audio/pcma`. */
export const aLaw: G711 = tables(aLawSample, aLawByte)

function tables(sampleOf: (byte: number) => number, byteOf: (sample: number) => number): G711 {
  const samples = Int16Array.from({ length: 256 }, (_, byte) => sampleOf(byte))
  const bytes = new Uint8Array(65_536)
  for (let sample = -32_768; sample < 32_768; sample++) bytes[sample & 0xffff] = byteOf(sample)

  return {
    decode(source, into = new Int16Array(source.length)) {
      for (let i = 0; i < source.length; i++) into[i] = samples[source[i]!]!
      return into
    },
    encode(source, into = new Uint8Array(source.length)) {
      for (let i = 0; i < source.length; i++) into[i] = bytes[source[i]! & 0xffff]!
      return into
    },
  }
}

function muLawSample(byte: number): number {
  const code = ~byte
  const segment = (code >> 4) & 7
  const step = code & 15
  const magnitude = (((2 * step + BIAS) << segment) - BIAS) * 4
  return code & 0x80 ? -magnitude : magnitude
}

function muLawByte(sample: number): number {
  const biased = Math.min((magnitudeOf(sample) >> 2) + BIAS, HIGHEST_BIASED)
  const segment = 26 - Math.clz32(biased)
  const step = (biased >> (segment + 1)) & 15
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff
}

function aLawSample(byte: number): number {
  const code = byte ^ ALTERNATE_BITS
  const segment = (code >> 4) & 7
  const step = code & 15
  const magnitude = segment === 0 ? 16 * step + 8 : (16 * step + 264) << (segment - 1)
  return code & 0x80 ? magnitude : -magnitude
}

function aLawByte(sample: number): number {
  const magnitude = magnitudeOf(sample)
  const segment = Math.max(0, 24 - Math.clz32(magnitude))
  const step = (magnitude >> Math.max(4, segment + 3)) & 15
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ ALTERNATE_BITS
}

/** The magnitude in ones' complement, as the ITU's reference software (G.191) takes it: -1 counts as 0. */
function magnitudeOf(sample: number): number {
  return sample < 0 ? ~sample : sample
}

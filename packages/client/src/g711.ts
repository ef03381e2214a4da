// G.711: telephone sound, eight bits a sample, in its two laws (ITU-T Recommendation G.711).

const MULAW_BIAS = 0x84
const MULAW_CLIP = 32_635
const ALAW_TOGGLE = 0x55

export const decodeMulaw = decoder(mulawSample)
export const decodeAlaw = decoder(alawSample)
export const encodeMulaw = encoder(mulawByte)
export const encodeAlaw = encoder(alawByte)

function decoder(sampleOf: (byte: number) => number): (bytes: Uint8Array) => Int16Array<ArrayBuffer> {
  const table = Int16Array.from({ length: 256 }, (_, byte) => sampleOf(byte))
  return (bytes) => {
    const samples = new Int16Array(bytes.length)
    for (let index = 0; index < bytes.length; index++) samples[index] = table[bytes[index]!]!
    return samples
  }
}

function encoder(byteOf: (sample: number) => number): (samples: Int16Array) => Uint8Array<ArrayBuffer> {
  return (samples) => {
    const bytes = new Uint8Array(samples.length)
    for (let index = 0; index < samples.length; index++) bytes[index] = byteOf(samples[index]!)
    return bytes
  }
}

function mulawSample(byte: number): number {
  const code = ~byte & 0xff
  const exponent = (code >> 4) & 7
  const magnitude = ((((code & 15) << 3) + MULAW_BIAS) << exponent) - MULAW_BIAS
  return code & 0x80 ? -magnitude : magnitude
}

function mulawByte(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS
  const exponent = 24 - Math.clz32(magnitude)
  const mantissa = (magnitude >> (exponent + 3)) & 15
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

function alawSample(byte: number): number {
  const code = byte ^ ALAW_TOGGLE
  const exponent = (code >> 4) & 7
  const step = ((code & 15) << 4) + 8
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1)
  return code & 0x80 ? magnitude : -magnitude
}

function alawByte(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  // A-law has no zero: negative samples are counted from -1, so that both halves have the same steps.
  const magnitude = sample < 0 ? ~sample : sample
  const exponent = Math.max(0, 24 - Math.clz32(magnitude))
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 15
  return (sign | (exponent << 4) | mantissa) ^ ALAW_TOGGLE
}

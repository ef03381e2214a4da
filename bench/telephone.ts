// What a telephone line does to sound: 8 kHz, mu-law, and back.

const HALF_TAPS = 48
const KAISER_BETA = 8

export function halveRate(samples: Int16Array): Int16Array {
  const filtered = lowPass(Float64Array.from(samples))
  return Int16Array.from({ length: Math.floor(samples.length / 2) }, (_, i) => clamp(filtered[2 * i]!))
}

export function doubleRate(samples: Int16Array): Int16Array {
  const spread = new Float64Array(samples.length * 2)
  for (const [i, sample] of samples.entries()) spread[2 * i] = 2 * sample
  return Int16Array.from(lowPass(spread), clamp)
}

/** Each sample coded as 8-bit mu-law and decoded again (ITU-T G.711). */
export const throughMuLaw = (samples: Int16Array): Int16Array => samples.map((sample) => decoded(encoded(sample)))

const BIAS = 132
const LOUDEST = 32_635

function encoded(sample: number): number {
  const magnitude = Math.min(LOUDEST, Math.abs(sample)) + BIAS
  const exponent = Math.floor(Math.log2(magnitude)) - 7
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return (sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa
}

function decoded(code: number): number {
  const magnitude = ((((code & 0x0f) << 3) + BIAS) << ((code >> 4) & 7)) - BIAS
  return code & 0x80 ? -magnitude : magnitude
}

const clamp = (value: number) => Math.max(-32_768, Math.min(32_767, Math.round(value)))

/** Keeps the lower half of the band. */
function lowPass(samples: Float64Array): Float64Array {
  return Float64Array.from(samples, (_, i) => {
    let sum = 0
    for (let tap = -HALF_TAPS; tap <= HALF_TAPS; tap++) sum += (samples[i + tap] ?? 0) * taps[tap + HALF_TAPS]!
    return sum
  })
}

/** The modified Bessel function of order zero, by its series. */
function bessel(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

const taps = Float64Array.from({ length: 2 * HALF_TAPS + 1 }, (_, i) => {
  const x = i - HALF_TAPS
  const sinc = x === 0 ? 0.5 : Math.sin((Math.PI * x) / 2) / (Math.PI * x)
  return (sinc * bessel(KAISER_BETA * Math.sqrt(1 - (x / HALF_TAPS) ** 2))) / bessel(KAISER_BETA)
})

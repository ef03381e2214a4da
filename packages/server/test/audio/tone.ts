// Tones, and how much of one there is in a sound: for measuring filters and voices.

/** A sine tone of `level` (0 to 1). */
export function tone(hz: number, sampleRateHz: number, length: number, level = 0.5): Int16Array {
  const omega = (2 * Math.PI * hz) / sampleRateHz
  return Int16Array.from({ length }, (_, i) => Math.round(32_767 * level * Math.sin(omega * i)))
}

/** The tone of `hz` that fits `samples` best (least squares): its level, 0 to 1, and the level of all that it leaves. */
export function fitTone(samples: Int16Array, hz: number, sampleRateHz: number): { level: number; rest: number } {
  const omega = (2 * Math.PI * hz) / sampleRateHz
  let [ss, sc, cc, xs, xc, xx] = [0, 0, 0, 0, 0, 0]
  for (const [i, x] of samples.entries()) {
    const [s, c] = [Math.sin(omega * i), Math.cos(omega * i)]
    ss += s * s
    sc += s * c
    cc += c * c
    xs += x * s
    xc += x * c
    xx += x * x
  }
  const determinant = ss * cc - sc * sc
  const a = (xs * cc - xc * sc) / determinant
  const b = (xc * ss - xs * sc) / determinant
  const rest = Math.max(0, xx - a * xs - b * xc)
  return { level: Math.hypot(a, b) / 32_767, rest: Math.sqrt((2 * rest) / samples.length) / 32_767 }
}

export const decibels = (ratio: number): number => 20 * Math.log10(ratio)

/** The median pitch of a voice in Hz, 65 to 400, by autocorrelation of its loud 40 ms frames; 0 when there is none. */
export function pitchOf(samples: Int16Array, sampleRateHz: number): number {
  const frame = sampleRateHz / 25
  const [shortest, longest] = [Math.round(sampleRateHz / 400), Math.round(sampleRateHz / 65)]
  const pitches: number[] = []
  for (let at = 0; at + frame + longest <= samples.length; at += frame / 2) {
    let [best, period] = [0.7, 0]
    const power = energy(samples, at, frame)
    if (power < frame * 600 ** 2) continue
    for (let lag = shortest; lag <= longest; lag++) {
      let product = 0
      for (let i = at; i < at + frame; i++) product += samples[i]! * samples[i + lag]!
      const likeness = product / Math.sqrt(power * energy(samples, at + lag, frame))
      // the first of several equal peaks is the period itself
      if (likeness > best * 1.02) [best, period] = [likeness, lag]
    }
    if (period > 0) pitches.push(sampleRateHz / period)
  }
  return pitches.sort((a, b) => a - b)[pitches.length >> 1] ?? 0
}

function energy(samples: Int16Array, at: number, length: number): number {
  let sum = 1
  for (let i = at; i < at + length; i++) sum += samples[i]! * samples[i]!
  return sum
}

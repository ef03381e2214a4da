// Sounds for tests: a tone where speech would be.
import { joined } from '../../dist/audio/pcm.js'

export function tone(ms: number, sampleRateHz: number, level = 8000): Int16Array {
  const step = (2 * Math.PI * 220) / sampleRateHz
  return Int16Array.from(
    { length: Math.round((ms * sampleRateHz) / 1000) },
    (_, index) => level * Math.cos(step * index),
  )
}

export const sequence = (...parts: readonly Int16Array[]): Int16Array => joined(parts)

/** Noise that is the same each time. */
export function noise(ms: number, sampleRateHz: number, level: number): Int16Array {
  let seed = 1
  return Int16Array.from({ length: Math.round((ms * sampleRateHz) / 1000) }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return ((seed / 0x7fffffff) * 2 - 1) * level
  })
}

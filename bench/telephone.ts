// What a telephone line does to sound: 8 kHz, mu-law, and back.
import { muLaw } from '@parley/server/audio/g711.js'
import { joined } from '@parley/server/audio/pcm.js'
import { Resampler } from '@parley/server/audio/resample.js'

export function resampled(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const resampler = new Resampler(fromHz, toHz)
  return joined([resampler.process(samples), resampler.flush()])
}

/** Each sample coded as 8-bit mu-law and decoded again (ITU-T G.711). */
export const throughMuLaw = (samples: Int16Array): Int16Array => muLaw.decode(muLaw.encode(samples))

// Sound on the wire and sound in the engines: a decoder and an encoder for each of the three encodings.
import { type Encoding, sampleRateHz } from '@parley/protocol'
import { aLaw, muLaw } from './g711.js'
import { amplify, bytesOf, gainOf, PcmBytes } from './pcm.js'
import { Resampler } from './resample.js'
import { SampleSlab } from './slab.js'

export interface Decoder {
  /** Samples at the target rate, the caller's own; `bytes` may be used again at once. Empty when none is complete. */
  push(bytes: Uint8Array): Int16Array
}

export interface Encoder {
  /** 0 to 100, null for the level as it was made; holds for what is pushed afterwards (checklist 51, 111). */
  volume: number | null
  /** Wire bytes, the caller's own; whole samples always. Empty when none is complete. */
  push(samples: Int16Array): Uint8Array
  /** The bytes of the last few milliseconds, at the end of a stretch of sound. */
  flush(): Uint8Array
}

/** Turns wire bytes of one stream into samples at `targetRateHz`. */
export function decoderFor(encoding: Encoding, targetRateHz: number): Decoder {
  const resampler = new Resampler(sampleRateHz[encoding], targetRateHz)
  const slab = new SampleSlab()
  if (encoding === 'audio/pcm') {
    const carry = new PcmBytes()
    return { push: (bytes) => resampledCopy(resampler, carry.push(bytes), slab) }
  }
  const law = encoding === 'audio/pcmu' ? muLaw : aLaw
  let scratch = new Int16Array(0)
  return {
    push(bytes) {
      if (scratch.length !== bytes.length) scratch = new Int16Array(bytes.length)
      return resampledCopy(resampler, law.decode(bytes, scratch), slab)
    },
  }
}

/** Turns samples at `sourceRateHz` into wire bytes of one stream. */
export function encoderFor(encoding: Encoding, sourceRateHz: number, volume: number | null = null): Encoder {
  const resampler = new Resampler(sourceRateHz, sampleRateHz[encoding])
  const slab = new SampleSlab()
  const toBytes = { 'audio/pcm': bytesOf, 'audio/pcmu': muLaw.encode, 'audio/pcma': aLaw.encode }[encoding]
  let scratch = new Int16Array(0)
  const encoder: Encoder = {
    volume,
    push(samples) {
      if (encoder.volume === null) return toBytes(resampledCopy(resampler, samples, slab))
      if (scratch.length !== samples.length) scratch = new Int16Array(samples.length)
      return toBytes(resampledCopy(resampler, amplify(samples, gainOf(encoder.volume), scratch), slab))
    },
    flush: () => toBytes(resampler.flush()),
  }
  return encoder
}

/** Never `samples` itself, which belong to somebody else. */
function resampledCopy(resampler: Resampler, samples: Int16Array, slab: SampleSlab): Int16Array {
  const copy = slab.take(resampler.lengthAfter(samples.length))
  if (resampler.process(samples, copy) === samples) copy.set(samples)
  return copy
}

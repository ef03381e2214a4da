// Sound on the wire and sound in the engines: a decoder and an encoder for each of the three encodings.
import { type Encoding, sampleRateHz } from '@parley/protocol'
import { aLaw, muLaw } from './g711.js'
import { amplify, bytesOf, gainOf, PcmBytes } from './pcm.js'
import { Resampler } from './resample.js'
import { SampleRing } from './sample-ring.js'

export interface Decoder {
  /**
   * Samples at the target rate; `bytes` may be used again at once. Empty when none is complete. They lie in memory that
   * is used again after about a second of sound.
   */
  push(bytes: Uint8Array): Int16Array
}

export interface Encoder {
  /** 0 to 100, null for the level as it was made; holds for what is pushed afterwards (checklist 51, 111). */
  volume: number | null
  /** Wire bytes, whole samples always, in memory that is used again. Empty when none is complete. */
  push(samples: Int16Array): Uint8Array
  /** The bytes of the last few milliseconds, at the end of a stretch of sound. */
  flush(): Uint8Array
}

/** Turns wire bytes of one stream into samples at `targetRateHz`. */
export function decoderFor(encoding: Encoding, targetRateHz: number): Decoder {
  const resampler = new Resampler(sampleRateHz[encoding], targetRateHz)
  const ring = new SampleRing()
  if (encoding === 'audio/pcm') {
    const carry = new PcmBytes()
    return { push: (bytes) => resampledCopy(resampler, carry.push(bytes), ring) }
  }
  const law = encoding === 'audio/pcmu' ? muLaw : aLaw
  let scratch = new Int16Array(0)
  return {
    push(bytes) {
      if (scratch.length !== bytes.length) scratch = new Int16Array(bytes.length)
      return resampledCopy(resampler, law.decode(bytes, scratch), ring)
    },
  }
}

/** Turns samples at `sourceRateHz` into wire bytes of one stream. */
export function encoderFor(encoding: Encoding, sourceRateHz: number, volume: number | null = null): Encoder {
  const resampler = new Resampler(sourceRateHz, sampleRateHz[encoding])
  const ring = new SampleRing()
  const toBytes = { 'audio/pcm': bytesOf, 'audio/pcmu': muLaw.encode, 'audio/pcma': aLaw.encode }[encoding]
  let scratch = new Int16Array(0)
  const encoder: Encoder = {
    volume,
    push(samples) {
      if (encoder.volume === null) return toBytes(resampledCopy(resampler, samples, ring))
      if (scratch.length !== samples.length) scratch = new Int16Array(samples.length)
      return toBytes(resampledCopy(resampler, amplify(samples, gainOf(encoder.volume), scratch), ring))
    },
    flush: () => toBytes(resampler.flush()),
  }
  return encoder
}

/** Never `samples` itself, which belong to somebody else. */
function resampledCopy(resampler: Resampler, samples: Int16Array, ring: SampleRing): Int16Array {
  const copy = ring.take(resampler.lengthAfter(samples.length))
  if (resampler.process(samples, copy) === samples) copy.set(samples)
  return copy
}

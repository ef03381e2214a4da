// Speech for tests: made with the embedded voice, or read from the recordings beside the checkout where they are.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { joined } from '../../dist/audio/pcm.js'
import { Resampler } from '../../dist/audio/resample.js'
import { readWav } from '../../dist/audio/wav.js'
import type { Stt, SttInput, Tts } from '../../dist/engines/engine.js'

const WIRE_RATE_HZ = 24_000

/** The folder of recordings; undefined where there is none. */
export const recordings: string | undefined = (() => {
  const folder = fileURLToPath(new URL('../../../../../shared/data/speech/', import.meta.url))
  return existsSync(folder) ? folder : undefined
})()

/** A recording as the wire wants it: 24 kHz, with some silence around it. */
export function recorded(name: string): Int16Array {
  if (!recordings) throw new Error('There are no recordings.')
  const { sampleRateHz, samples } = readWav(readFileSync(`${recordings}${name}`))
  return framed(resampled(samples, sampleRateHz, WIRE_RATE_HZ))
}

/** A sentence in the embedded voice, at 24 kHz, with some silence around it. */
export async function spoken(voice: Tts, sentence: string, name = 'michael'): Promise<Int16Array> {
  const pieces: Int16Array[] = []
  for await (const out of voice.open(only(sentence), { voice: name }, new AbortController().signal))
    if (out.type === 'audio') pieces.push(out.samples.slice())
  return framed(resampled(joined(pieces), voice.sampleRateHz, WIRE_RATE_HZ))
}

/** What the recogniser reads in sound of 24 kHz. */
export async function readBack(stt: Stt, sound: Int16Array): Promise<string> {
  const samples = resampled(sound, WIRE_RATE_HZ, stt.sampleRateHz)
  async function* input(): AsyncGenerator<SttInput> {
    yield { type: 'speech.started' }
    yield { type: 'audio', samples }
    yield { type: 'speech.stopped' }
    await new Promise((resolve) => setTimeout(resolve, 10_000).unref())
  }
  const settings = { languages: [], keyterms: [], prompt: undefined, continuousPartials: false }
  const stop = new AbortController()
  try {
    for await (const { type, text } of stt.open(input(), settings, stop.signal)) if (type === 'final') return text
    return ''
  } finally {
    stop.abort()
  }
}

function resampled(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const resampler = new Resampler(fromHz, toHz)
  return joined([resampler.process(samples).slice(), resampler.flush().slice()])
}

const framed = (samples: Int16Array) =>
  joined([new Int16Array(WIRE_RATE_HZ / 5), samples, new Int16Array(WIRE_RATE_HZ / 5)])

async function* only(text: string): AsyncGenerator<string> {
  yield text
}

// The speech of the measurements: made with the embedded voice, the same in every run.
import { joined } from '@parley/server/audio/pcm.js'
import { Resampler } from '@parley/server/audio/resample.js'
import { fliteTts } from '@parley/server/engines/tts/flite/flite.js'
import { SAMPLE_RATE_HZ } from './caller.js'

const QUESTIONS = ['What time do you open?', 'How much is the sourdough?', 'Do you deliver?', 'Where is your bakery?']
const INTERRUPTIONS = ['Wait, please stop talking now.']

export const questions = (): Promise<readonly Int16Array[]> => spoken(QUESTIONS)
export const interruptions = (): Promise<readonly Int16Array[]> => spoken(INTERRUPTIONS)

/** A loud tone: speech to an engine that goes by loudness. */
export const tone = (ms: number): Int16Array =>
  Int16Array.from(
    { length: (SAMPLE_RATE_HZ * ms) / 1000 },
    (_, index) => 8000 * Math.sin((2 * Math.PI * 220 * index) / SAMPLE_RATE_HZ),
  )

/** Each sentence in the voice of a man, with 100 ms of silence around it. */
async function spoken(sentences: readonly string[]): Promise<Int16Array[]> {
  const voice = await fliteTts.create(fliteTts.options.parse({}), { dataDir: '.', log: () => {} })
  try {
    return await Promise.all(sentences.map((sentence) => speak(voice, sentence)))
  } finally {
    await voice.close()
  }
}

async function speak(voice: Awaited<ReturnType<typeof fliteTts.create>>, sentence: string): Promise<Int16Array> {
  const pieces: Int16Array[] = []
  const resampler = new Resampler(voice.sampleRateHz, SAMPLE_RATE_HZ)
  for await (const out of voice.open(once(sentence), { voice: 'michael' }, new AbortController().signal))
    if (out.type === 'audio') pieces.push(resampler.process(out.samples).slice())
  const margin = new Int16Array(SAMPLE_RATE_HZ / 10)
  return joined([margin, ...pieces, resampler.flush().slice(), margin])
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

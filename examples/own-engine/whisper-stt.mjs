// Speech recognition by any server with OpenAI's transcription API: whisper.cpp, faster-whisper, vLLM, OpenAI itself.
import { defineEngine, EngineError } from '@parley/server'
import { joined } from '@parley/server/audio/pcm.js'
import { writeWav } from '@parley/server/audio/wav.js'
import { firstOf, Lifetime } from '@parley/server/engines/kit/abort.js'
import { untilAborted } from '@parley/server/engines/kit/until-aborted.js'
import { z } from 'zod'

const SAMPLE_RATE_HZ = 16_000
/** Voice activity notices speech a little after it began, so this much sound from before belongs to it. */
const LEAD_SAMPLES = 0.3 * SAMPLE_RATE_HZ

export default defineEngine({
  kind: 'stt',
  name: 'whisper',
  options: z.object({
    baseUrl: z.url().default('http://127.0.0.1:8000/v1').describe('Where the API is.'),
    apiKey: z.string().optional().describe('Its key, if it wants one.'),
    model: z.string().default('whisper-1').describe('The model to ask for.'),
    timeoutMs: z.int().min(100).default(10_000).describe('How long a transcript may take, in ms.'),
  }),
  async create({ baseUrl, apiKey, model, timeoutMs }) {
    const lifetime = new Lifetime('whisper')

    async function transcribe(samples, settings, signal) {
      if (samples.length === 0) return ''
      const form = new FormData()
      const wav = writeWav({ sampleRateHz: SAMPLE_RATE_HZ, samples })
      form.set('file', new Blob([wav], { type: 'audio/wav' }), 'speech.wav')
      form.set('model', model)
      if (settings.languages.length === 1) form.set('language', settings.languages[0])
      if (settings.prompt) form.set('prompt', settings.prompt)
      const headers = apiKey ? { authorization: `Bearer ${apiKey}` } : {}
      const response = await fetch(`${baseUrl}/audio/transcriptions`, { method: 'POST', headers, body: form, signal })
      if (!response.ok) throw failed(`answered with status ${response.status}`)
      return z
        .object({ text: z.string() })
        .parse(await response.json())
        .text.trim()
    }

    const failed = (what, cause) =>
      new EngineError(
        { code: 'stt_failed', message: `The speech recognition at ${baseUrl} ${what}. Is it there?`, retryable: true },
        { cause },
      )

    return {
      info: {
        kind: 'stt',
        name: 'whisper',
        description: `The model "${model}" at ${baseUrl}, which is sent what is said.`,
        version: '1',
      },
      sampleRateHz: SAMPLE_RATE_HZ,
      async *open(input, settings, signal) {
        let turn = 1
        let said = []
        let isSpeaking = false
        const sound = new Sound()
        for await (const heard of untilAborted(input, signal, lifetime.signal)) {
          switch (heard.type) {
            case 'audio':
              sound.add(heard.samples)
              if (!isSpeaking) sound.keep(LEAD_SAMPLES)
              break
            case 'speech.started':
              isSpeaking = true
              break
            case 'turn':
              turn = heard.turn
              said = []
              break
            case 'speech.stopped': {
              isSpeaking = false
              const stop = firstOf(signal, lifetime.signal, AbortSignal.timeout(timeoutMs))
              try {
                said.push(await transcribe(sound.take(), settings, stop.signal))
              } catch (error) {
                if (signal.aborted) return
                lifetime.check()
                throw error instanceof EngineError ? error : failed('gave no transcript', error)
              } finally {
                stop.release()
              }
              if (signal.aborted) return
              yield { type: 'final', turn, text: said.filter((text) => text !== '').join(' ') }
            }
          }
        }
        if (!signal.aborted) lifetime.check()
      },
      async close() {
        lifetime.end()
      },
    }
  },
})

/** Sound that grows at its end and is forgotten at its beginning. */
class Sound {
  #pieces = []
  #length = 0

  add(samples) {
    this.#pieces.push(samples.slice())
    this.#length += samples.length
  }

  /** Forgets pieces from the beginning while at least `length` samples are left. */
  keep(length) {
    while (this.#pieces.length > 0 && this.#length - this.#pieces[0].length >= length)
      this.#length -= this.#pieces.shift().length
  }

  take() {
    const whole = joined(this.#pieces)
    this.#pieces = []
    this.#length = 0
    return whole
  }
}

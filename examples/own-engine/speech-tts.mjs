// A voice by any server with OpenAI's speech API: Kokoro, Piper and others behind such a server, or OpenAI itself.
import { defineEngine, EngineError } from '@parley/server'
import { chunksOf, PcmBytes } from '@parley/server/audio/pcm.js'
import { firstOf, Lifetime } from '@parley/server/engines/kit/abort.js'
import { untilAborted } from '@parley/server/engines/kit/until-aborted.js'
import { z } from 'zod'

/** The API's `pcm` is 16-bit little-endian mono at this rate. */
const SAMPLE_RATE_HZ = 24_000
const PIECE_SAMPLES = SAMPLE_RATE_HZ / 10

export default defineEngine({
  kind: 'tts',
  name: 'speech-api',
  options: z.object({
    baseUrl: z.url().default('http://127.0.0.1:8880/v1').describe('Where the API is.'),
    apiKey: z.string().optional().describe('Its key, if it wants one.'),
    model: z.string().default('tts-1').describe('The model to ask for.'),
    voices: z
      .record(z.string(), z.string())
      .default({ alba: 'nova', michael: 'onyx' })
      .describe('The names by which agents ask for a voice, each with the name that the API has for it.'),
  }),
  async create(options) {
    const { baseUrl, apiKey, model } = options
    const lifetime = new Lifetime('speech-api')
    const nameOf = new Map(Object.entries(options.voices))
    const voices = [...nameOf].map(([id, name]) => ({
      id,
      language: 'en',
      description: `The voice "${name}" at ${baseUrl}.`,
      sample: 'Hello, how can I help?',
    }))

    async function* say(text, voice, signal) {
      // what has neither a letter nor a digit has no sound
      if (!/[\p{L}\p{N}]/u.test(text)) return
      const response = await fetch(`${baseUrl}/audio/speech`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({ model, voice, input: text, response_format: 'pcm' }),
        signal,
      })
      if (!response.ok) throw failed(`answered with status ${response.status}`)
      const pcm = new PcmBytes()
      for await (const bytes of response.body)
        for (const samples of chunksOf(pcm.push(bytes), PIECE_SAMPLES)) yield { type: 'audio', samples }
    }

    const failed = (what, cause) =>
      new EngineError(
        { code: 'tts_failed', message: `The voice at ${baseUrl} ${what}. Is it there?`, retryable: true },
        { cause },
      )

    return {
      info: {
        kind: 'tts',
        name: 'speech-api',
        description: `The model "${model}" at ${baseUrl}, which is sent what the agent says.`,
        version: '1',
      },
      sampleRateHz: SAMPLE_RATE_HZ,
      voices,
      async *open(clauses, { voice }, signal) {
        lifetime.check()
        const name = nameOf.get(voice)
        if (name === undefined) {
          const message = `There is no voice '${voice}'. Choose one of: ${[...nameOf.keys()].join(', ')}.`
          throw new EngineError({ code: 'voice_not_found', message, retryable: false })
        }
        for await (const text of untilAborted(clauses, signal, lifetime.signal)) {
          const stop = firstOf(signal, lifetime.signal)
          try {
            for await (const output of say(text, name, stop.signal)) {
              yield output
              if (stop.signal.aborted) break
            }
          } catch (error) {
            if (!stop.signal.aborted) throw error instanceof EngineError ? error : failed('did not speak', error)
          } finally {
            stop.release()
          }
          if (signal.aborted) return
          lifetime.check()
          yield { type: 'clause' }
        }
        if (!signal.aborted) lifetime.check()
      },
      async close() {
        lifetime.end()
      },
    }
  },
})

// A recogniser whose words the test gives with the settings of each session: the utterances in `transcription_prompt`,
// with "|" between them, or else the key terms, spoken as a sentence.
import { z } from 'zod'
import { defineEngine, type SttSettings } from '../../dist/engines/engine.js'
import { scriptedStt } from '../../dist/engines/stt/scripted.js'

export const promptedSttPath = import.meta.url

export default defineEngine({
  kind: 'stt',
  name: 'prompted',
  options: z.object({}),
  async create(_options, context) {
    const scripted = (texts: readonly string[]) =>
      scriptedStt.create(scriptedStt.options.parse({ texts, partialEveryMs: 150 }), context)
    const { info, sampleRateHz } = await scripted(['Nothing.'])
    return {
      info: { ...info, name: 'prompted' },
      sampleRateHz,
      async *open(input, settings, signal) {
        const recogniser = await scripted(textsFor(settings))
        yield* recogniser.open(input, settings, signal)
      },
      close: async () => {},
    }
  },
})

const textsFor = ({ prompt, keyterms }: SttSettings): readonly string[] =>
  prompt?.split('|') ?? [keyterms.length > 0 ? `I heard of ${keyterms.join(' and ')}.` : 'I heard of nothing.']

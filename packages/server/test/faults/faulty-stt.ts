// A recogniser that fails in the way that `transcription_prompt` says; without one it hears a question.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineEngine, EngineError, type SttInput, type SttOutput } from '../../dist/engines/engine.js'
import { scriptedStt } from '../../dist/engines/stt/scripted.js'

export const faultySttPath = import.meta.url

/** How late a recogniser is that is late. */
export const LATE_MS = 3_000
const broken = () =>
  new EngineError({ code: 'engine_crashed', message: 'It fails as it was told to.', retryable: true })

export default defineEngine({
  kind: 'stt',
  name: 'faulty',
  options: z.object({}),
  async create(_options, context) {
    const well = await scriptedStt.create(scriptedStt.options.parse({ texts: ['Is there bread?'] }), context)
    /** The prompts that have had their one failure. */
    const failed = new Set<string>()
    return {
      ...well,
      async *open(input, settings, signal): AsyncGenerator<SttOutput> {
        const { prompt = '' } = settings
        const [way, name = ''] = prompt.split(' ')
        switch (way) {
          case 'throws':
            throw broken()
          case 'breaks':
            if (failed.has(name)) break
            await speechBegins(input)
            failed.add(name)
            throw broken()
          case 'stalls':
            if (failed.has(name)) break
            if (name !== '') failed.add(name)
            return void (await sleep(600_000, undefined, { signal, ref: false }).catch(() => {}))
        }
        for await (const output of well.open(input, settings, signal)) {
          if (way === 'late') await sleep(LATE_MS, undefined, { signal }).catch(() => {})
          yield output
        }
      },
    }
  },
})

async function speechBegins(input: AsyncIterable<SttInput>): Promise<void> {
  for await (const { type } of input) if (type === 'speech.started') return
}

// Voice activity that fails in the way that its threshold says; with others it finds what is loud.
import { z } from 'zod'
import { defineEngine, EngineError } from '../../dist/engines/engine.js'
import { scriptedVad } from '../../dist/engines/vad/scripted.js'

export const faultyVadPath = import.meta.url

export const THROWS = 0.11
export const BREAKS_IN_SPEECH = 0.12
export const NEVER_ENDS = 0.13
const broken = () =>
  new EngineError({ code: 'engine_crashed', message: 'It fails as it was told to.', retryable: true })

export default defineEngine({
  kind: 'vad',
  name: 'faulty',
  options: z.object({}),
  async create(_options, context) {
    const well = await scriptedVad.create(scriptedVad.options.parse({}), context)
    let hasBroken = false
    return {
      ...well,
      async *open(audio, settings, signal) {
        const { threshold } = settings
        if (threshold === THROWS) throw broken()
        for await (const output of well.open(audio, settings, signal)) {
          if (threshold === NEVER_ENDS && output.type === 'stopped') continue
          yield output
          if (threshold !== BREAKS_IN_SPEECH || hasBroken) continue
          hasBroken = true
          throw broken()
        }
      },
    }
  },
})

// A voice that fails in the way that its name says; `alba` speaks.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { defineEngine, EngineError } from '../../dist/engines/engine.js'
import { scriptedTts } from '../../dist/engines/tts/scripted.js'

export const faultyTtsPath = import.meta.url

const broken = () =>
  new EngineError({ code: 'engine_crashed', message: 'It fails as it was told to.', retryable: true })
const chunk = { type: 'audio', samples: new Int16Array(1600).fill(1000) } as const

export default defineEngine({
  kind: 'tts',
  name: 'faulty',
  options: z.object({}),
  async create() {
    const well = scriptedTts({
      msPerCharacter: 5,
      voices: ['alba', 'gone', 'mute', 'throwing', 'breaking', 'stalling', 'endless'],
    })
    return {
      ...well,
      async *open(clauses, { voice }, signal) {
        if (voice === 'gone') return
        if (voice === 'throwing') throw broken()
        for await (const text of clauses) {
          if (voice === 'stalling') await sleep(60_000, undefined, { signal }).catch(() => {})
          if (voice === 'breaking') {
            yield chunk
            throw broken()
          }
          while (voice === 'endless' && !signal.aborted) {
            yield chunk
            await sleep(20)
          }
          if (signal.aborted) return
          if (voice === 'mute') yield { type: 'clause' }
          else yield* well.open(only(text), { voice }, signal)
        }
      },
    }
  },
})

async function* only(text: string): AsyncGenerator<string> {
  yield text
}

// A language model that answers everything with the time of day: the smallest whole engine.
import { defineEngine } from '@parley/server'
import { Lifetime } from '@parley/server/engines/kit/abort.js'
import { z } from 'zod'

export default defineEngine({
  kind: 'llm',
  name: 'clock',
  options: z.object({ zone: z.string().default('UTC').describe('The time zone, such as Europe/London.') }),
  async create({ zone }) {
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeStyle: 'short' })
    const lifetime = new Lifetime('clock')
    return {
      info: { kind: 'llm', name: 'clock', description: 'Tells the time, whatever it is asked.', version: '1' },
      async *open(_request, signal) {
        for (const text of ['It is ', `${clock.format(new Date())}.`]) {
          if (signal.aborted) return
          lifetime.check()
          yield { type: 'wrote', text }
        }
      },
      async close() {
        lifetime.end()
      },
    }
  },
})

// The built-in dialogue engine: answers from the agent's prompt by rules, where no language model is configured.
import { z } from 'zod'
import { defineEngine, type Llm } from '../../engine.js'
import { Lifetime } from '../../kit/abort.js'
import { Recent } from '../../kit/recent.js'
import { type Known, know } from './reply.js'
import { turnOf } from './tools/turn.js'

export const DialogueOptions = z.object({
  promptCacheSize: z.int().min(1).default(256).describe('How many prompts are kept ready for use.'),
})

export const dialogueLlm = defineEngine({
  kind: 'llm',
  name: 'dialogue',
  options: DialogueOptions,
  create: async (options) => createDialogueLlm(options),
})

export function createDialogueLlm({ promptCacheSize }: z.output<typeof DialogueOptions>): Llm {
  const lifetime = new Lifetime('dialogue')
  const prompts = new Recent<string, Known>(promptCacheSize)

  return {
    info: {
      kind: 'llm',
      name: 'dialogue',
      description:
        'Built-in dialogue rules, not a language model: they answer from the agent’s prompt, call its tools and keep up small talk in English.',
      version: '1',
    },
    async *open({ messages, tools }, signal) {
      lifetime.check()
      if (signal.aborted) return
      const hasPrompt = messages[0]?.role === 'system'
      const prompt = hasPrompt ? messages[0]!.content : ''
      const known = prompts.get(prompt, () => know(prompt))
      const { text, call } = turnOf(hasPrompt ? messages.slice(1) : messages, tools, known, prompt)
      for (const clause of clausesOf(text)) {
        yield { type: 'wrote', text: clause }
        if (signal.aborted) return
        lifetime.check()
      }
      if (call) yield { type: 'called', ...call }
    },
    async close() {
      lifetime.end()
      prompts.clear()
    },
  }
}

/** Pieces that end where a voice would pause; together they are the reply. */
const clausesOf = (reply: string): string[] => reply.match(/.+?(?:[.!?,;:]["')]*\s+|$)/gs) ?? []

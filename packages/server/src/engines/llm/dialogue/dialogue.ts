// The built-in dialogue engine: answers from the agent's prompt by rules, where no language model is configured.
import { z } from 'zod'
import { defineEngine, type Llm } from '../../engine.js'
import { Lifetime } from '../../kit/abort.js'
import { type Known, know, replyTo } from './reply.js'

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
  const prompts = new Map<string, Known>()

  /** Compiled once; the prompt not used for longest makes room for another. */
  const knownFrom = (prompt: string): Known => {
    const known = prompts.get(prompt) ?? know(prompt)
    prompts.delete(prompt)
    prompts.set(prompt, known)
    for (const oldest of prompts.keys()) {
      if (prompts.size <= promptCacheSize) break
      prompts.delete(oldest)
    }
    return known
  }

  return {
    info: {
      kind: 'llm',
      name: 'dialogue',
      description:
        'Built-in dialogue rules, not a language model: they answer from the agent’s prompt and keep up small talk in English.',
      version: '1',
    },
    async *open({ messages }, signal) {
      lifetime.check()
      if (signal.aborted) return
      const prompt = messages[0]?.role === 'system' ? messages[0].content : undefined
      const reply = replyTo(prompt === undefined ? messages : messages.slice(1), knownFrom(prompt ?? ''))
      for (const clause of clausesOf(reply)) {
        yield { type: 'wrote', text: clause }
        if (signal.aborted) return
        lifetime.check()
      }
    },
    async close() {
      lifetime.end()
      prompts.clear()
    },
  }
}

/** Pieces that end where a voice would pause; together they are the reply. */
const clausesOf = (reply: string): string[] => reply.match(/.+?(?:[.!?,;:]["')]*\s+|$)/gs) ?? []

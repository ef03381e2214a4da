// The scripted language model and voice by name, to try programs with replies that are known beforehand.
import { voices } from '@parley/protocol'
import { z } from 'zod'
import { systemClock } from '../session/clock.js'
import { defineEngine } from './engine.js'
import { scriptedLlm } from './llm/scripted.js'
import { scriptedTts } from './tts/scripted.js'

export const scriptedLlmByName = defineEngine({
  kind: 'llm',
  name: 'scripted',
  options: z.object({
    replies: z
      .array(z.string())
      .min(1)
      .default(['This is the first reply.', 'This is another one.'])
      .describe('What is said, in order, beginning again after the last.'),
    firstWordMs: z.number().nonnegative().default(0).describe('How long a reply takes to begin, in ms.'),
  }),
  create: async ({ replies, firstWordMs }) => {
    const textOf = (count: number) => replies[count % replies.length]!
    if (firstWordMs === 0) return scriptedLlm((_request, count) => textOf(count))
    return scriptedLlm(
      (_request, count) => [
        { type: 'wait', for: firstWordMs },
        { type: 'wrote', text: textOf(count) },
      ],
      { sleep },
    )
  },
})

export const scriptedTtsByName = defineEngine({
  kind: 'tts',
  name: 'scripted',
  options: z.object({
    sampleRateHz: z.number().int().positive().default(24_000).describe('The rate of its sound, in Hz.'),
    msPerCharacter: z.number().positive().default(60).describe('How long each character sounds, in ms.'),
    firstChunkMs: z
      .number()
      .nonnegative()
      .default(0)
      .describe('How long a clause takes before its first sound, in ms.'),
  }),
  create: async (options) => scriptedTts({ ...options, sleep, voices: voices.map(({ name }) => name) }),
})

const clock = systemClock()
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.wake(clock.now() + ms, resolve))

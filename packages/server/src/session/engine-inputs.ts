// What the engines are given of a session: its settings for the ear, its history for the language model.
import type { Item } from '@parley/conversation'
import type { SessionConfig } from '@parley/protocol'
import type { LlmMessage } from '../engines/engine.js'
import type { EarSettings } from './ear.js'

/** `instructions` go last, as a system message (checklist 85). */
export const messagesOf = (
  system: string,
  history: readonly Item[],
  instructions: string | undefined,
): LlmMessage[] => [
  ...(system === '' ? [] : [{ role: 'system', content: system } as const]),
  ...history.map(({ role, text }): LlmMessage => ({ role: role === 'agent' ? 'assistant' : role, content: text })),
  ...(instructions === undefined ? [] : [{ role: 'system', content: instructions } as const]),
]

/** Speech confidence asked for when a session sets none. */
const DEFAULT_VAD_THRESHOLD = 0.5

export const earSettings = ({ input }: SessionConfig): EarSettings => ({
  vad: { threshold: input.turn_detection?.vad_threshold ?? DEFAULT_VAD_THRESHOLD },
  stt: {
    languages: input.language_codes ?? [],
    keyterms: input.keyterms ?? [],
    prompt: input.transcription_prompt ?? undefined,
    continuousPartials: input.continuous_partials ?? false,
  },
})

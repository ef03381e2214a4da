// What the engines are given of a session: its settings for the ear, its history for the language model.
import type { Item } from '@parley/conversation'
import type { SessionConfig, Tool } from '@parley/protocol'
import type { LlmMessage, LlmTool } from '../engines/engine.js'
import type { EarSettings } from './ear.js'

/** `instructions` go last, as a system message (checklist 85). */
export const messagesOf = (
  system: string,
  history: readonly Item[],
  instructions: string | undefined,
): LlmMessage[] => [
  ...(system === '' ? [] : [{ role: 'system', content: system } as const]),
  ...history.map(messageOf),
  ...(instructions === undefined ? [] : [{ role: 'system', content: instructions } as const]),
]

export const toolOf = ({ name, description, parameters, timeout_seconds, execution_mode }: Tool): LlmTool => ({
  name,
  description,
  parameters,
  timeoutSeconds: timeout_seconds,
  executionMode: execution_mode,
})

function messageOf(item: Item): LlmMessage {
  switch (item.role) {
    case 'agent': {
      const toolCalls = item.calls?.map((call) => ({ ...call, arguments: JSON.stringify(call.arguments) }))
      return { role: 'assistant', content: item.text, ...(toolCalls && { toolCalls }) }
    }
    case 'tool':
      return { role: 'tool', callId: item.callId, content: item.text }
    default:
      return { role: item.role, content: item.text }
  }
}

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

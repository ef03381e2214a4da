// The settings of a session: as a client may send them, and as they stand once defaults are filled in.
import { z } from 'zod'
import { AudioFormat, AudioFormatInput } from './audio.js'
import { SessionExtensions } from './extensions.js'
import { limits } from './limits.js'
import { PreConnectRequest, withoutHeaderValues } from './pre-connect.js'
import { list, webUrl } from './schema-kit.js'
import { Tool, ToolInput, toolList } from './tools.js'

export const modalities = ['audio', 'text'] as const
export const transcriptionModes = ['min_latency', 'balanced', 'max_accuracy'] as const
export const voiceFocuses = ['near-field', 'far-field'] as const
export const uninterruptibleTurns = ['greeting', 'dtmf_prompt', 'tool_refused_ask'] as const
export const webhookEvents = [
  'session.started',
  'session.completed',
  'call.connected',
  'call.ended',
  'call.failed',
] as const

const texts = {
  keyterms: `Names and terms that the recogniser should expect, at most ${limits.keyterms}.`,
  language_codes: 'Languages that may be spoken, such as `en`; null: found out.',
  uninterruptible_turns: 'Kinds of reply that may not be cut.',
}

export const TurnDetection = z
  .object({
    type: z.enum(['server_vad', 'semantic_vad']).nullable().describe('Accepted for older programs; has no effect.'),
    vad_threshold: z
      .number()
      .min(0)
      .max(1)
      .describe('Confidence, 0 to 1, from which sound counts as speech. Higher ignores more noise.'),
    min_silence: z.number().min(0).max(limits.silenceMs).describe('Quiet in ms before a confident end of turn.'),
    max_silence: z
      .number()
      .min(0)
      .max(limits.silenceMs)
      .describe('Quiet in ms that ends the turn whatever was said; at least `min_silence`.'),
    interrupt_response: z.boolean().describe('Whether speech of the user may cut the agent short.'),
    interruption_delay: z
      .number()
      .min(0)
      .max(limits.interruptionDelayMs)
      .nullable()
      .describe('Speech in ms before the agent is cut, 0 to 1000; null: by `transcription_mode`.'),
    uninterruptible_turns: z.array(z.enum(uninterruptibleTurns)).describe(texts.uninterruptible_turns),
  })
  .describe(
    'When a turn of the user ends, and when the user takes the floor. Sending it turns the adaptive behaviour off.',
  )
export type TurnDetection = z.infer<typeof TurnDetection>

export const TurnDetectionPatch = z
  .object({
    ...TurnDetection.partial().shape,
    uninterruptible_turns: list(z.enum(uninterruptibleTurns), uninterruptibleTurns.length)
      .optional()
      .describe(texts.uninterruptible_turns),
  })
  .refine(({ min_silence: min, max_silence: max }) => min === undefined || max === undefined || min <= max, {
    path: ['min_silence'],
    error: 'must not be greater than max_silence',
  })
  .describe('When a turn of the user ends, and when the user takes the floor. What is left out has its default.')

export const InputConfig = z
  .object({
    type: z.enum(modalities).describe('`audio`, or `text`: no sound is expected, only `conversation.message`.'),
    format: AudioFormat,
    turn_detection: TurnDetection.nullable(),
    keyterms: z.array(z.string()).nullable().describe(texts.keyterms),
    transcription_mode: z
      .enum(transcriptionModes)
      .nullable()
      .describe('How speed and accuracy of the recogniser are weighed; null: `balanced`.'),
    continuous_partials: z.boolean().nullable().describe('Whether partial transcripts come more often.'),
    transcription_prompt: z
      .string()
      .max(limits.transcriptionPromptCharacters)
      .nullable()
      .describe(
        `What the talk is about, for the recogniser, at most ${limits.transcriptionPromptCharacters} characters.`,
      ),
    language_codes: z.array(z.string()).nullable().describe(texts.language_codes),
    voice_focus: z
      .enum(voiceFocuses)
      .nullable()
      .describe('Which voice is listened to: one near the microphone or one across the room; null: `near-field`.'),
    voice_focus_threshold: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('How strongly other sound is held back, 0 to 1.'),
  })
  .describe('How the user is heard.')
export type InputConfig = z.infer<typeof InputConfig>

export const OutputConfig = z
  .object({
    type: z.enum(modalities).describe('`audio`, or `text`: transcripts only, no sound.'),
    voice: z.string().describe('Name of the voice.'),
    format: AudioFormat,
    volume: z
      .number()
      .min(0)
      .max(limits.volume)
      .nullable()
      .describe('Loudness in percent, 0 to 100; null: as the voice is. Applies to sound made after the change.'),
  })
  .describe('How the agent is heard.')
export type OutputConfig = z.infer<typeof OutputConfig>

export const LlmEntry = z
  .object({
    base_url: z.string().describe('Address of an OpenAI-compatible interface, without `/chat/completions`.'),
    model: z.string().describe('Name of the model.'),
  })
  .describe('A model of your own, without its key.')
export type LlmEntry = z.infer<typeof LlmEntry>

/** As a session shows it (protocol section 3.3). */
export const LlmEcho = LlmEntry.extend({
  api_key_ciphertext: z.literal('').describe('Always empty: the key is never shown, not even encrypted.'),
}).describe('A model of your own in a session, without its key.')
export type LlmEcho = z.infer<typeof LlmEcho>

export const echoedLlm = ({ base_url, model }: LlmEntry): LlmEcho => ({ base_url, model, api_key_ciphertext: '' })

export const LlmInput = z
  .object({
    base_url: webUrl().describe('Address of an OpenAI-compatible interface, without `/chat/completions`.'),
    model: z.string().min(1).max(256).describe('Name of the model.'),
    api_key: z.string().min(1).max(4096).describe('Key for it. Write-only.'),
  })
  .describe('A model of your own.')
export type LlmInput = z.infer<typeof LlmInput>

/** The settings in force. With `id` in front this is the `config` that the server echoes (checklist 31-35); it holds no secret. */
export const SessionConfig = z.object({
  system_prompt: z.string().describe('Who the agent is and how it talks.'),
  greeting: z.string().nullable().describe('What the agent says first, word for word; null: the user speaks first.'),
  input: InputConfig,
  output: OutputConfig,
  tools: z.array(Tool).describe('What the agent can do.'),
  llm: z.array(LlmEcho).describe('The model in use, if it is not the one of the server.'),
  pre_connect_requests: z
    .array(z.record(z.string(), z.unknown()))
    .describe('Requests made before a phone call is answered.'),
  parley: SessionExtensions.optional().describe('Settings that only Parley has; left out unless one was sent.'),
})
export type SessionConfig = z.infer<typeof SessionConfig>

export const InputPatch = z
  .object({
    ...InputConfig.partial().shape,
    format: AudioFormatInput.optional(),
    turn_detection: TurnDetectionPatch.nullable().optional(),
    keyterms: list(z.string(), limits.keyterms).nullable().optional().describe(texts.keyterms),
    language_codes: list(z.string(), limits.languageCodes).nullable().optional().describe(texts.language_codes),
  })
  .describe('How the user is heard; only the settings to set. null stands for the default.')
export type InputPatch = z.infer<typeof InputPatch>

export const OutputPatch = z
  .object({ ...OutputConfig.partial().shape, format: AudioFormatInput.optional() })
  .describe('How the agent is heard; only the settings to set. `volume` alone can change in a running session.')
export type OutputPatch = z.infer<typeof OutputPatch>

export const Webhook = z
  .strictObject({
    url: webUrl().describe('Where events are posted: https.'),
    events: list(z.enum(webhookEvents), webhookEvents.length, 1)
      .refine((events) => new Set(events).size === events.length, { error: 'must not name an event twice' })
      .describe('The events to post, each once.'),
    secret: z
      .string()
      .min(limits.webhookSecretMinCharacters)
      .max(limits.webhookSecretMaxCharacters)
      .regex(/^[\x21-\x7e]*$/, { error: 'must be printable ASCII without spaces' })
      .optional()
      .describe('Key of the signature, 32 to 256 printable ASCII characters. Never returned.'),
  })
  .describe('Where the events of this one session are posted.')
export type Webhook = z.infer<typeof Webhook>

/**
 * What `session.update` carries: only the settings to set. The object is closed; objects inside it are open (Q7).
 * Parsed, it holds no key and no header value, since settings are echoed; `modelsOf` gives the keys of models.
 */
export const SessionPatch = z
  .strictObject({
    agent_id: z.string().optional().describe('A stored agent. Only in the first update, and then alone.'),
    system_prompt: z.string().optional().describe('Who the agent is and how it talks. From the next reply on.'),
    greeting: z
      .string()
      .optional()
      .describe('What the agent says first, word for word. Only in the first update; not null.'),
    input: InputPatch.optional(),
    output: OutputPatch.optional(),
    tools: toolList(ToolInput)
      .optional()
      .describe('What the agent can do. Replaces the whole list, from the next reply on.'),
    llm: list(LlmInput.transform(echoedLlm), limits.llmEntries)
      .optional()
      .describe('Refused unless the server allows it: a model of your own belongs to a stored agent.'),
    pre_connect_requests: list(PreConnectRequest.transform(withoutHeaderValues), limits.preConnectRequests)
      .optional()
      .describe('Requests made before a phone call is answered; without effect on a WebSocket.'),
    webhook: Webhook.optional(),
    parley: SessionExtensions.optional(),
  })
  .describe('The settings to set. Unknown keys are an error here, and are ignored in the objects inside.')
export type SessionPatch = z.infer<typeof SessionPatch>

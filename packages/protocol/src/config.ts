// The settings of a session: as a client may send them, and as they stand once defaults are filled in.
import { z } from 'zod'
import { AudioFormat, encodings } from './audio.js'
import { Tool, ToolInput } from './tools.js'

export const transcriptionModes = ['min_latency', 'balanced', 'max_accuracy'] as const
export const uninterruptibleTurns = ['greeting', 'dtmf_prompt', 'tool_refused_ask'] as const

export const TurnDetection = z
  .object({
    type: z.enum(['server_vad', 'semantic_vad']).nullable().describe('Accepted for older programs; has no effect.'),
    vad_threshold: z.number().describe('Confidence, 0 to 1, from which sound counts as speech.'),
    min_silence: z.number().describe('Quiet in ms before a confident end of turn.'),
    max_silence: z.number().describe('Quiet in ms that ends the turn whatever was said.'),
    interrupt_response: z.boolean().describe('Whether speech of the user may cut the agent short.'),
    interruption_delay: z
      .number()
      .nullable()
      .describe('Speech in ms before the agent is cut, 0 to 1000; null: by `transcription_mode`.'),
    uninterruptible_turns: z.array(z.enum(uninterruptibleTurns)).describe('Kinds of reply that may not be cut.'),
  })
  .describe(
    'When a turn of the user ends, and when the user takes the floor. Sending it turns the adaptive behaviour off.',
  )
export type TurnDetection = z.infer<typeof TurnDetection>

export const InputConfig = z.object({
  type: z.enum(['audio', 'text']),
  format: AudioFormat,
  turn_detection: TurnDetection.nullable(),
  keyterms: z.array(z.string()).nullable(),
  transcription_mode: z.enum(transcriptionModes).nullable(),
  continuous_partials: z.boolean().nullable(),
  transcription_prompt: z.string().nullable(),
  language_codes: z.array(z.string()).nullable(),
  voice_focus: z.enum(['near-field', 'far-field']).nullable(),
  voice_focus_threshold: z.number().nullable(),
})
export type InputConfig = z.infer<typeof InputConfig>

export const OutputConfig = z.object({
  type: z.enum(['audio', 'text']),
  voice: z.string(),
  format: AudioFormat,
  volume: z.number().nullable().describe('0 to 100; null: native level.'),
})
export type OutputConfig = z.infer<typeof OutputConfig>

export const LlmEntry = z.object({ base_url: z.string(), model: z.string() })
export type LlmEntry = z.infer<typeof LlmEntry>

/** The settings in force. With `id` in front this is the `config` that the server echoes (checklist 31-35); it holds no secret. */
export const SessionConfig = z.object({
  system_prompt: z.string(),
  greeting: z.string().nullable(),
  input: InputConfig,
  output: OutputConfig,
  tools: z.array(Tool),
  llm: z.array(LlmEntry),
  pre_connect_requests: z.array(z.record(z.string(), z.unknown())),
})
export type SessionConfig = z.infer<typeof SessionConfig>

const PatchFormat = z.object({ encoding: z.enum(encodings), sample_rate: z.number().optional() })

/** What `session.update` carries: only the settings to set. The object is closed; objects inside it are open (Q7). */
export const SessionPatch = z.strictObject({
  agent_id: z.string().optional(),
  system_prompt: z.string().optional(),
  greeting: z.string().optional(),
  input: z
    .object({
      ...InputConfig.partial().shape,
      format: PatchFormat.optional(),
      turn_detection: TurnDetection.partial().nullable().optional(),
    })
    .optional(),
  output: z.object({ ...OutputConfig.partial().shape, format: PatchFormat.optional() }).optional(),
  tools: z.array(ToolInput).optional(),
  llm: z.array(z.unknown()).optional(),
  pre_connect_requests: z.array(z.record(z.string(), z.unknown())).optional(),
  webhook: z.strictObject({ url: z.string(), events: z.array(z.string()), secret: z.string().optional() }).optional(),
})
export type SessionPatch = z.infer<typeof SessionPatch>

// The settings of a session: what a client sent, laid over what stood before.
import type {
  AudioFormat,
  ConfigEcho,
  InputConfig,
  OutputConfig,
  SessionConfig,
  SessionPatch,
  Tool,
  TurnDetection,
} from '@parley/protocol'

/** The first settings of a session: `patch` over the defaults (protocol.md 3.2, 3.3). */
export function configure(patch: SessionPatch, defaultVoice: string): SessionConfig {
  const input = { ...defaultInput, ...(patch.input?.format && { format: formatOf(patch.input.format) }) }
  return overlay(
    {
      system_prompt: '',
      greeting: patch.greeting ?? null,
      input,
      output: {
        type: patch.output?.type ?? 'audio',
        voice: patch.output?.voice ?? defaultVoice,
        format: patch.output?.format ? formatOf(patch.output.format) : defaultFormat,
        volume: null,
      },
      tools: [],
      llm: [],
      pre_connect_requests: patch.pre_connect_requests ?? [],
    },
    patch,
  )
}

/** What may change at any time (protocol.md 2.4); lists are replaced whole, objects setting by setting. */
export const overlay = (config: SessionConfig, patch: SessionPatch): SessionConfig => ({
  ...config,
  system_prompt: given(patch.system_prompt, config.system_prompt),
  input: patch.input ? overlayInput(config.input, patch.input) : config.input,
  output: patch.output ? overlayOutput(config.output, patch.output) : config.output,
  tools: patch.tools ? patch.tools.map(toolOf) : config.tools,
  ...(patch.parley && { parley: { ...config.parley, ...patch.parley } }),
})

/** The rate of each encoding is fixed (checklist 33, 177). */
export const formatOf = ({ encoding }: Pick<AudioFormat, 'encoding'>): AudioFormat => ({
  encoding,
  sample_rate: encoding === 'audio/pcm' ? 24_000 : 8_000,
})

/** The settings as the client is told them. */
export const echo = (sessionId: string, config: SessionConfig): ConfigEcho => ({ id: sessionId, ...config })

const defaultFormat: AudioFormat = { encoding: 'audio/pcm', sample_rate: 24_000 }

const defaultInput: InputConfig = {
  type: 'audio',
  format: defaultFormat,
  turn_detection: null,
  keyterms: null,
  transcription_mode: null,
  continuous_partials: null,
  transcription_prompt: null,
  language_codes: null,
  voice_focus: null,
  voice_focus_threshold: null,
}

const defaultTurnDetection: TurnDetection = {
  type: null,
  vad_threshold: 0.5,
  min_silence: 1000,
  max_silence: 3000,
  interrupt_response: true,
  interruption_delay: null,
  uninterruptible_turns: [],
}

const given = <T>(value: T | undefined, otherwise: T): T => (value === undefined ? otherwise : value)

const overlayInput = (config: InputConfig, patch: NonNullable<SessionPatch['input']>): InputConfig => ({
  type: given(patch.type, config.type),
  format: config.format,
  turn_detection: overlayTurnDetection(config.turn_detection, patch.turn_detection),
  keyterms: given(patch.keyterms, config.keyterms),
  transcription_mode: given(patch.transcription_mode, config.transcription_mode),
  continuous_partials: given(patch.continuous_partials, config.continuous_partials),
  transcription_prompt: given(patch.transcription_prompt, config.transcription_prompt),
  language_codes: given(patch.language_codes, config.language_codes),
  voice_focus: given(patch.voice_focus, config.voice_focus),
  voice_focus_threshold: given(patch.voice_focus_threshold, config.voice_focus_threshold),
})

/** An object goes over the one in force, or over the defaults when there is none; null goes back to the adaptive mode. */
function overlayTurnDetection(
  config: TurnDetection | null,
  patch: NonNullable<SessionPatch['input']>['turn_detection'],
): TurnDetection | null {
  if (patch === undefined) return config
  if (patch === null) return null
  const base = config ?? defaultTurnDetection
  const longest = given(patch.max_silence, base.max_silence)
  const shortest = given(patch.min_silence, base.min_silence)
  return {
    type: given(patch.type, base.type),
    vad_threshold: given(patch.vad_threshold, base.vad_threshold),
    // A bound that was not sent gives way to the one that was.
    min_silence: patch.min_silence === undefined ? Math.min(shortest, longest) : shortest,
    max_silence: patch.max_silence === undefined ? Math.max(shortest, longest) : longest,
    interrupt_response: given(patch.interrupt_response, base.interrupt_response),
    interruption_delay: given(patch.interruption_delay, base.interruption_delay),
    uninterruptible_turns: given(patch.uninterruptible_turns, base.uninterruptible_turns),
  }
}

const overlayOutput = (config: OutputConfig, patch: NonNullable<SessionPatch['output']>): OutputConfig => ({
  ...config,
  volume: given(patch.volume, config.volume),
})

const toolOf = (tool: NonNullable<SessionPatch['tools']>[number]): Tool => ({
  type: tool.type,
  name: tool.name,
  description: tool.description ?? '',
  parameters: tool.parameters ?? { type: 'object', properties: {}, required: [] },
  timeout_seconds: tool.timeout_seconds ?? 120,
  execution_mode: tool.execution_mode ?? 'interactive',
  http: null,
  response_instructions: tool.response_instructions ?? null,
  deployment_id: null,
  session_update: null,
  image_tag: null,
})

// The settings that hold where nothing was set.
import { defaultFormat } from './audio.js'
import type { InputConfig, InputPatch, OutputConfig, OutputPatch, SessionConfig, TurnDetection } from './config.js'
import { defaultVoice } from './voices.js'

/** What an explicit `turn_detection` leaves out (protocol section 3.3). Without one the server adapts instead. */
export const defaultTurnDetection: TurnDetection = {
  type: null,
  vad_threshold: 0.5,
  min_silence: 1000,
  max_silence: 3000,
  interrupt_response: true,
  interruption_delay: null,
  uninterruptible_turns: [],
}

export const defaultInput: InputConfig = {
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

export const defaultOutput: OutputConfig = { type: 'audio', voice: defaultVoice, format: defaultFormat, volume: null }

/** A session before its first update. */
export const defaultConfig: SessionConfig = {
  system_prompt: '',
  greeting: null,
  input: defaultInput,
  output: defaultOutput,
  tools: [],
  llm: [],
  pre_connect_requests: [],
}

/** `settings` as they are in force: every key is there, what was not set is null or its default (checklist 32, 147). */
export const completeInput = ({ turn_detection, ...settings }: InputPatch): InputConfig => ({
  ...defaultInput,
  ...given(settings),
  turn_detection: turn_detection ? completeTurnDetection(turn_detection) : null,
})

/** Every silence bound that was not given makes room for the one that was. */
export function completeTurnDetection(settings: NonNullable<InputPatch['turn_detection']>): TurnDetection {
  const complete = { ...defaultTurnDetection, ...given(settings) }
  if (settings.max_silence === undefined)
    return { ...complete, max_silence: Math.max(complete.max_silence, complete.min_silence) }
  return { ...complete, min_silence: Math.min(complete.min_silence, complete.max_silence) }
}

export const completeOutput = (settings: OutputPatch): OutputConfig => ({ ...defaultOutput, ...given(settings) })

type Given<Settings> = { [Key in keyof Settings]: Exclude<Settings[Key], undefined> }

/** `settings` without the keys whose value is undefined, which would hide the default. */
const given = <Settings extends object>(settings: Settings): Given<Settings> =>
  // true because nothing but undefined values is taken away
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Given<Settings>

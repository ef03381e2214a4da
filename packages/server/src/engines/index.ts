// The engines that there are, one line each, and which of them a configuration asks for.
import type { EngineKind } from '@parley/conversation'
import type { Config } from '../config.js'
import { systemClock } from '../session/clock.js'
import { engineNameOf, loadChain, namesOf, optionsIn } from './chain.js'
import type { EngineContext, Engines } from './engine.js'
import { withAgentEndpoints } from './llm/agent-endpoints.js'
import { dialogueLlm } from './llm/dialogue/dialogue.js'
import { createOpenaiLlm, openaiLlm } from './llm/openai.js'
import { type AnyDefinition, type EngineChoice, EngineSet } from './load.js'
import { scriptedLlmByName, scriptedTtsByName } from './scripted.js'
import { moonshineStt } from './stt/moonshine.js'
import { scriptedStt } from './stt/scripted.js'
import { fliteTts } from './tts/flite/flite.js'
import { scriptedVad } from './vad/scripted.js'
import { sileroVad } from './vad/silero.js'

export const definitions: readonly AnyDefinition[] = [
  sileroVad,
  scriptedVad,
  moonshineStt,
  scriptedStt,
  openaiLlm,
  dialogueLlm,
  scriptedLlmByName,
  fliteTts,
  scriptedTtsByName,
]

/** The engines that the settings ask for, in the order in which they are turned to; none for a turn detector that is not wanted. */
export function choicesOf(kind: EngineKind, config: Config): readonly EngineChoice[] {
  const names = namesOf(config[kind])
  const options = config[`${kind}Options`]
  const own = (name: string) => (names.length === 1 ? options : optionsIn(kind, options, names, name))
  return names.flatMap((name) => choiceOf(kind, engineNameOf(name), own(name), config) ?? [])
}

/** What `auto` stands for, with the options that other settings give. */
function choiceOf(
  kind: EngineKind,
  name: string,
  options: EngineChoice['options'],
  config: Config,
): EngineChoice | undefined {
  switch (kind) {
    case 'turn':
      return name === 'auto' || name === 'none' ? undefined : { name, options }
    case 'llm': {
      const chosen = name === 'auto' ? (config.openaiApiKey || config.openaiBaseUrl ? 'openai' : 'dialogue') : name
      return { name: chosen, options: chosen === 'openai' ? { ...openaiOptions(config), ...options } : options }
    }
    default:
      return { name: name === 'auto' ? automatic[kind] : name, options }
  }
}

const automatic = { vad: 'silero', stt: 'moonshine', tts: 'flite' } as const

const openaiOptions = ({ openaiApiKey, openaiBaseUrl, llmModel }: Config): EngineChoice['options'] => ({
  ...(openaiApiKey && { apiKey: openaiApiKey }),
  ...(openaiBaseUrl && { baseUrl: openaiBaseUrl }),
  ...(llmModel && { model: llmModel }),
})

/** Loads the engine of this kind that the settings name; undefined where they name none. */
export async function loadEngine<Kind extends EngineKind>(
  kind: Kind,
  config: Config,
  context: EngineContext,
): Promise<Engines[Kind] | undefined> {
  const choices = choicesOf(kind, config)
  return choices.length === 0 ? undefined : loadChain(kind, choices, definitions, context)
}

/** Starts to load all engines of the settings. A model that an agent brings is asked through `guardedFetch`; the server's own is trusted. */
export function loadEngines(
  config: Config,
  context: EngineContext,
  now: () => number,
  guardedFetch: typeof fetch,
): EngineSet {
  const choices = (['vad', 'stt', 'turn', 'llm', 'tts'] as const).map((kind) => ({
    kind,
    choices: choicesOf(kind, config),
  }))
  return new EngineSet(
    choices,
    (kind, chosen) => loadChain(kind, chosen, definitions, context),
    now,
    (llm) =>
      withAgentEndpoints(llm, createOpenaiLlm(openaiLlm.options.parse({}), context, systemClock(), guardedFetch)),
  )
}

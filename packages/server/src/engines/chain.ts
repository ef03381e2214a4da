// Chains of engines: `primary, then second`, as one engine.
import type { EngineKind } from '@parley/conversation'
import { systemClock } from '../session/clock.js'
import { type EngineContext, EngineError, type EngineOf } from './engine.js'
import type { ChainPorts } from './kit/candidates.js'
import { fallbackLlm } from './kit/fallback-llm.js'
import { fallbackStt } from './kit/fallback-stt.js'
import { fallbackTts } from './kit/fallback-tts.js'
import { type AnyDefinition, type EngineChoice, loadChoice } from './load.js'

/** The names in a setting such as `openai,dialogue`. The same engine may stand in it twice, as `openai#one,openai#two`. */
export const namesOf = (setting: string): readonly string[] => setting.split(',').map((name) => name.trim())

/** The engine that a name in a chain stands for; what follows `#` tells two of them apart. */
export const engineNameOf = (name: string): string => name.replace(/#[^#/]*$/, '')

/**
 * The options of one engine of a chain: what the settings hold under its name. Throws an `EngineError` when something
 * else is there, which would be meant for an engine that is not in the chain.
 */
export function optionsIn(
  kind: EngineKind,
  options: EngineChoice['options'],
  names: readonly string[],
  name: string,
): EngineChoice['options'] {
  const stray = Object.keys(options).find((key) => !names.includes(key))
  const own = options[name] ?? {}
  if (stray !== undefined || !(own instanceof Object) || Array.isArray(own))
    throw refuse(
      `PARLEY_${kind.toUpperCase()}_OPTIONS has to hold an object for each engine of the chain, as in {"${name}":{}}; ${
        stray === undefined ? `"${name}" is none` : `"${stray}" is not in the chain`
      }.`,
    )
  return { ...own }
}

/** Loads every engine of the chain and makes one of them. Rejects with an `EngineError` when one cannot be loaded. */
export async function loadChain<Kind extends EngineKind>(
  kind: Kind,
  choices: readonly EngineChoice[],
  definitions: readonly AnyDefinition[],
  context: EngineContext,
): Promise<EngineOf[Kind]> {
  const [first, ...others] = choices
  if (!first) throw refuse(`PARLEY_${kind.toUpperCase()} names no engine.`)
  if (others.length === 0) return loadChoice(kind, first, definitions, context)
  if (!isChainable(kind))
    throw refuse(`PARLEY_${kind.toUpperCase()} takes one engine; only llm, stt and tts take several.`)
  const loading = await Promise.allSettled(choices.map((choice) => loadChoice(kind, choice, definitions, context)))
  const loaded = loading.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failure = loading.find((result) => result.status === 'rejected')
  if (failure) {
    await Promise.all(loaded.map((engine) => engine?.close()))
    throw failure.reason
  }
  const ports: ChainPorts = { clock: systemClock(), log: context.log }
  // each was loaded as an engine of this kind, and what is made of them is of the same
  const chained = chains[kind] as (engines: readonly EngineOf[Kind][], ports: ChainPorts) => EngineOf[Kind]
  return chained(loaded, ports)
}

type Chained = {
  readonly [Kind in 'llm' | 'stt' | 'tts']: (engines: readonly EngineOf[Kind][], ports: ChainPorts) => EngineOf[Kind]
}

const chains: Chained = { llm: fallbackLlm, stt: fallbackStt, tts: fallbackTts }

const isChainable = (kind: EngineKind): kind is keyof typeof chains => kind in chains

const refuse = (message: string) => new EngineError({ code: 'invalid_chain', message, retryable: false })

// What a `session.update` changes in the middle of a session, and what it may not (protocol.md 2.4).
import type { Problem, SessionConfig, SessionPatch } from '@parley/protocol'
import { formatOf, overlay } from './config.js'

export interface Change {
  readonly config: SessionConfig
  /** One for each field that was refused, in the order in which the client is told. */
  readonly refused: readonly Problem[]
  /** Whether `session.updated` follows: something was applied, or nothing was refused (Q6, checklist 58). */
  readonly acknowledged: boolean
}

/** Refused fields stay as they were; all others are applied (checklist 57). */
export function change(config: SessionConfig, patch: SessionPatch, problems: readonly Problem[]): Change {
  const immutable = IMMUTABLE.filter(({ path, differs }) => differs(config, patch) || problems.some(concerns(path)))
  const others = problems.filter(
    (problem) => ![...IMMUTABLE.map(({ path }) => path), 'input.format'].some((path) => concerns(path)(problem)),
  )
  const refused = [
    ...(patch.agent_id === undefined ? [] : [AGENT_ID_NOT_FIRST]),
    ...immutable.map(({ path }) => immutableField(path)),
    ...others,
  ]
  const valid = others.reduce((left, { param }) => without(left, segments(param ?? '')), patch)
  return {
    config: overlay(config, valid),
    refused,
    acknowledged: refused.length === 0 || changesSomething(valid),
  }
}

const AGENT_ID_NOT_FIRST: Problem = {
  code: 'agent_id_not_first',
  message: 'agent_id can only be set on the first session.update',
  param: 'agent_id',
}

const immutableField = (path: string): Problem => ({
  code: 'immutable_field',
  message: `'${path}' cannot be changed after the first session.update`,
  param: path,
})

/** A field that is sent again as it stands is no change (Q5). */
const IMMUTABLE: readonly { path: string; differs: (config: SessionConfig, patch: SessionPatch) => boolean }[] = [
  {
    path: 'greeting',
    differs: (config, { greeting }) => greeting !== undefined && greeting !== (config.greeting ?? ''),
  },
  { path: 'output.type', differs: ({ output }, patch) => (patch.output?.type ?? output.type) !== output.type },
  { path: 'output.voice', differs: ({ output }, patch) => (patch.output?.voice ?? output.voice) !== output.voice },
  {
    path: 'output.format',
    differs: ({ output }, { output: patch }) =>
      patch?.format !== undefined &&
      (patch.format.encoding !== output.format.encoding ||
        (patch.format.sample_rate ?? output.format.sample_rate) !== formatOf(output.format).sample_rate),
  },
]

/** Whether a problem is about the field at `path` or about a part of it. */
const concerns =
  (path: string) =>
  ({ param }: Problem): boolean =>
    param === path || param?.startsWith(`${path}.`) === true

const changesSomething = (patch: SessionPatch): boolean =>
  patch.system_prompt !== undefined ||
  patch.tools !== undefined ||
  patch.parley !== undefined ||
  patch.webhook !== undefined ||
  patch.output?.volume !== undefined ||
  Object.entries(patch.input ?? {}).some(([key, value]) => key !== 'format' && value !== undefined)

/** `tools[0].parameters` -> tools, 0, parameters */
const segments = (path: string): readonly string[] => path.split(/[.[\]]+/).filter((segment) => segment !== '')

/** The value less what lies at the path; a list of which a part is refused is left out whole. */
function without<T extends object>(value: T, [head, ...rest]: readonly string[]): T {
  const entries = Object.entries(value).flatMap(([key, part]) => {
    if (key !== head) return [[key, part]]
    const goesDeeper = rest.length > 0 && typeof part === 'object' && part !== null && !Array.isArray(part)
    return goesDeeper ? [[key, without(part, rest)]] : []
  })
  // True: only optional members are ever named by a path, so what is left is still a T.
  return Object.fromEntries(entries) as T
}

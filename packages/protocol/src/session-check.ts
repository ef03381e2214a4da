// The settings of a `session.update`: which of them may stand, and what is wrong with the others.
import { z } from 'zod'
import type { RawSessionPatch } from './client-events.js'
import { LlmInput, SessionPatch } from './config.js'
import { type Problem, problem } from './errors.js'
import { dotted, examine, type Finding, finding, isShape, type Path, sentence } from './issues.js'
import { limits } from './limits.js'
import { isObject, type JsonObject } from './schema-kit.js'
import { insecureUrls, refusedUrls } from './urls.js'
import { invalidVoice } from './voices.js'

/** What the server knows that a schema cannot: which voices there are, and what its operator allows. */
export interface Known {
  readonly voices: readonly string[]
  /** Whether `session.update` may bring a model of its own (Q22). */
  readonly allowInlineLlm?: boolean
  /** Whether URLs may be `http` and lead to private hosts (Q21). */
  readonly allowPrivateUrls?: boolean
  /** Why an https URL may not be used, judged by its spelling, as a sentence; where a name leads is for whoever resolves it. */
  readonly urlProblem?: (url: string) => string | undefined
}

/**
 * Splits the settings into those that may be applied and the problems with the rest.
 *
 * The `param` of a problem is the dotted path of the bad value. Dropped is that setting, or the whole list, format or
 * webhook that it is part of. Problems come in the order of the fields of `session`, never more than
 * `limits.problemsPerUpdate`. (Protocol sections 2.2, 3.2, 4, 5.4, 7.1, 8.3; checklist 40, 41, 46, 100-103, 111, 131, 132.)
 */
export function checkSession(
  raw: RawSessionPatch,
  known: Known,
): { patch: SessionPatch; problems: readonly Problem[] } {
  const refused = refusedLlm(raw, known)
  const { patch, found } = split(refused.length === 0 ? raw : omit(raw, ['llm']), known)
  const inOrder = [...refused, ...found].sort((one, other) => rank(one) - rank(other))
  return { patch, problems: inOrder.slice(0, limits.problemsPerUpdate).map(problemOf) }
}

/** The models that an update brings, with the keys that its patch leaves out; none if they are not in order. */
export function modelsOf({ llm }: RawSessionPatch): readonly LlmInput[] {
  const models = examine(z.array(LlmInput), llm ?? [])
  return models.ok ? models.value : []
}

/** Whether every type is right, so that at most some values are not allowed (checklist 42, 43, 178). */
export function isWellFormed(session: JsonObject): boolean {
  const result = examine(SessionPatch, session)
  return result.ok || !result.findings.some((found) => isShape(found) && !isAlwaysValue(found.path))
}

function refusedLlm({ llm }: RawSessionPatch, known: Known): readonly Finding[] {
  if (known.allowInlineLlm || !Array.isArray(llm) || llm.length === 0) return []
  return [finding(['llm'], llmRefusal)]
}

const llmRefusal = 'BYO LLM config is not allowed on session.update; define it on a stored agent via POST /v1/agents'

function beyondSchema(patch: SessionPatch, known: Known): readonly Finding[] {
  const voice = patch.output?.voice
  return [
    ...(voice === undefined || known.voices.includes(voice)
      ? []
      : [finding(['output', 'voice'], invalidVoice(voice, known.voices))]),
    ...(known.allowPrivateUrls ? [] : [...insecureUrls(patch), ...refusedUrls(patch, known.urlProblem)]),
  ]
}

/** Leaves out what is wrong until the rest is right: some rules can only be applied to settings that are right by themselves. */
function split(settings: JsonObject, known: Known): { patch: SessionPatch; found: readonly Finding[] } {
  const result = examine(SessionPatch, settings)
  const wrong = result.ok ? beyondSchema(result.value, known) : result.findings
  if (result.ok && wrong.length === 0) return { patch: result.value, found: [] }
  const { patch, found } = split(wrong.reduce(leaveOut, settings), known)
  return { patch, found: [...wrong, ...found] }
}

const fieldOrder = Object.keys(SessionPatch.shape)
const rank = ({ path }: Finding): number => fieldOrder.indexOf(String(path[0]))

function problemOf(found: Finding): Problem {
  const { path } = found
  if (path[0] === 'webhook') return problem('invalid_webhook', { message: sentence(found), param: dotted(path) })
  if (isFormat(path) && isShape(found)) return problem('invalid_value', { message: sentence(found), param: 'format' })
  if (isShape(found) && !isAlwaysValue(path))
    return problem('invalid_format', { message: "Invalid message format for type 'session.update'" })
  return problem('invalid_value', { message: sentence(found), param: dotted(path) })
}

/** Places where a wrong type is told with its path, as `invalid_value` (protocol sections 4 and 7.1) or `invalid_webhook`. */
const isAlwaysValue = (path: Path): boolean =>
  path[0] === 'webhook' ||
  isFormat(path) ||
  (typeof path[1] === 'number' && ['tools', 'llm', 'pre_connect_requests'].includes(String(path[0])))

const isFormat = (path: Path): boolean => path.length === 2 && path[1] === 'format'

function leaveOut(settings: JsonObject, { path, issue }: Finding): JsonObject {
  if (path.length === 0) return omit(settings, issue.code === 'unrecognized_keys' ? issue.keys : Object.keys(settings))
  return without(settings, droppedBy(path))
}

/** The path of the smallest setting that can be left out with the value at `path`. */
function droppedBy(path: Path): Path {
  if (path[0] === 'webhook') return ['webhook']
  if (path[1] === 'format') return path.slice(0, 2)
  const index = path.findIndex((key) => typeof key === 'number')
  return index < 0 ? path : path.slice(0, index)
}

/** `settings` less the one at the path; an object that held nothing else goes with it, for an empty one would have a meaning. */
function without(settings: JsonObject, [key, ...rest]: Path): JsonObject {
  const name = String(key)
  const inner = settings[name]
  if (rest.length === 0 || !isObject(inner)) return omit(settings, [name])
  const left = without(inner, rest)
  return Object.keys(left).length === 0 ? omit(settings, [name]) : { ...settings, [name]: left }
}

function omit(settings: JsonObject, keys: readonly string[]): JsonObject {
  const unwanted = new Set(keys)
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !unwanted.has(key)))
}

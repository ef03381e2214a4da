// What the user wants done and what is known for it so far, found again from the history at every reply.
import type { LlmMessage } from '../../../engine.js'
import { actIn } from '../acts.js'
import { type Outcome, outcomeOf, parsed } from './outcomes.js'
import { argumentsOf, type Slot, type ToolForm, valuesOf } from './slots.js'
import { chosenTool } from './tool-choice.js'
import { valueFor } from './values.js'

/** A tool on the way to its call. */
export interface Pursuit {
  readonly form: ToolForm
  readonly values: ReadonlyMap<string, unknown>
  /** Values that were refused, as JSON, by the path of their slot. */
  readonly rejected: ReadonlyMap<string, readonly string[]>
  /** What the user has said for it, for values that come in pieces. */
  readonly before: string
  /** How often in a row nothing came of asking, and how often the call was refused. */
  readonly misses: number
  readonly refusals: number
}

export interface MadeCall {
  readonly callId: string
  readonly name: string
  readonly arguments: unknown
  readonly outcome: Outcome
}

export interface Track {
  readonly pursuit: Pursuit | undefined
  readonly calls: readonly MadeCall[]
  /** How the pursuit ended with the last message: called off by the user, or for want of this slot. */
  readonly end: { readonly is: 'called off' } | { readonly is: 'in vain'; readonly slot: Slot | undefined } | undefined
  /** The pursuits that led to calls, by the identifier of the call. */
  readonly made: ReadonlyMap<string, Pursuit>
}

/** Attempts after which the agent gives up. */
export const MOST_ATTEMPTS = 3

/** `today`: 2026-03-05, where it is known. */
export function trackOf(history: readonly LlmMessage[], forms: readonly ToolForm[], today: string | undefined): Track {
  let track: Track = { pursuit: undefined, calls: [], end: undefined, made: new Map() }
  for (const turn of turnsOf(history)) {
    if (turn.role === 'user') track = heard({ ...track, end: undefined }, turn.content, forms, today)
    else if (turn.role === 'assistant') track = answered(track, turn, forms)
    else if (turn.role === 'tool') track = resulted(track, turn, forms)
  }
  return track
}

/** The first required value that is missing. */
export const missing = ({ form, values }: Pursuit): Slot | undefined =>
  form.slots.find((slot) => slot.isRequired && !values.has(slot.path) && preset(slot) === undefined)

/** The arguments, with what the schema itself sets where the user did not say otherwise. */
export function completed({ form, values }: Pursuit): Readonly<Record<string, unknown>> {
  const set = form.slots.filter((slot) => slot.isRequired && preset(slot) !== undefined)
  return argumentsOf(new Map([...set.map((slot) => [slot.path, preset(slot)] as const), ...values]))
}

export const sameArguments = (one: unknown, other: unknown): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
        .map(([name, part]) => [name, sorted(part)] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1))
    : value

const preset = ({ schema, choices }: Slot): unknown =>
  schema.const ?? schema.default ?? (choices.length === 1 && schema.type !== 'array' ? choices[0] : undefined)

/** What the user says in several messages in a row is one turn. */
function turnsOf(history: readonly LlmMessage[]): readonly LlmMessage[] {
  const turns: LlmMessage[] = []
  for (const message of history) {
    const last = turns.at(-1)
    if (message.role === 'system') continue
    if (message.role === 'user' && last?.role === 'user')
      turns[turns.length - 1] = { role: 'user', content: `${last.content} ${message.content}` }
    else turns.push(message)
  }
  return turns
}

type Today = string | undefined

function heard(track: Track, text: string, forms: readonly ToolForm[], today: Today): Track {
  const { pursuit } = track
  if (pursuit === undefined) return { ...track, pursuit: begun(track, text, forms, today) }
  const asked = missing(pursuit)
  if (actIn(text) === 'stop' || CALLS_OFF.test(text)) return { ...track, pursuit: undefined, end: { is: 'called off' } }
  if (CANNOT_SAY.test(text)) return { ...track, pursuit: undefined, end: { is: 'in vain', slot: asked } }
  const filled = filledBy(pursuit, text, asked, today)
  if (filled !== undefined) return { ...track, pursuit: filled }
  const other = chosenTool(text, forms)
  if (other !== undefined && other.form.name !== pursuit.form.name && actIn(text) === undefined)
    return { ...track, pursuit: started(other.form, text, today) }
  const misses = pursuit.misses + 1
  return misses >= MOST_ATTEMPTS
    ? { ...track, pursuit: undefined, end: { is: 'in vain', slot: asked } }
    : { ...track, pursuit: { ...pursuit, misses, before: `${pursuit.before} ${text}` } }
}

const CALLS_OFF =
  /^(?:(?:no|okay|ok|actually|oh|well|please)[\s,]+)*(?:never ?mind|forget (?:it|that|about it)|cancel (?:it|that)|leave it|stop)\b/i
const CANNOT_SAY =
  /^(?:(?:sorry|well|um|oh|no)[\s,]+)*i (?:don't|do not|can't|cannot) (?:know|have|remember|find|tell)(?: \w+){0,3}\W*$/i
const CORRECTS = /^(?:no|sorry|actually|wait|oh|i mean|i meant|make (?:it|that)|not)\b/i
const FOLLOWS_UP = /^(?:(?:okay|ok|oh|um|great|thanks)[\s,]+)*(?:and|what about|how about|or)\b/i

function begun(track: Track, text: string, forms: readonly ToolForm[], today: Today): Pursuit | undefined {
  const act = actIn(text)
  // a person may be a tool, and a clock; other small talk is none
  if (act !== undefined && act !== 'person' && act !== 'clock') return undefined
  const chosen = chosenTool(text, forms)
  if (chosen !== undefined) return started(chosen.form, text, today)
  return FOLLOWS_UP.test(text) ? resumed(track, text, forms, today) : undefined
}

function started(form: ToolForm, text: string, today: Today): Pursuit {
  const empty = { form, values: new Map(), rejected: new Map(), before: '', misses: 0, refusals: 0 }
  return filledBy(empty, text, undefined, today) ?? { ...empty, before: text }
}

/** "And in London?": the last call once more, with what is new. */
function resumed({ calls }: Track, text: string, forms: readonly ToolForm[], today: Today): Pursuit | undefined {
  const last = calls.at(-1)
  const form = forms.find(({ name }) => name === last?.name)
  if (last?.outcome.is !== 'succeeded' || form === undefined) return undefined
  const bare = { form, values: new Map(), rejected: new Map(), before: '', misses: 0, refusals: 0 }
  const required = form.slots.filter(({ isRequired }) => isRequired)
  const news =
    filledBy(bare, text, undefined, today) ??
    filledBy(bare, text, required.length === 1 ? required[0] : undefined, today)
  return news && { ...news, values: new Map([...valuesOf(last.arguments, form), ...news.values]) }
}

/** With the values that the text gives; undefined where it gives none. */
function filledBy(pursuit: Pursuit, text: string, asked: Slot | undefined, today: Today): Pursuit | undefined {
  const { form, before, rejected } = pursuit
  const corrects = CORRECTS.test(text)
  const values = new Map(pursuit.values)
  const slots = asked === undefined ? form.slots : [asked, ...form.slots.filter((slot) => slot !== asked)]
  for (const slot of slots) {
    // what was given stands, unless the user takes it back
    if (values.has(slot.path) && !corrects) continue
    const value = valueFor(slot, { text, before, asked, form, today })
    if (value !== undefined && !rejected.get(slot.path)?.includes(JSON.stringify(value))) values.set(slot.path, value)
  }
  const isNew = [...values].some(([path, value]) => pursuit.values.get(path) !== value)
  return isNew ? { ...pursuit, values, misses: 0, before: `${before} ${text}`.trim() } : undefined
}

/** The agent called, asked, or spoke of something else. */
function answered(
  track: Track,
  message: Extract<LlmMessage, { role: 'assistant' }>,
  forms: readonly ToolForm[],
): Track {
  const called = message.toolCalls ?? []
  const calls = called.map(({ callId, name, arguments: text }) => ({
    callId,
    name,
    arguments: parsed(text),
    outcome: { is: 'waiting' } as const,
  }))
  const made = new Map(track.made)
  let { pursuit } = track
  for (const { callId, name, arguments: args } of calls) {
    const form = forms.find((one) => one.name === name)
    if (form === undefined) continue
    const own = pursuit?.form.name === name ? pursuit : undefined
    made.set(
      callId,
      own ?? { form, values: valuesOf(args, form), rejected: new Map(), before: '', misses: 0, refusals: 0 },
    )
    if (own !== undefined) pursuit = undefined
  }
  const asks = /\?|[^.!]\s*$/.test(message.content)
  const isLeft = called.length === 0 && pursuit !== undefined && (missing(pursuit) === undefined || !asks)
  return { ...track, calls: [...track.calls, ...calls], made, pursuit: isLeft ? undefined : pursuit }
}

function resulted(
  track: Track,
  { callId, content }: Extract<LlmMessage, { role: 'tool' }>,
  forms: readonly ToolForm[],
): Track {
  const outcome = outcomeOf(content)
  const calls = track.calls.map((call) => (call.callId === callId ? { ...call, outcome } : call))
  const pursuit = track.made.get(callId)
  if (outcome.is !== 'refused' || pursuit === undefined || !forms.includes(pursuit.form)) return { ...track, calls }
  const reopened = withoutRefused(pursuit, outcome.why)
  const blamed = reopened && missing(reopened)
  const isHopeless = reopened === undefined || reopened.refusals >= MOST_ATTEMPTS
  return {
    ...track,
    calls,
    ...(isHopeless ? { pursuit: undefined, end: { is: 'in vain', slot: blamed } } : { pursuit: reopened }),
  }
}

/** Undefined where no argument is to blame: nothing that the user says could help. */
function withoutRefused(pursuit: Pursuit, why: string): Pursuit | undefined {
  const { form, refusals } = pursuit
  const isBlamed = ({ path }: Slot): boolean =>
    new RegExp(String.raw`(?<![\p{L}\p{N}_.])${path.replace(/[^\p{L}\p{N}_]/gu, '\\$&')}(?![\p{L}\p{N}_])`, 'u').test(
      why,
    )
  const blamed = form.slots.filter(isBlamed)
  if (blamed.length === 0) return undefined
  const values = new Map(pursuit.values)
  const rejected = new Map(pursuit.rejected)
  for (const { path } of blamed) {
    rejected.set(path, [...(rejected.get(path) ?? []), JSON.stringify(values.get(path))])
    values.delete(path)
  }
  return { ...pursuit, values, rejected, refusals: refusals + 1 }
}

// The task that a conversation has come to: which tool is wanted, what is known of its arguments, what still has to be asked.
// Nothing is remembered between two replies: the history is read anew each time.
import type { LlmMessage, LlmTool } from '../../engine.js'
import { actIn } from './acts.js'
import { valueIn } from './slot-values.js'
import { isObject, type Slot, slotsOf } from './slots.js'
import { toolFor } from './tool-choice.js'
import { type Outcome, outcomeOf } from './tool-results.js'

export type Values = Readonly<Record<string, unknown>>

export interface Task {
  readonly tool: LlmTool
  readonly slots: readonly Slot[]
  readonly values: Values
  /** Turns of the user that brought nothing for it. */
  readonly fruitless: number
}

export interface Tasks {
  readonly open: Task | undefined
  /** Whether the latest words of the user have begun the task or brought something for it. */
  readonly isFurthered: boolean
  /** Whether the user was asked often enough just now. */
  readonly isGivenUp: boolean
  /** The latest task that was called, with what it was called with. */
  readonly called: Task | undefined
  /** What came back since the latest call, in order. */
  readonly outcomes: readonly Outcome[]
  /** How often in a row a tool was refused or failed. */
  readonly failures: number
}

export interface Surroundings {
  readonly tools: readonly LlmTool[]
  readonly today: Date
  /** Whether what the agent knows answers the words for certain. */
  isAnswered(utterance: string): boolean
}

const NONE: Tasks = {
  open: undefined,
  isFurthered: false,
  isGivenUp: false,
  called: undefined,
  outcomes: [],
  failures: 0,
}

/** After so many turns without an answer, and failures in a row, nothing more is tried. */
export const MOST_TRIES = 3

export function tasksOf(history: readonly LlmMessage[], around: Surroundings): Tasks {
  let tasks = NONE
  for (const message of history.slice(-LONGEST_HISTORY)) tasks = after(tasks, message, around)
  return tasks
}

function after(tasks: Tasks, message: LlmMessage, around: Surroundings): Tasks {
  switch (message.role) {
    case 'user':
      return afterWords({ ...tasks, isFurthered: false, isGivenUp: false }, message.content, around)
    case 'assistant':
      return message.toolCalls?.length ? afterCall(tasks, message.toolCalls[0]!, around) : { ...tasks, outcomes: [] }
    case 'tool':
      return afterResult(tasks, outcomeOf(message.content))
    case 'system':
      return tasks
  }
}

export const missing = ({ slots, values }: Task): Slot | undefined =>
  slots.find(({ name, isRequired }) => isRequired && values[name] === undefined)

const LONGEST_HISTORY = 200
const DROPS = /^(?:stop|no|correction)$/
const FOLLOWS_UP = /^(?:(?:ok|okay|oh|um|uh|well|so|thanks|great) )*(?:and|what about|how about|or)\b/i

function afterWords(tasks: Tasks, utterance: string, around: Surroundings): Tasks {
  const { open } = tasks
  const found = toolFor(utterance, around.tools)
  const chosen = found && (found.isSure || !around.isAnswered(utterance)) ? found.tool : undefined
  if (chosen && chosen.name !== open?.tool.name) {
    const slots = slotsOf(chosen)
    const begun: Task = {
      tool: chosen,
      slots,
      values: kept({ ...tasks.called?.values, ...open?.values }, slots),
      fruitless: 0,
    }
    return { ...tasks, open: filled(begun, utterance, undefined, around), isFurthered: true, failures: 0 }
  }
  if (open) return furthered(tasks, open, utterance, around)
  if (tasks.called && FOLLOWS_UP.test(utterance)) {
    const again = filled(tasks.called, utterance, undefined, around)
    if (again.values !== tasks.called.values) return { ...tasks, open: again, isFurthered: true }
  }
  return tasks
}

function furthered(tasks: Tasks, open: Task, utterance: string, around: Surroundings): Tasks {
  const asked = missing(open)
  const next = filled(open, utterance, asked, around)
  if (next.values !== open.values) return { ...tasks, open: { ...next, fruitless: 0 }, isFurthered: true }
  if (DROPS.test(actIn(utterance) ?? '')) return { ...tasks, open: undefined }
  const fruitless = open.fruitless + 1
  return fruitless < MOST_TRIES
    ? { ...tasks, open: { ...open, fruitless } }
    : { ...tasks, open: undefined, isGivenUp: true }
}

function afterCall(
  tasks: Tasks,
  { name, arguments: text }: { name: string; arguments: string },
  { tools }: Surroundings,
): Tasks {
  const tool = tools.find((offered) => offered.name === name)
  const called = tool && { tool, slots: slotsOf(tool), values: objectIn(text), fruitless: 0 }
  return { ...tasks, open: undefined, isFurthered: false, called, outcomes: [] }
}

/** A refused call is an open task again: what was said to be wrong is to be asked for. */
function afterResult(tasks: Tasks, outcome: Outcome): Tasks {
  const outcomes = [...tasks.outcomes, outcome]
  if (outcome.is === 'answered') return { ...tasks, outcomes, failures: 0 }
  const failures = tasks.failures + 1
  if (outcome.is === 'failed' || tasks.called === undefined) return { ...tasks, outcomes, failures }
  return { ...tasks, outcomes, failures, open: withoutRefused(tasks.called, outcome.about) }
}

function withoutRefused(task: Task, about: string): Task {
  const named = task.slots
    .filter(({ name }) => new RegExp(`\\b${escaped(name)}\\b`).test(about))
    .map(({ name }) => name)
  const refused = named.length > 0 ? named : Object.keys(task.values)
  const values = Object.fromEntries(Object.entries(task.values).filter(([name]) => !refused.includes(name)))
  // what was refused has to be asked for, even where the schema does not require it
  const slots = task.slots.map((slot) =>
    refused.includes(slot.name) && task.values[slot.name] !== undefined ? { ...slot, isRequired: true } : slot,
  )
  return { ...task, values, slots, fruitless: 0 }
}

/** The same object when the words bring nothing new. */
function filled(task: Task, utterance: string, asked: Slot | undefined, { today }: Surroundings): Task {
  const isAct = actIn(utterance) !== undefined && actIn(utterance) !== 'givesName'
  const found: Record<string, unknown> = {}
  for (const slot of task.slots) {
    const isAsked = slot.name === asked?.name
    // "yes" and "hello" are no values, except for who was asked yes or no
    if (isAct && slot.kind !== 'boolean') continue
    const value = valueIn(utterance, slot, isAsked, today)
    if (value !== undefined && !Object.values(found).includes(value)) found[slot.name] = value
  }
  const isNew = Object.entries(found).some(([name, value]) => task.values[name] !== value)
  return isNew ? { ...task, values: { ...task.values, ...found } } : task
}

/** Who the caller is does not change from one task to the next. */
const kept = (values: Values, slots: readonly Slot[]): Values =>
  Object.fromEntries(
    slots
      .filter(
        ({ kind, name }) => (kind === 'person' || kind === 'email' || kind === 'phone') && values[name] !== undefined,
      )
      .map(({ name }) => [name, values[name]]),
  )

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function objectIn(text: string): Values {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

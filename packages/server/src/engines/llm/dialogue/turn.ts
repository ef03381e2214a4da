// What the dialogue rules do next: call a tool, ask for what it needs, speak about what it answered, or simply reply.
import { randomUUID } from 'node:crypto'
import type { LlmMessage, LlmTool, LlmToolCall } from '../../engine.js'
import { actIn } from './acts.js'
import { orderSpoken } from './orders.js'
import { isAnsweredBy, type Known, replyTo } from './reply.js'
import { questionFor, type Slot } from './slots.js'
import { type Forms, small } from './small-talk.js'
import { MOST_TRIES, missing, type Surroundings, type Tasks, tasksOf } from './tasks.js'
import { endingCall } from './tool-choice.js'
import type { Outcome } from './tool-results.js'

export interface Turn {
  /** Empty where nothing is to be said. */
  readonly text: string
  readonly call?: LlmToolCall
}

/** `messages`: without the agent's own prompt. `today`: for "tomorrow". */
export function turnOf(messages: readonly LlmMessage[], agent: Known, tools: readonly LlmTool[], today: Date): Turn {
  const order = messages.at(-1)?.role === 'system' ? messages.at(-1)!.content : undefined
  const history = order === undefined ? messages : messages.slice(0, -1)
  const last = history.at(-1)?.role
  const isSpoken = last === 'tool' || (last === 'user' && order === undefined && tools.length > 0)
  if (!isSpoken) return plainReply(messages, agent)
  const around: Surroundings = {
    tools,
    today,
    isAnswered: (utterance) => isAnsweredBy(utterance, spokenOf(history), agent),
  }
  const tasks = tasksOf(history, around)
  if (last === 'tool') return afterResults(tasks, history, order, agent)
  return afterWords(tasks, history, agent, tools) ?? plainReply(messages, agent)
}

function afterWords(
  tasks: Tasks,
  history: readonly LlmMessage[],
  agent: Known,
  tools: readonly LlmTool[],
): Turn | undefined {
  const utterance = history.at(-1)?.content ?? ''
  const { open } = tasks
  if (open === undefined) return tasks.isGivenUp ? { text: gaveUp[0] } : undefined
  if (open.tool === endingCall(tools)) return { text: goodbye(history, agent), call: callOf(open.tool, open.values) }
  const needed = missing(open)
  if (needed === undefined) return { text: '', call: callOf(open.tool, open.values) }
  const aside = tasks.isFurthered ? '' : spokenAside(utterance, history, agent)
  return { text: `${aside}${asked(needed, history)}` }
}

/** A question in between is answered before the value is asked for again. */
function spokenAside(utterance: string, history: readonly LlmMessage[], agent: Known): string {
  const act = actIn(utterance)
  if (act === 'silence' || (act === undefined && !/\?\s*$/.test(utterance))) return ''
  const spoken = spokenOf(history)
  return act !== undefined || isAnsweredBy(utterance, spoken, agent)
    ? `${replyTo(spoken, agent)} `
    : 'I cannot go on without it. '
}

function afterResults(tasks: Tasks, history: readonly LlmMessage[], order: string | undefined, agent: Known): Turn {
  const { outcomes, failures, open, called } = tasks
  if (called && called.tool === endingCall([called.tool])) return { text: '' }
  if (failures >= MOST_TRIES || outcomes.some(isToldToStop)) return { text: gaveUp[0] }
  const needed = open && missing(open)
  if (needed) return { text: asked(needed, history) }
  const told =
    order === undefined ? undefined : (SAY_EXACTLY.exec(order)?.[1] ?? orderSpoken(order, agent.persona.self))
  const answers = outcomes.flatMap((outcome) => (outcome.is === 'answered' ? [outcome.text] : []))
  if (answers.length === 0) return { text: told ?? apology[0] }
  // words to be said as they are replace the result; a question follows it; any other order is for a model
  if (told !== undefined && SAYS.test(order!)) return { text: told }
  return { text: [...answers, ...(told?.endsWith('?') ? [told] : [])].join(' ') }
}

const SAY_EXACTLY = /^\s*(?:please )?(?:say|announce)(?: exactly)?:\s+(?!["“])(.+)$/is
const SAYS = /["“]|^\s*(?:please )?(?:say|announce|reply|respond|answer)\b/i

const isToldToStop = (outcome: Outcome): boolean =>
  outcome.is === 'refused' && /\b(?:stop (?:calling|trying)|do not (?:call|try)|give up|no more)\b/i.test(outcome.about)

/** Put in another way when it was just asked. */
function asked(slot: Slot, history: readonly LlmMessage[]): string {
  const forms = questionFor(slot)
  const last = history.findLast(({ role, content }) => role === 'assistant' && content !== '')?.content ?? ''
  return forms.find((form) => !last.endsWith(form)) ?? forms[0]
}

const goodbye = (history: readonly LlmMessage[], agent: Known): string => {
  const isFarewell = actIn(history.at(-1)?.content ?? '') === 'goodbye'
  return isFarewell
    ? replyTo(spokenOf(history), agent)
    : small('goodbye', { persona: agent.persona, facts: [], callerName: undefined })[0]
}

const plainReply = (messages: readonly LlmMessage[], agent: Known): Turn => ({
  text: replyTo(spokenOf(messages), agent),
})

/** Without calls and results: what was said by voice. */
const spokenOf = (messages: readonly LlmMessage[]): readonly LlmMessage[] =>
  messages.filter(({ role, content }) => role !== 'tool' && (role !== 'assistant' || content !== ''))

const callOf = ({ name }: LlmTool, values: object): LlmToolCall => ({
  callId: `call_${randomUUID().replaceAll('-', '')}`,
  name,
  arguments: JSON.stringify(values),
})

const apology: Forms = ['I am sorry, that did not work just now. Please try again a little later.']
const gaveUp: Forms = [
  'I am sorry, I cannot get this done at the moment. Is there anything else that I can help you with?',
]

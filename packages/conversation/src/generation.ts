// What the language model is asked for a reply: the prompt, the history, the tools, and what it is told last.
import type { Tool } from '@parley/protocol'
import { endCallTool } from './call-ending.js'
import { isHeld, untoldCalls } from './calls.js'
import { toolWithoutEntered } from './entered-arguments.js'
import type { Rule } from './model.js'
import type { Attempts, Live, ReplyKind, ToolCall } from './state.js'
import { transferTool } from './transfer.js'

/** Orders the words of the open reply. */
export const askModel: Rule<Live> = (live) => {
  const { reply, config, history, attempts } = live
  if (!reply) return [live, []]
  const instructions = joined(
    reply.instructions,
    reply.mayCall ? undefined : whyNoTools(attempts),
    reply.askedAgain ? ANSWER_IN_WORDS : undefined,
  )
  return [
    live,
    [
      {
        type: 'generate',
        reply: reply.id,
        system: config.system_prompt,
        history,
        tools: reply.mayCall ? toolsOf(live) : [],
        ...(instructions !== undefined && { instructions }),
      },
    ],
  ]
}

/** Whether the model may call tools for a reply that begins, or is asked for again, now. */
export const mayCall = (live: Live, kind: ReplyKind): boolean =>
  kind !== 'filler' && kind !== 'keypad' && !isHeld(live) && whyNoTools(live.attempts) === undefined

/** What the model is told last of the results that a reply is about; undefined: nothing (protocol.md 7.1). */
export function instructionsForResults(live: Live): string | undefined {
  const told = untoldCalls(live)
  const own = new Set(told.flatMap((call) => responseInstructions(live.config.tools, call) ?? []))
  const names = [...new Set(told.map(({ name }) => name))]
  return joined(wasOvertaken(live, told) ? overtaken(names) : undefined, ...own)
}

/** Instructions one below the other; undefined where there are none. */
export function joined(...texts: readonly (string | undefined)[]): string | undefined {
  const some = texts.filter((text) => text !== undefined)
  return some.length > 0 ? some.join('\n') : undefined
}

const ANSWER_IN_WORDS = 'Your answer just now was empty. Answer the user in words.'

/** A model whose calls come to nothing stops calling, and one that never stops is stopped. */
const MOST_FAILURES = 3
const MOST_ROUNDS = 12

function toolsOf(live: Live): readonly Tool[] {
  const { tools, parley } = live.config
  const targets = live.phone?.transferTargets ?? []
  return [
    ...tools.map((tool) => toolWithoutEntered(live, tool)),
    ...(parley?.end_call ? [endCallTool] : []),
    ...(targets.length > 0 ? [transferTool(targets)] : []),
  ]
}

function whyNoTools({ failures, rounds }: Attempts): string | undefined {
  if (failures >= MOST_FAILURES)
    return 'Several calls in a row have failed. Stop trying: call no tool now. Tell the user in your own words what is missing or did not work.'
  if (rounds >= MOST_ROUNDS)
    return 'Enough tools were called. Call none now: answer the user with what you have learned.'
  return undefined
}

function responseInstructions(tools: readonly Tool[], { name, progress }: ToolCall): string | undefined {
  const instructions = tools.find((tool) => tool.name === name)?.response_instructions
  if (progress.is !== 'over' || progress.how === 'refused') return undefined
  return (progress.how === 'succeeded' ? instructions?.success : instructions?.error) ?? undefined
}

/** Whether something was said since, so that the results are no longer the last thing that the model reads. */
function wasOvertaken({ history }: Live, told: readonly ToolCall[]): boolean {
  const ids = new Set(told.map(({ callId }) => callId))
  const last = history.findLastIndex((item) => item.role === 'tool' && ids.has(item.callId))
  return last >= 0 && history.slice(last + 1).some(({ role }) => role !== 'tool')
}

const overtaken = (names: readonly string[]): string =>
  `What came of ${names.join(' and ')} is known now; you had not told the user. Tell it in one or two sentences.`

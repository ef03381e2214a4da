// The calls of a session as they stand: which still run, which of their results are not spoken of yet.
import { withoutEntered } from './entered-arguments.js'
import { withArgument, withResult } from './history.js'
import {
  type Arguments,
  type Called,
  type CallId,
  type Millis,
  type ReplyId,
  type Rule,
  type TurnNumber,
  unchanged,
} from './model.js'
import type { Live, Reply, ToolCall } from './state.js'

type Over = ToolCall & { readonly progress: Extract<ToolCall['progress'], { is: 'over' }> }
type Running = ToolCall & { readonly progress: Extract<ToolCall['progress'], { is: 'running' }> }

/** Calls for which the caller is still to enter something. */
export const collectingCalls = ({ calls }: Pick<Live, 'calls'>): readonly ToolCall[] =>
  calls.filter(({ progress }) => progress.is === 'collecting')

export const runningCalls = ({ calls }: Pick<Live, 'calls'>): readonly Running[] => calls.filter(isRunning)

/** While a tool of the mode `hold` runs, the agent speaks only when the client asks for it (protocol.md 7.4). */
export const isHeld = (live: Live): boolean => runningCalls(live).some(({ mode }) => mode === 'hold')

/**
 * What came of calls and is not spoken of yet. The calls of a reply are waited for together; what came after the user
 * had taken the floor is only recorded (checklist 126, 142).
 */
export function untoldCalls(live: Live): readonly Over[] {
  const awaited = new Set([...collectingCalls(live), ...runningCalls(live)].map(({ reply }) => reply))
  return live.calls
    .filter(isOver)
    .filter(
      ({ progress, hushedBy, reply }) => progress.told === undefined && hushedBy === undefined && !awaited.has(reply),
    )
}

/** The running call that the model makes once more: nothing runs twice because the model was asked again. */
export const sameCallRunning = (live: Live, reply: Reply, called: Called): ToolCall | undefined =>
  [...collectingCalls(live), ...runningCalls(live)].find(({ callId, name, reply: earlier }) => {
    if (name !== called.name || (earlier === reply.id && callId !== called.callId)) return false
    return sameArguments(withoutEntered(live, name, argumentsOf(live, callId)), called.arguments)
  })

/** When its time is up; undefined while the client that is to answer it is not there. */
export const overdueAt = ({ connection }: Live, { runner, progress }: Running): Millis | undefined =>
  runner === 'client' && connection.is === 'down' ? undefined : progress.until

/** A client that was away gets a moment for the results that it could not send. */
export const allowForAnswers = (at: Millis): Rule<Live> => {
  const until = at + ANSWERS_AGAIN_WITHIN
  const isShort = ({ runner, progress }: ToolCall): boolean =>
    runner === 'client' && progress.is === 'running' && progress.until < until
  return (live) => unchanged(mapCalls(live, isShort, (call) => ({ ...call, progress: { is: 'running', until } })))
}

/** What the model reads as the result of the call from now on. */
export const recordResult =
  (callId: CallId, text: string): Rule<Live> =>
  (live) => {
    const { reply } = live
    const calls = reply?.calls.map((call) => (call.called.callId === callId ? { ...call, text } : call))
    return unchanged({
      ...live,
      history: withResult(live.history, callId, text),
      reply: reply && calls && { ...reply, calls },
    })
  }

/** An argument that the caller has entered. */
export const recordArgument =
  (callId: CallId, argument: string, value: string): Rule<Live> =>
  (live) => {
    const { reply } = live
    const calls = reply?.calls.map(({ called, text }) => ({
      called: called.callId === callId ? { ...called, arguments: { ...called.arguments, [argument]: value } } : called,
      text,
    }))
    return unchanged({
      ...live,
      history: withArgument(live.history, callId, argument, value),
      reply: reply && calls && { ...reply, calls },
    })
  }

/** What came of the calls has been handed to the model for the open reply. */
export const tellCalls =
  (told: readonly ToolCall[]): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    const ids = new Set(told.map(({ callId }) => callId))
    return unchanged(mapCalls(live, ({ callId }) => ids.has(callId), toldFor(reply.id)))
  }

/** Nothing of the reply was heard: what it was to tell is still untold. */
export const untellCalls =
  (reply: ReplyId): Rule<Live> =>
  (live) =>
    unchanged(mapCalls(live, ({ progress }) => progress.is === 'over' && progress.told === reply, toldFor(undefined)))

/** The user takes the floor while the agent can be heard: what runs now is not spoken of when it comes. */
export const hushCalls: Rule<Live> = (live) =>
  unchanged(
    mapCalls(
      live,
      ({ progress, mode, hushedBy }) => progress.is === 'running' && mode === 'interactive' && hushedBy === undefined,
      (call) => ({ ...call, hushedBy: live.turn }),
    ),
  )

/** That turn had no words: nobody wanted anything else. */
export const unhushCalls =
  (turn: TurnNumber): Rule<Live> =>
  (live) =>
    unchanged(
      mapCalls(
        live,
        ({ hushedBy }) => hushedBy === turn,
        (call) => ({ ...call, hushedBy: undefined }),
      ),
    )

/** The arguments of a call so far, as the model reads them. */
export function argumentsOf(live: Live, callId: CallId): Arguments {
  const made = [
    ...live.history.flatMap((item) => (item.role === 'agent' ? (item.calls ?? []) : [])),
    ...(live.reply?.calls ?? []).map(({ called }) => called),
  ]
  return made.find((called) => called.callId === callId)?.arguments ?? {}
}

export const mapCalls = (
  live: Live,
  applies: (call: ToolCall) => boolean,
  change: (call: ToolCall) => ToolCall,
): Live => ({ ...live, calls: live.calls.map((call) => (applies(call) ? change(call) : call)) })

const isRunning = (call: ToolCall): call is Running => call.progress.is === 'running'
const isOver = (call: ToolCall): call is Over => call.progress.is === 'over'

const toldFor =
  (told: ReplyId | undefined) =>
  (call: ToolCall): ToolCall =>
    call.progress.is === 'over' ? { ...call, progress: { ...call.progress, told } } : call

const ANSWERS_AGAIN_WITHIN: Millis = 2000

/** The order of the members says nothing. */
const sameArguments = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other)

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )

// Tools: called by the model, answered by the client or the server, or not in time; each call runs once.
import type { Problem, Tool } from '@parley/protocol'
import { callOffEnding, END_CALL, goodbyeOf, HANGING_UP, TRANSFER_CALL } from './call-ending.js'
import {
  argumentsOf,
  collectingCalls,
  mapCalls,
  recordResult,
  runningCalls,
  sameCallRunning,
  tellCalls,
} from './calls.js'
import { emptyAnswer, isEmptyAnswer } from './empty-answer.js'
import { enteredArguments, withoutEntered, withoutSensitive } from './entered-arguments.js'
import { closeEntry, collectNext, ENTERING } from './entry.js'
import { fillerMakesWay } from './floor.js'
import { askModel, mayCall } from './generation.js'
import { appendReply } from './history.js'
import { callId as newCallId } from './identifiers.js'
import {
  apply,
  type Called,
  type CallId,
  type Effect,
  type Event,
  type Millis,
  type Rule,
  type Step,
  send,
  unchanged,
} from './model.js'
import { refusalOf } from './refusals.js'
import { forReply, stillWriting, textFinished, textWritten } from './reply.js'
import { note, order } from './rules.js'
import type { Ending, Live, Reply, ToolCall } from './state.js'
import { namesNoTarget, PUTTING_THROUGH, targetOf, wordsBefore } from './transfer.js'

/** The model called a tool: the call is made, refused, or found to be running already. */
export const toolCalled =
  (event: Extract<Event, { type: 'llm.called' }>) =>
  (reply: Reply): Rule<Live> => {
    if (!reply.mayCall || reply.writing.is === 'finished')
      return note('tool call ignored', 'the model was offered no tools')
    return (live) => {
      const { name, problems, at } = event
      const args = withoutEntered(live, name, event.arguments)
      const called: Called = { callId: event.callId, name, arguments: args }
      const running = sameCallRunning(live, reply, called)
      if (running?.callId === called.callId && running.reply === reply.id) return unchanged(live)
      const own = { ...called, callId: ownId(live, reply, called) }
      const refusal = refusalOf(live, reply, called, problems)
      return apply<Live>(
        { ...live, reply: stillWriting(reply, at) },
        isHangUp(live, called)
          ? hangUp(own, at)
          : isTransfer(live, called)
            ? putThrough(own, at)
            : running
              ? joinCall(own, running)
              : refusal === undefined
                ? makeCall(own, at)
                : refuseCall(own, refusal, at),
      )
    }
  }

/**
 * The model has nothing more to write. When all that came of it are calls that were refused, it is asked again within the
 * same reply, before anything was said; a call that runs does not keep the reply open (protocol.md 7.2). So is a model
 * that left nothing at all.
 */
export const modelFinished =
  (at: Millis) =>
  (reply: Reply): Rule<Live> => {
    const refused = (live: Live) => reply.calls.every(({ called }) => isRefused(live, called.callId))
    if (isEmptyAnswer(reply)) return emptyAnswer(at)(reply)
    return (live) =>
      reply.calls.length > 0 && isWordless(reply) && refused(live) && reply.writing.is === 'going on'
        ? askAgain(reply, at)(live)
        : textFinished(at)(reply)(live)
  }

/** `tool.result`. The first answer stands; one that comes after the time was up is still worth knowing. */
export function clientAnswered(
  live: Live,
  { callId, result, isError }: Extract<Event, { type: 'client.answered' }>,
): Step<Live> | Problem {
  const call = live.calls.find((made) => made.callId === callId)
  if (!call || call.progress.is === 'collecting' || isRefused(live, callId))
    return noSuchCall('No tool call with this call_id waits for a result.')
  if (call.runner === 'server') return note('tool result ignored', 'the server runs this tool itself')(live)
  if (call.progress.is === 'over' && call.progress.how !== 'timed out')
    return noSuchCall('The tool call with this call_id has had its result. The first one counts.')
  return callOver(callId, isError ? 'failed' : 'succeeded', textOf(result))(live)
}

/** A tool of the server has run. */
export const serverAnswered = ({ callId, result, isError }: Extract<Event, { type: 'tool.answered' }>): Rule<Live> => {
  const isMeant = (call: ToolCall) => call.callId === callId && call.runner === 'server'
  return (live) =>
    runningCalls(live).some(isMeant)
      ? callOver(callId, isError ? 'failed' : 'succeeded', textOf(result))(live)
      : unchanged(live)
}

/** No result came in time: the model is told so (checklist 128). */
export const callTimedOut =
  ({ callId, name, runner, since, progress }: ToolCall): Rule<Live> =>
  (live) => {
    if (progress.is !== 'running') return unchanged(live)
    const seconds = Math.round((progress.until - since) / 1000)
    const abandoned: readonly Effect[] = runner === 'server' ? [{ type: 'abandon', callId }] : []
    return apply<Live>(
      live,
      order(...abandoned),
      note('tool timed out', 'no result came in time', { seconds }),
      callOver(callId, 'timed out', timedOut(name, seconds)),
    )
  }

/** The server died in the middle of its own tools: whether they did their work cannot be known, and none is run again. */
export const serverToolsCutOff: Rule<Live> = (live) =>
  apply(
    live,
    ...runningCalls(live)
      .filter(({ runner }) => runner === 'server')
      .map(({ callId, name }) => callOver(callId, 'failed', cutOff(name))),
    ...collectingCalls(live).map(({ callId }) => callRefused(callId, NOT_ENTERED)),
    closeEntry,
  )

/** The call has all its arguments by now. */
export const runCall =
  (callId: CallId, at: Millis): Rule<Live> =>
  (live) => {
    const call = live.calls.find((made) => made.callId === callId)
    const tool = live.config.tools.find(({ name }) => name === call?.name)
    if (!call || !tool) return callRefused(callId, NOT_ENTERED)(live)
    const { name, runner } = call
    const args = argumentsOf(live, callId)
    const wire = send({ type: 'tool.call', call_id: callId, name, arguments: { ...args } })
    const known = withoutSensitive(live, name, args)
    const invoke: readonly Effect[] = runner === 'server' ? [{ type: 'invoke', callId, name, arguments: known }] : []
    const fillers = runningCalls(live).length === 0 ? { ...live.fillers, inWait: 0, last: undefined } : live.fillers
    const running: ToolCall = {
      ...call,
      since: at,
      progress: { is: 'running', until: at + tool.timeout_seconds * 1000 },
    }
    return apply<Live>(
      mapCalls(
        { ...live, fillers },
        (made) => made.callId === callId,
        () => running,
      ),
      recordResult(callId, stillRunning(tool)),
      order(wire, ...invoke),
    )
  }

/** It does not run, and the model is told why. */
export const callRefused = (callId: CallId, text: string): Rule<Live> => callOver(callId, 'refused', text)

/** Calls that still wait for keys are not made: the model has turned to something else, and knows why. */
export const dropCollecting =
  (applies: (call: ToolCall) => boolean, why: string): Rule<Live> =>
  (live) => {
    const dropped = collectingCalls(live).filter(applies)
    const isAsked = dropped.some(({ callId }) => callId === live.entry?.callId)
    return apply(
      live,
      isAsked ? closeEntry : unchanged,
      ...dropped.map(({ callId }) => callRefused(callId, why)),
      tellCalls(dropped),
    )
  }

type Outcome = Extract<ToolCall['progress'], { is: 'over' }>['how']

const callOver = (callId: CallId, how: Outcome, text: string): Rule<Live> => {
  const over = (call: ToolCall): ToolCall => {
    const told = call.progress.is === 'over' ? call.progress.told : undefined
    return { ...call, progress: { is: 'over', how, told } }
  }
  return (live) =>
    apply(
      mapCalls(live, (call) => call.callId === callId, over),
      recordResult(callId, text),
      fillerMakesWay,
    )
}

const makeCall =
  (called: Called, at: Millis): Rule<Live> =>
  (live) => {
    const { reply } = live
    const tool = live.config.tools.find(({ name }) => name === called.name)
    if (!reply || !tool) return unchanged(live)
    const { callId, name } = called
    const runner = live.serverTools.includes(name) ? 'server' : 'client'
    const progress = { is: 'collecting' } as const
    const call: ToolCall = { ...plainCall(called, reply, at), runner, mode: tool.execution_mode, progress }
    const isAgain = (other: ToolCall) => other.name === name && other.reply !== reply.id
    const made = (next: Live): Live => ({
      ...next,
      calls: [...next.calls, call],
      reply: next.reply && withCall(next.reply, called, ENTERING),
    })
    return apply<Live>(
      live,
      dropCollecting(isAgain, CALLED_AGAIN),
      (next) => unchanged(made(next)),
      enteredArguments(live, name).length > 0 ? collectNext : runCall(callId, at),
    )
  }

const refuseCall =
  (called: Called, text: string, at: Millis): Rule<Live> =>
  (live) => {
    if (!live.reply) return unchanged(live)
    const progress = { is: 'over', how: 'refused', told: undefined } as const
    const call: ToolCall = { ...plainCall(called, live.reply, at), runner: 'client', mode: 'interactive', progress }
    const reply = withCall(live.reply, called, text)
    return apply<Live>(
      { ...live, calls: [...live.calls, call], reply },
      note('tool call refused', 'its arguments or its name are not in order', { calls: reply.calls.length }),
    )
  }

/** The same call runs already: it is not made twice, and what comes of it is spoken of after all. */
const joinCall =
  (called: Called, running: ToolCall): Rule<Live> =>
  (live) => {
    if (!live.reply) return unchanged(live)
    const wanted = mapCalls(
      live,
      ({ callId }) => callId === running.callId,
      (call) => ({ ...call, hushedBy: undefined }),
    )
    return unchanged({ ...wanted, reply: withCall(live.reply, called, RUNS_ALREADY) })
  }

const hangUp = (called: Called, at: Millis): Rule<Live> =>
  endWith({ is: 'hanging up', callId: called.callId }, called, goodbyeOf(called), HANGING_UP, at)

const putThrough =
  (called: Called, at: Millis): Rule<Live> =>
  (live) => {
    const target = targetOf(live, called)
    if (target === undefined) return refuseCall(called, namesNoTarget(live), at)(live)
    const ending = { is: 'transfer', callId: called.callId, target } as const
    return endWith(ending, called, wordsBefore(live, called), PUTTING_THROUGH, at)(live)
  }

/** `words` are spoken where the model has written none; `result` stands for what comes of the call. */
const endWith =
  (ending: Ending, called: Called, words: string, result: string, at: Millis): Rule<Live> =>
  (live) => {
    if (!live.reply) return unchanged(live)
    const lastWords = isWordless(live.reply) ? words : ''
    const reply = withCall(live.reply, called, result)
    return apply<Live>(
      { ...live, reply },
      callOffEnding,
      dropCollecting(() => true, NOT_ENTERED),
      (going) => unchanged({ ...going, ending }),
      note(ending.is, 'the agent wants to end the session'),
      lastWords === '' ? unchanged : (going) => forReply(reply.id, textWritten(lastWords, at))(going),
    )
  }

const askAgain =
  (reply: Reply, at: Millis): Rule<Live> =>
  (live) => {
    const ids = new Set(reply.calls.map(({ called }) => called.callId))
    const told = mapCalls(
      live,
      ({ callId }) => ids.has(callId),
      (call) => ({ ...call, progress: { is: 'over', how: 'refused', told: reply.id } }),
    )
    const next: Live = {
      ...told,
      history: appendReply(live.history, { text: '', interrupted: false, calls: reply.calls }),
      attempts: { rounds: live.attempts.rounds + 1, failures: live.attempts.failures + 1 },
    }
    const asking = { ...stillWriting(reply, at), calls: [], afterRefusal: true, rest: '' }
    return apply<Live>({ ...next, reply: { ...asking, mayCall: mayCall(next, reply.kind) } }, askModel)
  }

const isWordless = ({ clauses, rest }: Reply): boolean => clauses.length === 0 && rest.trim() === ''

const plainCall = ({ callId, name }: Called, reply: Reply, since: Millis) => ({
  callId,
  name,
  reply: reply.id,
  since,
  hushedBy: undefined,
})

const withCall = (reply: Reply, called: Called, text: string): Reply => ({
  ...reply,
  calls: [...reply.calls, { called, text }],
})

/** Some models count their calls anew in every reply; within a session no two calls have the same identifier. */
function ownId({ calls, history, start }: Live, reply: Reply, { callId }: Called): CallId {
  const isTaken = (id: CallId): boolean =>
    id === '' ||
    calls.some((call) => call.callId === id) ||
    reply.calls.some(({ called }) => called.callId === id) ||
    history.some((item) => item.role === 'tool' && item.callId === id)
  if (!isTaken(callId)) return callId
  let count = calls.length
  while (isTaken(newCallId(start.sessionId, count))) count += 1
  return newCallId(start.sessionId, count)
}

const isHangUp = ({ config }: Live, { name }: Called): boolean => name === END_CALL && config.parley?.end_call === true

const isTransfer = ({ phone }: Live, { name }: Called): boolean =>
  name === TRANSFER_CALL && phone !== undefined && phone.transferTargets.length > 0

const isRefused = ({ calls }: Live, callId: CallId): boolean =>
  calls.some((call) => call.callId === callId && call.progress.is === 'over' && call.progress.how === 'refused')

const noSuchCall = (message: string): Problem => ({ code: 'invalid_value', message, param: 'call_id' })

/** Some models refuse a result without words. */
const textOf = (result: string): string => (result.trim() === '' ? 'The tool gave an empty result.' : result)

const stillRunning = ({ execution_mode: mode }: Tool): string =>
  mode === 'hold'
    ? 'There is no result yet. Wait for it.'
    : 'There is no result yet: the tool still runs. Its result comes by itself; do not call the tool again for it.'

const RUNS_ALREADY = 'The same call was made before and still runs. Its result comes by itself.'

const NOT_ENTERED = 'The call was not made: what the caller was to enter for it on the keypad is not there.'
const CALLED_AGAIN = 'The call was not made: the tool was called again with other arguments.'

const cutOff = (name: string): string =>
  `${name} was cut off in the middle, so nothing is known of what came of it. It may have been done or not: tell the user so, and do not call it again unless they ask for it.`

const timedOut = (name: string, seconds: number): string =>
  `${name} gave no result within ${seconds} s, so nothing is known of what came of it. Apologise to the user and go on without it.`

// How a session opens, is configured in its course, and ends.
import type { Problem, ServerEvent } from '@parley/protocol'
import { runningCalls } from './calls.js'
import { change } from './changes.js'
import { configure, echo } from './config.js'
import { knownBefore } from './known-before.js'
import {
  apply,
  type EndReason,
  type Event,
  type Failure,
  type Millis,
  type Rule,
  type Step,
  send,
  unchanged,
} from './model.js'
import { firstPace } from './pace.js'
import { cutReply } from './reply.js'
import { whenLive } from './rules.js'
import type { Conversation, Live, Opening, Start } from './state.js'
import { closeTurn, noAttempts } from './user-turn.js'

type Updated = Extract<Event, { type: 'client.updated' }>

const ended: Conversation = { phase: 'ended' }

/** A connection that has just been opened, at 0 ms. Nothing is sent before the client speaks (checklist 26). */
export const opening = (start: Start): Conversation => ({
  phase: 'opening',
  start,
  stage: { is: 'waiting', until: start.firstMessageWithin },
})

/** The first update: a value that is wrong ends the session, a form that is wrong may be corrected (protocol.md 2.3). */
export function firstUpdate(opening: Opening, { patch, problems, at }: Updated): Step<Conversation> {
  const { start } = opening
  const malformed = problems.find(({ code }) => code === 'invalid_format')
  if (malformed) return [opening, [send(sessionError(start, malformed))]]
  const { agent_id: agentId, ...inline } = patch
  const isMixed =
    Object.values(inline).some((value) => value !== undefined) || problems.some(({ param }) => param !== 'agent_id')
  if (agentId !== undefined && isMixed) return refuse(start, AGENT_ID_EXCLUSIVE)
  if (problems[0]) return refuse(start, problems[0])
  if (agentId === undefined) {
    const config = configure(patch, start.defaultVoice)
    return prepare(opening, { config, serverTools: [], phone: undefined }, at)
  }
  return [{ ...opening, stage: { is: 'loading', until: at + readyWithin(start) } }, [{ type: 'load', agentId }]]
}

export function agentFound(
  opening: Opening,
  { config, serverTools, phone, variables, at }: Extract<Event, { type: 'agent.found' }>,
): Step<Conversation> {
  if (!config) return refuse(opening.start, AGENT_NOT_FOUND)
  return prepare(opening, { config, serverTools, phone, ...(variables && { variables }) }, at)
}

/** `session.ready`; the greeting is then owed. */
export function becomeReady(
  { start }: Opening,
  { config, serverTools, phone, variables }: Preparing,
  at: Millis,
): Step<Conversation> {
  const live: Live = {
    phase: 'live',
    start,
    config,
    since: at,
    endsAt: at + start.cap,
    stirredAt: at,
    connection: { is: 'up' },
    user: { is: 'silent' },
    turn: 1,
    isSounding: false,
    pace: firstPace,
    reply: undefined,
    replies: 0,
    requested: undefined,
    owed: { is: 'greeting' },
    history: knownBefore(start.sessionId, variables),
    serverTools,
    calls: [],
    attempts: noAttempts,
    fillers: { said: 0, inWait: 0, last: undefined },
    ending: undefined,
    phone,
    entry: undefined,
    quietSince: undefined,
  }
  return [live, [send(sessionReady(live))]]
}

/** What opens the session to a connection (checklist 29). The token is the server's to fill in. */
export const sessionReady = ({ start, config, endsAt }: Live): ServerEvent => ({
  type: 'session.ready',
  session_id: start.sessionId,
  config: echo(start.sessionId, config),
  expires_at: Math.floor((start.startedAtUnixMs + endsAt) / 1000),
  resume_token: '',
})

/** A later update: refused fields are told one by one, the others apply (checklist 47-59). */
export const updated =
  ({ patch, problems }: Updated): Rule<Live> =>
  (live) => {
    const { config, refused, acknowledged } = change(live.config, patch, problems)
    const errors = refused.map((problem) => send(sessionError(live.start, problem)))
    if (!acknowledged) return [live, errors]
    const acknowledgement = send({ type: 'session.updated', config: echo(live.start.sessionId, config) })
    // Tools that a client brings are the client's, whatever their names are.
    const serverTools = config.tools === live.config.tools ? live.serverTools : []
    return [{ ...live, config, serverTools }, [...errors, acknowledgement, { type: 'reconfigure', config }]]
  }

/** The first update did not come, or the engines were not ready in time. */
export function openingOverdue(opening: Opening): Step<Conversation> {
  if (opening.stage.is !== 'waiting')
    return failOpening(opening, 'The session could not be made ready in time. Try again.')
  const seconds = opening.start.firstMessageWithin / 1000
  return refuse(opening.start, {
    code: 'invalid_value',
    message: `No session.update came within ${seconds} s of connecting. Send session.update first.`,
  })
}

export function failOpening({ start }: Opening, message: string): Step<Conversation> {
  const error = sessionError(start, { code: 'internal_error', message })
  return [ended, [send(error), { type: 'close', code: 1011, reason: 'internal error' }]]
}

/** Tells the client what it did wrong; the session goes on. */
export const complain =
  (problem: Problem): Rule<Conversation> =>
  (conversation) =>
    conversation.phase === 'ended'
      ? unchanged(conversation)
      : [conversation, [send(sessionError(conversation.start, problem))]]

/** In good order: what the user was saying and the open reply are closed first, then `session.ended` (checklist 112). */
export const end =
  (reason: EndReason, at: Millis, transfer?: string): Rule<Conversation> =>
  (conversation) => {
    const duration = conversation.phase === 'live' ? at - conversation.since : 0
    const [, effects] = apply(conversation, whenLive(cutReply(at), closeTurn(at), abandonTools))
    return [ended, [...effects, { type: 'end', reason, duration, ...(transfer !== undefined && { transfer }) }]]
  }

/** A session that never became ready ends with its connection. */
export const openingLost: Step<Conversation> = [ended, [{ type: 'close', code: 1000, reason: 'connection lost' }]]

/** An engine without which the session cannot go on will not come back. */
export const engineLost =
  (engine: string, failure: Failure, at: Millis): Rule<Conversation> =>
  (conversation) => {
    if (conversation.phase === 'ended') return unchanged(conversation)
    const [, effects] = apply(conversation, whenLive(cutReply(at), closeTurn(at), abandonTools))
    const message = `The ${engine} engine of this session failed (${failure.code}). Open a new session.`
    return [
      ended,
      [
        ...effects,
        send(sessionError(conversation.start, { code: 'internal_error', message })),
        { type: 'close', code: 1011, reason: 'internal error' },
      ],
    ]
  }

/** Nobody waits any more for the tools that the server runs. */
const abandonTools: Rule<Live> = (live) => [
  live,
  runningCalls(live)
    .filter(({ runner }) => runner === 'server')
    .map(({ callId }) => ({ type: 'abandon', callId })),
]

type Preparing = Extract<Opening['stage'], { is: 'preparing' }>

/** protocol.md 2.1 */
const READY_WITHIN: Millis = 5000
const readyWithin = (start: Start): Millis => start.readyWithin ?? READY_WITHIN

const AGENT_ID_EXCLUSIVE: Problem = {
  code: 'invalid_value',
  message: 'agent_id is mutually exclusive with other session fields',
  param: 'agent_id',
}
const AGENT_NOT_FOUND: Problem = { code: 'agent_not_found', message: 'Agent not found', param: 'agent_id' }

function prepare(opening: Opening, agent: Omit<Preparing, 'is' | 'until'>, at: Millis): Step<Conversation> {
  const { start } = opening
  const { config } = agent
  return [
    { ...opening, stage: { is: 'preparing', until: at + readyWithin(start), ...agent } },
    [send({ type: 'session.updated', config: echo(start.sessionId, config) }), { type: 'prepare', config }],
  ]
}

const refuse = (start: Start, problem: Problem): Step<Conversation> => [
  ended,
  [send(sessionError(start, problem)), { type: 'close', code: 1008, reason: problem.code }],
]

/** Errors of the protocol itself have neither `param` nor `session_id` (checklist 64). */
function sessionError({ sessionId }: Start, { code, message, param }: Problem): ServerEvent {
  if (PROTOCOL_LEVEL.has(code)) return { type: 'session.error', code, message }
  return { type: 'session.error', code, message, param: param ?? null, session_id: sessionId }
}

const PROTOCOL_LEVEL: ReadonlySet<string> = new Set(['invalid_format', 'invalid_audio', 'audio_rate_violation'])

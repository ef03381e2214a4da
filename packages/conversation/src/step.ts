// The whole conversation in one function: step(conversation, event) -> [conversation, effects].
import { owingApology } from './apology.js'
import { hangsUpAt, reasonOf } from './call-ending.js'
import { overdueAt, runningCalls } from './calls.js'
import { connectionGone, connectionResumed, keepingMissed, lineGone } from './connection.js'
import { keyTouched, watchEntry } from './entry.js'
import { fillerDueAt, passTheTime } from './filler.js'
import { carryOn, replyAsked, userSpoke, watchSilence, wordsRecognised } from './floor.js'
import { append } from './history.js'
import { idleAt, stir } from './idleness.js'
import { decide, floorIsFree, interjectionStopped } from './interjection.js'
import { keysCollected, keysPressed } from './keypad.js'
import {
  agentFound,
  becomeReady,
  complain,
  end,
  engineLost,
  failOpening,
  firstUpdate,
  openingLost,
  openingOverdue,
  updated,
} from './lifecycle.js'
import { isDeafTo, machineAnswered, messageAfterOpening } from './machine.js'
import { apply, type Effect, type Event, type Millis, type Rule, type Step, unchanged } from './model.js'
import {
  clauseFinished,
  cutReply,
  failReply,
  finishesAt,
  forReply,
  playedOut,
  replyStalled,
  soundReached,
  soundSpoken,
  textWritten,
} from './reply.js'
import { note, whenLive } from './rules.js'
import type { Conversation, Live, Opening } from './state.js'
import { tellBegun, tellsAt } from './telling.js'
import { callTimedOut, clientAnswered, modelFinished, serverAnswered, toolCalled } from './tools.js'
import {
  recogniserFailed,
  silenceOver,
  speechEndsBy,
  speechStopped,
  speechTooLong,
  turnOver,
  turnPredicted,
} from './user-turn.js'

/**
 * What the conversation becomes, and what it orders, when `event` happens. Events come in the order of their times.
 * Deadlines are settled each at its own time, so a late timer never changes the outcome. Throws nothing.
 */
export function step(conversation: Conversation, event: Event): Step<Conversation> {
  return apply<Conversation>(
    conversation,
    keepingMissed(settle(event.at, 0), whenLive(stir(event.at, event)), lineGone(event)),
    keepingMissed((settled) => react(settled, event), whenLive(...afterwards(event.at)), settle(event.at, event.at)),
  )
}

/** What follows from whatever has happened. */
const afterwards = (at: Millis): readonly Rule<Live>[] => [floorIsFree(at), carryOn(at), watchSilence(at), watchEntry]

/** When the conversation next changes by itself, in ms since it was opened; undefined: not until something happens. */
export const nextDeadline = (conversation: Conversation): Millis | undefined => earliest(conversation)?.[0]

type Deadline = readonly [due: Millis, rule: (at: Millis) => Rule<Conversation>]

/** Every deadline is read off the state that needs it, with what it leads to. */
function deadlines(conversation: Conversation): readonly Deadline[] {
  if (conversation.phase === 'ended') return []
  if (conversation.phase === 'opening') {
    const { until } = conversation.stage
    return [[until, () => () => openingOverdue(conversation)]]
  }
  const { connection, user, reply, endsAt } = conversation
  const all: Deadline[] = [[endsAt, (at) => end('max_duration', at)]]
  if (connection.is === 'down') all.push([connection.until, connectionGone])
  const add = (due: Millis | undefined, rule: (at: Millis) => Rule<Live>): void => {
    if (due !== undefined) all.push([due, (at) => whenLive(stir(at), rule(at), ...afterwards(at))])
  }
  const idle = idleAt(conversation)
  if (idle !== undefined) all.push([idle, (at) => end('idle', at)])
  const hangsUp = hangsUpAt(conversation)
  const { ending } = conversation
  if (hangsUp !== undefined && ending !== undefined)
    all.push([hangsUp, (at) => end(reasonOf(ending), at, ending.is === 'transfer' ? ending.target : undefined)])
  for (const call of runningCalls(conversation)) add(overdueAt(conversation, call), () => callTimedOut(call))
  add(fillerDueAt(conversation), passTheTime)
  add(speechEndsBy(conversation), speechTooLong)
  if (user.is === 'pausing') add(user.until, silenceOver)
  if (user.is === 'settling') add(user.until, turnOver)
  if (user.is === 'interjecting') add(user.until, decide)
  if (!reply) return all
  add(tellsAt(reply), () => tellBegun)
  add(finishesAt(reply), () => playedOut)
  if (reply.writing.is === 'going on') add(reply.writing.until, (at) => owingApology(replyStalled('llm', at)))
  add(reply.soundDue, (at) => replyStalled('tts', at))
  return all
}

function earliest(conversation: Conversation): Deadline | undefined {
  let first: Deadline | undefined
  for (const deadline of deadlines(conversation)) if (!first || deadline[0] < first[0]) first = deadline
  return first
}

/** Lets everything due by `now` happen, each at its own time, but none before `notBefore`. */
const settle =
  (now: Millis, notBefore: Millis): Rule<Conversation> =>
  (conversation) => {
    const effects: Effect[] = []
    for (;;) {
      const next = earliest(conversation)
      if (!next || next[0] > now) return [conversation, effects]
      const [due, rule] = next
      const [settled, orders] = rule(Math.max(due, notBefore))(conversation)
      conversation = settled
      effects.push(...orders)
    }
  }

function react(conversation: Conversation, event: Event): Step<Conversation> {
  switch (conversation.phase) {
    case 'opening':
      return open(conversation, event)
    case 'live':
      return converse(conversation, event)
    case 'ended':
      return unchanged(conversation)
  }
}

function open(opening: Opening, event: Event): Step<Conversation> {
  const { stage } = opening
  switch (event.type) {
    case 'client.updated':
      return stage.is === 'waiting' ? firstUpdate(opening, event) : complain(NOT_READY)(opening)
    case 'client.resumed':
      return complain(RESUME_NOT_FIRST)(opening)
    case 'client.answered':
    case 'client.askedReply':
    case 'client.cancelledReply':
    case 'client.said':
      return complain(stage.is === 'waiting' ? UPDATE_FIRST : NOT_READY)(opening)
    case 'agent.found':
      return stage.is === 'loading' ? agentFound(opening, event) : unchanged(opening)
    case 'agent.unreadable':
      return stage.is === 'loading' ? failOpening(opening, UNREADABLE) : unchanged(opening)
    case 'engines.ready':
      return stage.is === 'preparing' ? readied(opening, stage, event.at) : unchanged(opening)
    case 'engine.failed':
      return event.engine === 'turn'
        ? unchanged(opening)
        : failOpening(opening, `The ${event.engine} engine could not be opened (${event.failure.code}). Try again.`)
    case 'client.ended':
      return end('client_end', event.at)(opening)
    case 'server.stopping':
      return end('server_stopping', event.at)(opening)
    case 'call.answeredByMachine':
      return machineAnswered(event.message, event.at)(opening)
    case 'connection.lost':
      return openingLost
    default:
      return unchanged(opening)
  }
}

/** Ready, and what was learned of the peer before. */
function readied(opening: Opening, stage: Parameters<typeof becomeReady>[1], at: Millis): Step<Conversation> {
  return apply<Conversation>(opening, () => becomeReady(opening, stage, at), messageAfterOpening(opening, at))
}

function converse(live: Live, event: Event): Step<Conversation> {
  const { at } = event
  if (isDeafTo(live, event)) return unchanged(live)
  switch (event.type) {
    case 'client.updated':
      return updated(event)(live)
    case 'client.resumed':
      return complain(RESUME_NOT_FIRST)(live)
    case 'client.answered':
      return answered(live, event)
    case 'client.askedReply':
      return replyAsked({ instructions: event.instructions }, at)(live)
    case 'client.cancelledReply':
      return forReply(event.replyId, () => cutReply(at))(live)
    case 'client.said':
      return unchanged({ ...live, history: append(live.history, { role: event.role, text: event.content }) })
    case 'client.ended':
      return end('client_end', at)(live)
    case 'server.stopping':
      return end('server_stopping', at)(live)
    case 'connection.resumed':
      return connectionResumed(at)(live)
    case 'vad.started':
      return userSpoke(event.since, at)({ ...live, isSounding: true })
    case 'vad.stopped':
      return apply<Live>(
        { ...live, isSounding: false },
        speechStopped(event.since),
        interjectionStopped(event.since, at),
      )
    case 'stt.partial':
      return wordsRecognised(event.turn, event.text, false, at)(live)
    case 'stt.final':
      return wordsRecognised(event.turn, event.text, true, at)(live)
    case 'turn.predicted':
      return event.turn === live.turn ? turnPredicted(event.complete)(live) : unchanged(live)
    case 'llm.wrote':
      return forReply(event.reply, textWritten(event.text, at))(live)
    case 'llm.called':
      return forReply(event.reply, toolCalled(event))(live)
    case 'llm.finished':
      return forReply(event.reply, modelFinished(at))(live)
    case 'tts.spoke':
      return forReply(event.reply, soundSpoken(event.clause, event.length, at))(live)
    case 'tts.finished':
      return forReply(event.reply, clauseFinished(event.clause, event.words, at))(live)
    case 'keypad.touched':
      return keyTouched(event.callId, at)(live)
    case 'keypad.pressed':
      return keysPressed(event.keys, at)(live)
    case 'keypad.collected':
      return keysCollected(event)(live)
    case 'call.answeredByMachine':
      return machineAnswered(event.message, at)(live)
    case 'playout.reached':
      return forReply(event.reply, soundReached(event.offset, at))(live)
    case 'engine.failed':
      return engineFailed(event)(live)
    case 'tool.answered':
      return serverAnswered(event)(live)
    case 'connection.lost':
    case 'agent.found':
    case 'agent.unreadable':
    case 'engines.ready':
    case 'clock.ticked':
      return unchanged(live)
  }
}

/** An answer that nobody waits for is told to the client; the session goes on. */
function answered(live: Live, event: Extract<Event, { type: 'client.answered' }>): Step<Conversation> {
  const outcome = clientAnswered(live, event)
  return 'code' in outcome ? complain(outcome)(live) : outcome
}

/** A failed reply is told to the client, and by voice to the caller; a failed recogniser must not leave a turn waiting. */
function engineFailed({
  engine,
  reply,
  failure,
  fatal,
  at,
}: Extract<Event, { type: 'engine.failed' }>): Rule<Conversation> {
  const noted = note('engine failed', `${engine}: ${failure.code}`)
  const failed = forReply(reply, failReply(failure, at))
  const reported = engine === 'llm' ? owingApology(failed) : failed
  const released = engine === 'stt' ? recogniserFailed(at) : unchanged
  const rules = [whenLive(noted, reported, released)]
  return (conversation) =>
    apply(conversation, ...rules, fatal && engine !== 'turn' ? engineLost(engine, failure, at) : unchanged)
}

const UNREADABLE = 'The stored agent could not be read. Try again.'
const UPDATE_FIRST = {
  code: 'invalid_value',
  message: 'The session is not configured yet. Send session.update first.',
} as const
const NOT_READY = {
  code: 'invalid_value',
  message: 'The session is not ready yet. Wait for session.ready, then send this again.',
} as const
const RESUME_NOT_FIRST = {
  code: 'invalid_value',
  message: 'session.resume can only be the first message of a connection.',
} as const

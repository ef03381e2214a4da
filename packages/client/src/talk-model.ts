// A conversation as a page shows it: a pure step from what happened to what is seen and what the speaker is told.
import type { TimedServerEvent } from '@parley/protocol'
import { agentEnded, agentHeard, agentInterrupted, agentPlayed, agentWord, type Turn, userSaid } from './transcript.js'

export type Activity = 'connecting' | 'reconnecting' | 'listening' | 'hearing you' | 'thinking' | 'speaking' | 'ended'

export interface TalkModel {
  readonly phase: 'connecting' | 'live' | 'reconnecting' | 'ended'
  readonly turns: readonly Turn[]
  readonly userSpeaks: boolean
  /** The reply that the server has open. Only its sound is played (protocol.md section 4, "Playback rules"). */
  readonly open: string | undefined
  /** The reply whose sound is complete and still being played. */
  readonly finishing: string | undefined
  /** The reply that is heard now. */
  readonly sounding: string | undefined
  /** The last reply that had any sound. */
  readonly voiced: string | undefined
  /** The user's question that waits for its answer to be heard. */
  readonly asked: Asked | undefined
  /** From the end of each question to the first sound of its answer, in ms; the latest last. */
  readonly latenciesMs: readonly number[]
}

interface Asked {
  readonly by: 'voice' | 'text'
  /** Seconds of the audio clock. */
  readonly at: number
}

/** Times are seconds of the audio clock: one clock for the microphone and the speaker. */
export type TalkEvent =
  | TimedServerEvent
  | ({ readonly type: 'user.asked' } & Asked)
  | { readonly type: 'user.typed'; readonly id: string; readonly text: string }
  | { readonly type: 'speaker.audible'; readonly reply: string; readonly at: number }
  | { readonly type: 'speaker.position'; readonly reply: string; readonly ms: number }
  | { readonly type: 'speaker.finished'; readonly reply: string }
  | { readonly type: 'session.lost' }
  | { readonly type: 'session.closed' }

export type TalkOrder = { readonly type: 'flush' } | { readonly type: 'finish'; readonly reply: string }
export type TalkStep = readonly [TalkModel, readonly TalkOrder[]]

const LATENCIES_KEPT = 20

export const opening: TalkModel = {
  phase: 'connecting',
  turns: [],
  userSpeaks: false,
  open: undefined,
  finishing: undefined,
  sounding: undefined,
  voiced: undefined,
  asked: undefined,
  latenciesMs: [],
}

/** What the agent does now. */
export function activity(model: TalkModel): Activity {
  if (model.phase !== 'live') return model.phase
  if (model.userSpeaks) return 'hearing you'
  if (model.sounding) return 'speaking'
  if (model.open || model.asked?.by === 'text') return 'thinking'
  return 'listening'
}

/** Sound of a reply that was cut, or never opened, is not played. */
export const mayPlay = (model: TalkModel, reply: string): boolean => model.open === reply

export function step(model: TalkModel, event: TalkEvent): TalkStep {
  switch (event.type) {
    case 'session.ready':
      return quietly({ ...model, phase: 'live' })
    case 'session.ended':
    case 'session.closed':
      return [{ ...silenced(model), phase: 'ended', open: undefined, userSpeaks: false }, [flush]]
    case 'session.lost':
      return lost(model)
    case 'input.speech.started':
      return [{ ...silenced(model), userSpeaks: true, asked: undefined }, [flush]]
    case 'input.speech.stopped':
      return quietly({ ...model, userSpeaks: false })
    case 'transcript.user.delta':
      return quietly({ ...model, turns: userSaid(model.turns, event.item_id, event.text, false) })
    case 'transcript.user':
      return quietly({ ...model, turns: userSaid(model.turns, event.item_id, event.text, true) })
    case 'user.typed':
      return quietly({ ...model, turns: userSaid(model.turns, event.id, event.text, true) })
    case 'user.asked':
      return quietly({ ...model, asked: { by: event.by, at: event.at } })
    case 'reply.started':
      return quietly({ ...model, open: event.reply_id })
    case 'reply.audio':
      return quietly(model.voiced === event.reply_id ? model : { ...model, voiced: event.reply_id })
    case 'transcript.agent.delta': {
      const word = { text: event.delta, startMs: event.start_ms }
      return quietly({ ...model, turns: agentWord(model.turns, event.reply_id, word) })
    }
    case 'transcript.agent':
      return quietly({ ...model, turns: agentEnded(model.turns, event.reply_id, event.text, event.interrupted) })
    case 'reply.done':
      return event.status === 'interrupted' ? cut(model, event.reply_id) : completed(model, event.reply_id)
    case 'speaker.audible':
      return quietly(isHeard(model, event.reply) ? answered(model, event.reply, event.at) : model)
    case 'speaker.position':
      return quietly(heard(model, event.reply, event.ms))
    case 'speaker.finished':
      return quietly(model.finishing === event.reply ? played(model, event.reply) : model)
    default:
      return quietly(model)
  }
}

const flush: TalkOrder = { type: 'flush' }
const quietly = (model: TalkModel): TalkStep => [model, []]

/** Reports of the speaker cross with orders to it: what it says of a reply that was silenced since is void. */
const isHeard = (model: TalkModel, reply: string): boolean => reply === model.open || reply === model.finishing

/** Nothing is heard any more; what was complete counts as played. */
function silenced(model: TalkModel): TalkModel {
  const { finishing, turns } = model
  return {
    ...model,
    turns: finishing ? agentPlayed(turns, finishing) : turns,
    finishing: undefined,
    sounding: undefined,
  }
}

function cut(model: TalkModel, reply: string): TalkStep {
  const turns = agentInterrupted(model.turns, reply)
  return [{ ...silenced(model), turns, open: undefined }, [flush]]
}

/** The reply that was open is over; that the user spoke is told anew once the session goes on. */
function lost(model: TalkModel): TalkStep {
  const [cutShort, orders] = model.open ? cut(model, model.open) : [silenced(model), [flush]]
  return [{ ...cutShort, phase: 'reconnecting', userSpeaks: false, asked: undefined }, orders]
}

function completed(model: TalkModel, reply: string): TalkStep {
  const closed: TalkModel = { ...model, open: undefined, asked: model.voiced === reply ? model.asked : undefined }
  if (model.voiced !== reply) return quietly({ ...closed, turns: agentPlayed(model.turns, reply) })
  return [{ ...closed, finishing: reply }, [{ type: 'finish', reply }]]
}

function answered(model: TalkModel, reply: string, at: number): TalkModel {
  const heardNow: TalkModel = { ...model, sounding: reply, asked: undefined }
  if (!model.asked) return heardNow
  const latencyMs = Math.round((at - model.asked.at) * 1000)
  return { ...heardNow, latenciesMs: [...model.latenciesMs, latencyMs].slice(-LATENCIES_KEPT) }
}

function heard(model: TalkModel, reply: string, ms: number): TalkModel {
  if (!isHeard(model, reply)) return model
  const turns = agentHeard(model.turns, reply, ms)
  return turns === model.turns && model.sounding === reply ? model : { ...model, turns, sounding: reply }
}

function played(model: TalkModel, reply: string): TalkModel {
  const sounding = model.sounding === reply ? undefined : model.sounding
  return { ...model, turns: agentPlayed(model.turns, reply), finishing: undefined, sounding }
}

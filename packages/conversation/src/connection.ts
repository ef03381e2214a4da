// The connection of a live session: lost, resumed by another within the grace, or gone for good (protocol.md 2.6).
import type { ServerEvent } from '@parley/protocol'
import { allowForAnswers } from './calls.js'
import { afterAbsence } from './entry.js'
import { watchSilence } from './floor.js'
import { floorIsFree } from './interjection.js'
import { end, sessionReady } from './lifecycle.js'
import { apply, type Effect, type Event, type Millis, type Rule, type Step, send, unchanged } from './model.js'
import { loseReply } from './reply.js'
import { note, order } from './rules.js'
import type { Conversation, Live } from './state.js'
import { serverToolsCutOff } from './tools.js'
import { announce, commit, tellWords } from './user-turn.js'

/**
 * A line is gone before the conversation hears of it, and a new one carries nothing before `session.ready`: what is
 * settled on the occasion reaches nobody. The open reply is cut. What the user was saying goes on as speech that has
 * fallen silent: its last words are still being recognised, and should the connection be back before the turn is over,
 * the user goes on with the same thought.
 */
export const lineGone =
  ({ type, at }: Event): Rule<Conversation> =>
  (conversation) => {
    const isGone = type === 'connection.lost' || type === 'connection.resumed'
    return isGone && conversation.phase === 'live' && conversation.connection.is === 'up'
      ? goDown(at)(conversation)
      : unchanged(conversation)
  }

/** Nobody came back: the session ends without a word (checklist 123). */
export const connectionGone = (at: Millis): Rule<Conversation> => end('participant_disconnected', at)

/** The new connection begins with `session.ready`; then it learns what happened meanwhile (checklist 117, 119). */
export const connectionResumed =
  (at: Millis): Rule<Live> =>
  (live) =>
    apply(live, comeBack, allowForAnswers(at))

/**
 * A stored conversation, after the server that held it has died: the connection was lost at `at`, and with it the
 * recogniser and the tools that it ran, so the words of an open turn are all that will come of it.
 */
export const revive = (stored: Live, at: Millis): Step<Conversation> =>
  keepMissed(
    apply<Live>(
      { ...stored, isSounding: false },
      stored.connection.is === 'up' ? goDown(at) : unchanged,
      floorIsFree(at),
      commit(at, 'the server was started again'),
      serverToolsCutOff,
      watchSilence(at),
    ),
  )

/** Remembers what a client that comes back has to be told of what rules send once nobody is connected. */
export const keepingMissed =
  (...rules: readonly Rule<Conversation>[]): Rule<Conversation> =>
  (conversation) =>
    keepMissed(apply(conversation, ...rules))

const MOST_MISSED = 100

/** Without the words of the user an answer to them makes no sense; without the call nobody answers it. */
const isKept = ({ type }: ServerEvent): boolean => type === 'transcript.user' || type === 'tool.call'

/** A greeting is not given again, even if nobody heard it (checklist 119). */
const goDown =
  (at: Millis): Rule<Live> =>
  (live) => {
    const [cut, effects] = apply(live, note('connection lost', 'it can be resumed'), loseReply(at))
    const owed = cut.owed?.is === 'greeting' ? undefined : cut.owed
    return [{ ...cut, owed, connection: { is: 'down', until: at + live.start.grace, missed: [] } }, effects]
  }

const comeBack: Rule<Live> = (live) => {
  const missed = live.connection.is === 'down' ? live.connection.missed : []
  const back: Live = { ...live, connection: { is: 'up' }, entry: afterAbsence(live.entry) }
  return apply<Live>(back, order(send(sessionReady(back)), ...missed.map(deliver)), tellOpenTurn)
}

/** The new connection does not know yet that the user is in the middle of a turn. */
const tellOpenTurn: Rule<Live> = (live) => {
  const { user } = live
  if (user.is === 'silent' || user.said.told === undefined) return unchanged(live)
  const untold: Live = { ...live, user: { ...user, said: { ...user.said, told: undefined } } }
  const [told, effects] = apply(untold, announce, tellWords)
  return [told, effects.map((effect) => (effect.type === 'send' ? deliver(effect.event) : effect))]
}

/** A step, with what the client has yet to be told of it kept for later while nobody is connected. */
export function keepMissed([conversation, effects]: Step<Conversation>): Step<Conversation> {
  if (conversation.phase !== 'live' || conversation.connection.is === 'up') return [conversation, effects]
  const more = effects.flatMap((effect) => (effect.type === 'send' && isKept(effect.event) ? [effect.event] : []))
  if (more.length === 0) return [conversation, effects]
  const missed = [...conversation.connection.missed, ...more].slice(-MOST_MISSED)
  return [{ ...conversation, connection: { ...conversation.connection, missed } }, effects]
}

const deliver = (event: ServerEvent): Effect => ({ type: 'deliver', event })

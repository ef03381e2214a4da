// The agent's reply: written, cut into clauses, made into sound, then played out or cut short.
import { callOffEnding, ENDING_CALLS, isEnding } from './call-ending.js'
import { hushCalls, untellCalls } from './calls.js'
import { cutClauses, spoken } from './clauses.js'
import { askModel, mayCall } from './generation.js'
import { appendReply } from './history.js'
import { agentItemId, replyId } from './identifiers.js'
import {
  apply,
  type Effect,
  type Failure,
  type Millis,
  type ReplyId,
  type Rule,
  send,
  unchanged,
  type Word,
} from './model.js'
import { playedOutAt, soundMade, soundPlayed, unplayed } from './playing.js'
import { order } from './rules.js'
import type { Live, Reply, ReplyKind } from './state.js'
import { tellClauses, wordsHeardBy } from './telling.js'
import { isAudible } from './turn-taking.js'

/** The language model writes it. `answers`: when the user had fallen silent. */
export const startReply =
  (
    kind: ReplyKind,
    at: Millis,
    { instructions, answers }: { instructions?: string | undefined; answers?: Millis } = {},
  ): Rule<Live> =>
  (live) =>
    apply(live, opened({ ...blank(live, kind, at), instructions, answers }), askModel)

/** The greeting is spoken as it stands (checklist 71, 72). */
export const greet =
  (at: Millis): Rule<Live> =>
  (live) =>
    recite('greeting', live.config.greeting ?? '', at)(live)

/** Words that the language model has no part in. */
export const recite =
  (kind: ReplyKind, text: string, at: Millis): Rule<Live> =>
  (live) => {
    if (text.trim() === '') return unchanged({ ...live, owed: undefined })
    const reply: Reply = { ...blank(live, kind, at), writing: { is: 'finished' } }
    const { clauses, rest } = cutClauses(text, false)
    return apply(live, opened(reply), orderClauses([...clauses, rest], true, at)(reply))
  }

/** Runs a rule only for the reply in progress: what a dead reply still yields stops here. */
export const forReply =
  (id: ReplyId | undefined, rule: (reply: Reply) => Rule<Live>): Rule<Live> =>
  (live) =>
    live.reply !== undefined && live.reply.id === id ? rule(live.reply)(live) : unchanged(live)

export const textWritten =
  (text: string, at: Millis) =>
  (reply: Reply): Rule<Live> => {
    if (reply.writing.is === 'finished') return unchanged
    const { clauses, rest } = cutClauses(reply.rest + text, reply.clauses.length === 0)
    const written: Reply = { ...stillWriting(reply, at), rest }
    if (clauses.length === 0) return (live) => unchanged({ ...live, reply: written })
    return orderClauses(
      clauses.map((clause) => `${spoken(clause)} `),
      false,
      at,
    )(written)
  }

/** The model has given a sign of life. */
export const stillWriting = (reply: Reply, at: Millis): Reply => ({
  ...reply,
  writing: { is: 'going on', until: at + WRITES_WITHIN },
})

export const textFinished =
  (at: Millis) =>
  (reply: Reply): Rule<Live> => {
    if (reply.writing.is === 'finished') return unchanged
    const written: Reply = { ...reply, rest: '', writing: { is: 'finished' } }
    const { clauses, rest } = cutClauses(reply.rest, reply.clauses.length === 0)
    const texts = [...clauses.map((clause) => `${spoken(clause)} `), spoken(rest)]
    if (reply.clauses.length > 0 || texts.some((text) => text !== '')) return orderClauses(texts, true, at)(written)
    return (live) => apply<Live>({ ...live, reply: written }, close('completed', ''))
  }

/** A piece of the sound of the clause in the making. */
export const soundSpoken =
  (clause: number, length: Millis, at: Millis) =>
  (reply: Reply): Rule<Live> =>
  (live) => {
    if (!isInTheMaking(reply, clause) || length <= 0) return unchanged(live)
    const making = { offset: soundStart(reply), length: (reply.making?.length ?? 0) + length }
    const playing = soundMade(reply.playing, length, at)
    return unchanged({ ...live, reply: { ...reply, making, playing, soundDue: soundDue(playing, at) } })
  }

export const clauseFinished =
  (clause: number, words: readonly Word[] | undefined, at: Millis) =>
  (reply: Reply): Rule<Live> =>
  (live) => {
    if (!isInTheMaking(reply, clause)) return unchanged(live)
    const made = [...reply.made, { ...(reply.making ?? { offset: soundStart(reply), length: 0 }), words }]
    const due = made.length < reply.clauses.length ? soundDue(reply.playing, at) : undefined
    return unchanged({ ...live, reply: { ...reply, made, making: undefined, soundDue: due } })
  }

/** The peer tells that it has played the reply up to `offset`. */
export const soundReached =
  (offset: Millis, at: Millis) =>
  (reply: Reply): Rule<Live> =>
  (live) =>
    unchanged({ ...live, reply: { ...reply, playing: soundPlayed(reply.playing, offset, at) } })

/** When a reply of which all sound is made will have been played: 0 if there is none; undefined while there is more to come. */
export function finishesAt(reply: Reply): Millis | undefined {
  if (reply.writing.is !== 'finished' || reply.made.length < reply.clauses.length) return undefined
  return reply.playing.is === 'nothing' ? 0 : playedOutAt(reply.playing)
}

export const playedOut: Rule<Live> = (live) => {
  const { reply } = live
  if (!reply) return unchanged(live)
  const text = reply.playing.is === 'nothing' ? '' : reply.clauses.join('')
  return apply(live, tellClauses(reply.clauses.length), close('completed', text))
}

/** The user takes the floor: what was not heard is still owed. `announce` tells the client first (checklist 96). */
export const interruptReply =
  (at: Millis, announce: Rule<Live> = unchanged): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return announce(live)
    const heard = wordsHeardBy(reply, at)
    return apply<Live>(
      live,
      order({ type: 'cancel', reply: reply.id }),
      announce,
      close('interrupted', heard),
      heard === '' ? notHeard(reply) : reply.kind === 'filler' ? unchanged : hushCalls,
      owe(reply, heard),
    )
  }

/** Makes way for something better while nothing of it was heard. */
export const dropReply: Rule<Live> = (live) => {
  const { reply } = live
  if (!reply || isAudible(reply)) return unchanged(live)
  return apply<Live>(live, order({ type: 'cancel', reply: reply.id }), close('completed', ''))
}

/** The connection is lost: a reply of which nothing was heard is still owed; one that was begun is not repeated. */
export const loseReply =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    const heard = wordsHeardBy(reply, at)
    return apply<Live>(
      live,
      order({ type: 'cancel', reply: reply.id }),
      close('interrupted', heard),
      ...(heard === '' ? [notHeard(reply), owe(reply, heard)] : []),
    )
  }

/** Cut short by the client or by the end of the session: nothing is owed. */
export const cutReply =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    return apply<Live>(live, order({ type: 'cancel', reply: reply.id }), close('interrupted', wordsHeardBy(reply, at)))
  }

/** The caller hears why there is silence (checklist 170); the status says whether speech had begun (Q9). */
export const failReply =
  (failure: Failure, at: Millis) =>
  (reply: Reply): Rule<Live> => {
    const heard = wordsHeardBy(reply, at)
    const began = reply.playing.is !== 'nothing' || heard !== ''
    const error = send({
      type: 'reply.error',
      reply_id: reply.id,
      code: failure.code,
      message: failure.message,
      retryable: failure.retryable,
      ...(failure.statusCode !== undefined && { status_code: failure.statusCode }),
      ...(failure.providerCode !== undefined && { provider_code: failure.providerCode }),
    })
    return (live) =>
      apply<Live>(
        live,
        order(error),
        order({ type: 'cancel', reply: reply.id }),
        close(began ? 'interrupted' : 'completed', heard),
      )
  }

/** A reply that neither writes nor sounds in time. */
export const replyStalled = (engine: 'llm' | 'tts', at: Millis): Rule<Live> => {
  const failure =
    engine === 'llm'
      ? {
          code: 'llm_timeout',
          message: `The language model wrote nothing for ${WRITES_WITHIN / 1000} s.`,
          retryable: true,
        }
      : { code: 'tts_timeout', message: `The voice made no sound for ${SOUNDS_WITHIN / 1000} s.`, retryable: true }
  return (live) =>
    live.reply
      ? apply(live, order({ type: 'report', engine, failure }), failReply(failure, at)(live.reply))
      : unchanged(live)
}

/** Together with an apology a caller waits for less than 8 s, whichever engine it is that fails. */
const WRITES_WITHIN: Millis = 6_000
const SOUNDS_WITHIN: Millis = 7_000

const opened =
  (reply: Reply): Rule<Live> =>
  (live) => [
    { ...live, replies: live.replies + 1, reply, owed: undefined, quietSince: undefined },
    [send({ type: 'reply.started', reply_id: reply.id, item_id: reply.item })],
  ]

const blank = (live: Live, kind: ReplyKind, at: Millis): Reply => ({
  id: replyId(live.start.sessionId, live.replies + 1),
  item: agentItemId(live.start.sessionId, live.replies + 1),
  kind,
  medium: live.config.output.type,
  instructions: undefined,
  answers: undefined,
  mayCall: mayCall(live, kind),
  calls: [],
  afterRefusal: false,
  askedAgain: false,
  rest: '',
  writing: { is: 'going on', until: at + WRITES_WITHIN },
  clauses: [],
  made: [],
  making: undefined,
  soundDue: undefined,
  playing: unplayed(live.start.confirmsPlayout),
  told: 0,
})

/** Hands clauses to the voice, or straight to the client where there is none. `last`: the reply has no more. */
const orderClauses =
  (texts: readonly string[], last: boolean, at: Millis) =>
  (reply: Reply): Rule<Live> =>
  (live) => {
    const clauses = [...reply.clauses, ...texts.filter((text) => text !== '')]
    if (reply.medium === 'text') {
      const silent = { ...reply, clauses }
      return apply<Live>(
        { ...live, reply: silent },
        tellClauses(clauses.length),
        last ? close('completed', clauses.join('')) : unchanged,
      )
    }
    const due = reply.soundDue ?? (clauses.length > reply.made.length ? soundDue(reply.playing, at) : undefined)
    const effects = texts.map(
      (text, index): Effect => ({
        type: 'speak',
        reply: reply.id,
        clause: reply.clauses.length + index,
        text: text.trim(),
        last: last && index === texts.length - 1,
      }),
    )
    return [{ ...live, reply: { ...reply, clauses, soundDue: due } }, effects]
  }

/** The voice makes clauses in order, and only those that were ordered. */
const isInTheMaking = (reply: Reply, clause: number): boolean =>
  reply.medium === 'audio' && clause === reply.made.length && clause < reply.clauses.length

const soundStart = (reply: Reply): Millis => {
  if (reply.making) return reply.making.offset
  const before = reply.made.at(-1)
  return before ? before.offset + before.length : 0
}

/** A voice is late only once there is nothing left to play. */
const soundDue = (playing: Reply['playing'], at: Millis): Millis =>
  Math.max(at, playing.is === 'nothing' ? at : playing.until) + SOUNDS_WITHIN

const close =
  (status: 'completed' | 'interrupted', text: string): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    const done = send({ type: 'reply.done', reply_id: reply.id, status })
    const held: readonly Effect[] =
      status === 'completed' && reply.playing.is === 'held' ? [{ type: 'resume', reply: reply.id }] : []
    const interrupted = status === 'interrupted'
    const words = text.trim() === '' ? '' : text
    // What passes the time is nothing to build on: the model reads its calls and their results without it.
    const history =
      reply.kind === 'filler'
        ? live.history
        : appendReply(live.history, { text: words, interrupted, calls: reply.calls })
    const transcript = { type: 'transcript.agent', reply_id: reply.id, item_id: reply.item, text, interrupted } as const
    return [{ ...live, reply: undefined, history }, [...held, ...(words === '' ? [] : [send(transcript)]), done]]
  }

/** As if the reply had never been: what it was to tell is still to be told, and a goodbye in it was none. */
const notHeard = (reply: Reply): Rule<Live> => {
  const ends = (live: Live): boolean => reply.calls.some(({ called }) => isEnding(live, called.callId))
  return (live) => apply(live, untellCalls(reply.id), ends(live) ? callOffEnding : unchanged)
}

/** What comes of a call is spoken of by itself. */
const bringsAnother = ({ calls }: Reply): boolean => calls.some(({ called }) => !ENDING_CALLS.has(called.name))

/** What the user's taking the floor leaves to be said, should no words follow. */
const owe =
  (reply: Reply, heard: string): Rule<Live> =>
  (live) => {
    if (reply.kind === 'filler' || bringsAnother(reply)) return unchanged(live)
    switch (heard === '' || reply.kind === 'keypad' ? reply.kind : 'heard') {
      case 'greeting':
        return unchanged({ ...live, owed: { is: 'greeting' } })
      case 'answer':
        return unchanged({ ...live, owed: { is: 'answer', silentSince: reply.answers ?? 0 } })
      case 'requested':
        return unchanged({ ...live, requested: live.requested ?? { instructions: reply.instructions } })
      case 'recovery':
        return unchanged({ ...live, owed: { is: 'recovery' } })
      case 'apology':
        return unchanged({ ...live, owed: { is: 'apology', lost: 'all' } })
      case 'heard':
        return unchanged({ ...live, owed: reply.kind === 'recovery' ? undefined : { is: 'recovery' } })
      case 'keypad':
        return unchanged({ ...live, owed: live.entry && { is: 'prompt' } })
      case 'result':
      case 'message':
        return unchanged(live)
    }
  }

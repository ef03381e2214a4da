// The agent's reply: written, cut into clauses, made into sound, then played out or cut short.
import { cutClauses, spoken } from './clauses.js'
import { append } from './history.js'
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
import { playedOutAt, soundMade } from './playing.js'
import { note, order } from './rules.js'
import type { Live, Reply, ReplyKind } from './state.js'
import { tellClauses, wordsHeardBy } from './telling.js'

/** The language model writes it. `answers`: when the user had fallen silent. */
export const startReply =
  (
    kind: ReplyKind,
    at: Millis,
    { instructions, answers }: { instructions?: string | undefined; answers?: Millis } = {},
  ): Rule<Live> =>
  (live) => {
    const reply: Reply = { ...blank(live, kind, at), instructions, answers }
    return [
      { ...live, replies: live.replies + 1, reply, owed: undefined },
      [
        started(reply),
        {
          type: 'generate',
          reply: reply.id,
          system: live.config.system_prompt,
          history: live.history,
          tools: [],
          ...(instructions !== undefined && { instructions }),
        },
      ],
    ]
  }

/** The greeting is spoken as it stands: the language model has no part in it (checklist 71, 72). */
export const greet =
  (at: Millis): Rule<Live> =>
  (live) => {
    const text = live.config.greeting ?? ''
    if (text.trim() === '') return unchanged({ ...live, owed: undefined })
    const reply: Reply = { ...blank(live, 'greeting', at), writing: { is: 'finished' } }
    const { clauses, rest } = cutClauses(text, false)
    const [next, effects] = orderClauses([...clauses, rest], true, at)(reply)({
      ...live,
      replies: live.replies + 1,
      owed: undefined,
    })
    return [next, [started(reply), ...effects]]
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
    const written: Reply = { ...reply, rest, writing: { is: 'going on', until: at + WRITES_WITHIN } }
    if (clauses.length === 0) return (live) => unchanged({ ...live, reply: written })
    return orderClauses(
      clauses.map((clause) => `${spoken(clause)} `),
      false,
      at,
    )(written)
  }

export const textFinished =
  (at: Millis) =>
  (reply: Reply): Rule<Live> => {
    if (reply.writing.is === 'finished') return unchanged
    const written: Reply = { ...reply, rest: '', writing: { is: 'finished' } }
    const { clauses, rest } = cutClauses(reply.rest, reply.clauses.length === 0)
    const texts = [...clauses.map((clause) => `${spoken(clause)} `), spoken(rest)]
    if (reply.clauses.length > 0 || texts.some((text) => text !== '')) return orderClauses(texts, true, at)(written)
    return (live) =>
      apply(
        { ...live, reply: written },
        note('empty reply', 'the language model wrote no words'),
        close('completed', ''),
      )
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
      owe(reply, heard),
    )
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
      heard === '' ? owe(reply, heard) : unchanged,
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
  return (live) => (live.reply ? failReply(failure, at)(live.reply)(live) : unchanged(live))
}

const WRITES_WITHIN: Millis = 15_000
const SOUNDS_WITHIN: Millis = 10_000

const started = (reply: Reply): Effect => send({ type: 'reply.started', reply_id: reply.id, item_id: reply.item })

const blank = (live: Live, kind: ReplyKind, at: Millis): Reply => ({
  id: replyId(live.start.sessionId, live.replies + 1),
  item: agentItemId(live.start.sessionId, live.replies + 1),
  kind,
  medium: live.config.output.type,
  instructions: undefined,
  answers: undefined,
  rest: '',
  writing: { is: 'going on', until: at + WRITES_WITHIN },
  clauses: [],
  made: [],
  making: undefined,
  soundDue: undefined,
  playing: { is: 'nothing' },
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
    if (text.trim() === '') return [{ ...live, reply: undefined }, [...held, done]]
    const interrupted = status === 'interrupted'
    const transcript = send({ type: 'transcript.agent', reply_id: reply.id, item_id: reply.item, text, interrupted })
    const history = append(live.history, { role: 'agent', text, ...(interrupted && { interrupted }) })
    return [{ ...live, reply: undefined, history }, [...held, transcript, done]]
  }

/** What the user's taking the floor leaves to be said, should no words follow. */
const owe =
  (reply: Reply, heard: string): Rule<Live> =>
  (live) => {
    switch (heard === '' ? reply.kind : 'heard') {
      case 'greeting':
        return unchanged({ ...live, owed: { is: 'greeting' } })
      case 'answer':
        return unchanged({ ...live, owed: { is: 'answer', silentSince: reply.answers ?? 0 } })
      case 'requested':
        return unchanged({ ...live, requested: live.requested ?? { instructions: reply.instructions } })
      case 'recovery':
        return unchanged({ ...live, owed: { is: 'recovery' } })
      case 'heard':
        return unchanged({ ...live, owed: reply.kind === 'recovery' ? undefined : { is: 'recovery' } })
    }
  }

// The user's turn: silent -> speaking <-> pausing -> settling -> silent.
import { callOffEnding } from './call-ending.js'
import { unhushCalls, untoldCalls } from './calls.js'
import { afterWords } from './entry.js'
import { appendUserWords, lastWordsOfAgent } from './history.js'
import { userItemId } from './identifiers.js'
import { apply, type Millis, type Rule, send, unchanged } from './model.js'
import { finished, paused } from './pace.js'
import { interruptReply } from './reply.js'
import { note, order, round } from './rules.js'
import type { Attempts, Live, Said, UserTurn } from './state.js'
import { silenceToWait, type Wait } from './turn-taking.js'

export const nothingSaid: Said = {
  text: '',
  known: 'not yet',
  told: undefined,
  predicted: undefined,
  speech: 0,
  pauses: 0,
}

export const noAttempts: Attempts = { rounds: 0, failures: 0 }

/** A turn begins; `announced`: the client is told so, which makes it fall silent. */
export const beginTurn =
  (since: Millis, at: Millis, announced: boolean): Rule<Live> =>
  (live) => {
    const begun: Live = { ...live, user: speaking(nothingSaid, since, at) }
    return announced ? apply(begun, announce) : unchanged(begun)
  }

/** Speech while nothing was heard of the reply yet: the user simply goes on, and the reply is silenced. */
export const secondThought =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const { reply } = live
    const pace = reply?.answers === undefined ? live.pace : paused(live.pace, since - reply.answers)
    const begun: Live = { ...live, pace, user: speaking(nothingSaid, since, at) }
    return apply(
      begun,
      interruptReply(at, announce),
      note('second thought', 'the user went on before the reply was heard'),
    )
  }

/** Speech after a pause: the thought was not finished. */
export const speechResumed =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'pausing' && user.is !== 'settling' && user.is !== 'holding') return unchanged(live)
    const said = { ...user.said, pauses: user.said.pauses + 1 }
    const pace = user.is === 'holding' ? live.pace : paused(live.pace, since - user.since)
    return unchanged({ ...live, pace, user: speaking(said, since, at) })
  }

export const speechStopped =
  (since: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'speaking') return unchanged(live)
    const said: Said = {
      ...user.said,
      known: 'not yet',
      predicted: undefined,
      speech: user.said.speech + since - user.since,
    }
    return apply(live, pause(said, since))
  }

/** Speech without end is noise, or a detector that hangs: it is taken for a pause, of which the recogniser knows nothing. */
export const speechTooLong =
  (at: Millis): Rule<Live> =>
  (live) =>
    apply(
      live,
      note('pause assumed', 'speech went on for too long without a sign of life'),
      speechStopped(at),
      wordsMustDo,
    )

/** When speech that goes on is taken to have ended. Sound without words does not keep the agent from what it has yet to say or to do. */
export function speechEndsBy(live: Live): Millis | undefined {
  const { user, owed, requested, entry, ending } = live
  if (user.is !== 'speaking') return undefined
  const isAwaited = [owed, requested, entry, ending].some((next) => next !== undefined) || untoldCalls(live).length > 0
  return user.said.text === '' && isAwaited ? user.until - LONGEST_SPEECH + LONGEST_STANDSTILL : user.until
}

/** Words of a turn that goes on: each recognition replaces the one before. */
export const wordsOfTurn =
  (text: string, final: boolean, at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    switch (user.is) {
      case 'speaking':
        return apply(
          text === user.said.text ? live : { ...live, user: speaking({ ...user.said, text }, user.since, at) },
          tellWords,
        )
      case 'pausing':
      case 'settling': {
        if (user.said.known === 'final' && !final) return unchanged(live)
        const known = final ? 'final' : user.said.text === text && text !== '' ? 'steady' : user.said.known
        return apply({ ...live, user: { ...user, said: { ...user.said, text, known } } }, tellWords, timePause)
      }
      case 'holding':
        return unchanged({ ...live, user: { ...user, said: { ...user.said, text } } })
      case 'silent':
      case 'interjecting':
        return unchanged(live)
    }
  }

/** A turn that is over as it begins; it cuts an open reply short. */
export const wholeTurn =
  (said: Said, at: Millis): Rule<Live> =>
  (live) =>
    apply<Live>(
      { ...live, user: { is: 'pausing', said, since: at, until: at } },
      interruptReply(at, announce),
      tellWords,
    )

export const turnPredicted =
  (complete: number): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'pausing' && user.is !== 'settling') return unchanged(live)
    return apply({ ...live, user: { ...user, said: { ...user.said, predicted: complete } } }, timePause)
  }

/** The recogniser failed in this pause: what is known must do; without a word of it there is a moment to hear it again. */
export const recogniserFailed =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if ((user.is !== 'pausing' && user.is !== 'settling') || user.said.known === 'final') return unchanged(live)
    if (user.said.text !== '') return wordsMustDo(live)
    const said: Said = { ...user.said, known: 'lost' }
    return unchanged({ ...live, user: { ...user, is: 'settling', said, until: at + HEARD_AGAIN_WITHIN } })
  }

/** No final will come for this pause. */
const wordsMustDo: Rule<Live> = (live) => {
  const { user } = live
  if (user.is !== 'pausing' && user.is !== 'settling') return unchanged(live)
  return apply({ ...live, user: { ...user, said: { ...user.said, known: 'final' } } }, timePause)
}

/** The silence was long enough. Without the final words of the pause the turn settles a little longer. */
export const silenceOver =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'pausing') return unchanged(live)
    if (user.said.known === 'final') return apply(live, turnOver(at))
    const until = at + (user.said.text === '' ? WORDLESS_SETTLING : SETTLING)
    return unchanged({ ...live, user: { ...user, is: 'settling', until } })
  }

/** The user has finished. While the agent may not be cut short the turn waits for the end of its reply. */
export const turnOver =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'pausing' && user.is !== 'settling') return unchanged(live)
    if (live.reply) return unchanged({ ...live, user: { is: 'holding', said: user.said, since: user.since } })
    return apply(live, commit(at))
  }

/** `input.speech.stopped`, `transcript.user`, in this order (checklist 93); the reply follows from what is then owed. */
export const commit =
  (at: Millis, reason?: string): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is === 'silent') return unchanged(live)
    const { text } = user.said
    const stopped = send({ type: 'input.speech.stopped' })
    if (text === '')
      return apply<Live>(
        live,
        order(stopped),
        user.said.known === 'lost' ? oweRepeat : note('empty turn', 'no words were understood'),
        unhushCalls(live.turn),
        forgetTurn,
      )
    const { complete, why }: Wait = silenceToWait(live.config, user.said, lastWordsOfAgent(live.history), live.pace)
    const figures = {
      silenceMs: Math.round(at - user.since),
      complete: round(complete),
      words: text.split(/\s+/).length,
      speechMs: Math.round(user.said.speech),
      patience: round(live.pace.patience),
    }
    const transcript = send({ type: 'transcript.user', item_id: userItemId(live.start.sessionId, live.turn), text })
    const history = appendUserWords(live.history, text, live.owed?.is === 'answer')
    const next: Live = {
      ...live,
      history,
      owed: { is: 'answer', silentSince: user.since },
      pace: finished(live.pace, user.said),
      attempts: noAttempts,
      entry: afterWords(live.entry),
    }
    return apply<Live>(
      next,
      order(stopped),
      order(transcript),
      note('end of turn', reason ?? why, figures),
      callOffEnding,
      forgetTurn,
    )
  }

/** Something was said, and nobody knows what: the user is asked to say it again, unless there is something else to say. */
const oweRepeat: Rule<Live> = (live) =>
  apply<Live>(
    { ...live, owed: live.owed ?? { is: 'apology', lost: 'the question' } },
    note('words lost', 'the recogniser failed'),
  )

/** The session ends: a turn that the client knows of is closed, with the words so far. */
export const closeTurn =
  (at: Millis): Rule<Live> =>
  (live) =>
    live.user.is === 'silent' || live.user.said.told === undefined
      ? unchanged(live)
      : apply(live, tellWords, commit(at, 'the session ends'))

/** The ear starts afresh: what the recogniser still says of this turn is void. */
export const forgetTurn: Rule<Live> = (live) => [
  { ...live, user: { is: 'silent' }, turn: live.turn + 1 },
  [{ type: 'listen', turn: live.turn + 1 }],
]

/** The client learns that the user speaks. */
export const announce: Rule<Live> = (live) => {
  const { user } = live
  if (user.is === 'silent' || user.said.told !== undefined) return unchanged(live)
  return [{ ...live, user: { ...user, said: { ...user.said, told: '' } } }, [send({ type: 'input.speech.started' })]]
}

/** The words so far, when they are others than the client has (checklist 91). */
export const tellWords: Rule<Live> = (live) => {
  const { user } = live
  if (user.is === 'silent' || user.said.told === undefined) return unchanged(live)
  const { text, told } = user.said
  if (text === told || text === '') return unchanged(live)
  const delta = send({ type: 'transcript.user.delta', item_id: userItemId(live.start.sessionId, live.turn), text })
  return [{ ...live, user: { ...user, said: { ...user.said, told: text } } }, [delta]]
}

export const speaking = (said: Said, since: Millis, at: Millis): UserTurn => ({
  is: 'speaking',
  said,
  since,
  until: at + (said.text === '' ? LONGEST_SPEECH : LONGEST_STANDSTILL),
})

/** A pause that began at `since`; how long it may last is judged anew with everything that is learned of it. */
export const pause =
  (said: Said, since: Millis): Rule<Live> =>
  (live) =>
    apply({ ...live, user: { is: 'pausing', said, since, until: since } }, timePause)

const timePause: Rule<Live> = (live) => {
  const { user } = live
  if (user.is !== 'pausing' && !(user.is === 'settling' && user.said.known === 'final')) return unchanged(live)
  const { ms } = silenceToWait(live.config, user.said, lastWordsOfAgent(live.history), live.pace)
  return unchanged({ ...live, user: { ...user, is: 'pausing', until: user.since + ms } })
}

/** Speech of which no word is known is taken to have ended after this long without a pause. */
const LONGEST_SPEECH: Millis = 120_000
/** Speech whose words are known, or for whose end others wait, once there were no new words for this long. */
const LONGEST_STANDSTILL: Millis = 5_000
/** How long the recogniser may take that is to hear the turn again. */
const HEARD_AGAIN_WITHIN: Millis = 2500
/** How long the turn waits for late words, beyond the silence that ends it. */
const SETTLING: Millis = 2500
/** The same while there are no words at all: longer than a recogniser is given before it counts as failed. */
const WORDLESS_SETTLING: Millis = 5000

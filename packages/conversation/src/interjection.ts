// Speech over a reply that can be heard: the agent falls silent at once, then gives way or goes on.
import { weightOf } from './back-channels.js'
import { lastWordsOfAgent } from './history.js'
import { apply, type Millis, type Rule, unchanged } from './model.js'
import { hold, release } from './playing.js'
import { interruptReply } from './reply.js'
import { note, order } from './rules.js'
import type { Live, UserTurn } from './state.js'
import { interruptionDelay, isAnswerable, isQuestion, judge } from './turn-taking.js'
import { announce, commit, forgetTurn, nothingSaid, pause, speaking, tellWords } from './user-turn.js'

type Interjecting = Extract<UserTurn, { is: 'interjecting' }>

/** The sound stops leaving before anything is decided: what is held back can still be cut or resumed. */
export const interject =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const { reply, start } = live
    if (!reply) return unchanged(live)
    const user: Interjecting = {
      is: 'interjecting',
      said: nothingSaid,
      since,
      speech: { is: 'going on' },
      answering: isAnswerable(reply, at),
      until: at,
    }
    const playing = hold(reply.playing, start.lead, at)
    return apply<Live>(
      { ...live, user, reply: { ...reply, playing } },
      order({ type: 'pause', reply: reply.id }),
      decide(at),
    )
  }

export const interjectionResumed =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'interjecting') return unchanged(live)
    return apply({ ...live, user: { ...user, speech: { is: 'going on' } } }, decide(at))
  }

export const interjectionStopped =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'interjecting' || user.speech.is === 'stopped') return unchanged(live)
    const said = { ...user.said, known: 'not yet' as const, speech: since - user.since }
    return apply({ ...live, user: { ...user, said, speech: { is: 'stopped', since, at } } }, decide(at))
  }

export const wordsOfInterjection =
  (text: string, final: boolean, at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'interjecting') return unchanged(live)
    const known = final ? 'final' : user.said.known
    return apply({ ...live, user: { ...user, said: { ...user.said, text, known } } }, decide(at))
  }

/** Gives way, goes on, or waits to learn more. */
export const decide =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (user.is !== 'interjecting') return unchanged(live)
    const verdict = judge(live.config, user, at)
    if (verdict.is === 'open') return unchanged({ ...live, user: { ...user, until: verdict.until } })
    const figures = {
      speechMs: Math.round((user.speech.is === 'stopped' ? user.speech.since : at) - user.since),
      delayMs: interruptionDelay(live.config),
      words: user.said.text === '' ? 0 : user.said.text.split(/\s+/).length,
    }
    return verdict.is === 'interruption'
      ? apply(live, note('interruption', verdict.why, figures), giveWay(user, at))
      : apply(live, note('resumed', verdict.why, figures), goOn(at))
  }

/** The reply is over while the user spoke into it: what was an interjection is now a turn. */
export const floorIsFree =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { user } = live
    if (live.reply) return unchanged(live)
    switch (user.is) {
      case 'interjecting':
        return apply(live, becomeTurn(user, at), announce, tellWords)
      case 'holding':
        return answersNothing(live)
          ? apply(live, note('turn dropped', 'nothing but a back-channel while the agent spoke'), forgetTurn)
          : apply(live, announce, tellWords, commit(at))
      case 'speaking':
      case 'pausing':
      case 'settling':
        return apply(live, announce, tellWords)
      case 'silent':
        return unchanged(live)
    }
  }

/** A turn spoken while the agent could not be cut short: without words, or "mm-hm" where nothing was asked. */
const answersNothing = ({ user, history }: Live): boolean => {
  if (user.is === 'silent' || user.said.known === 'lost') return false
  const weight = weightOf(user.said.text)
  return weight === 'nothing' || (weight === 'back-channel' && !isQuestion(lastWordsOfAgent(history)))
}

const giveWay =
  (user: Interjecting, at: Millis): Rule<Live> =>
  (live) =>
    apply(live, becomeTurn(user, at), interruptReply(at, announce), tellWords)

const goOn =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { reply } = live
    if (!reply) return unchanged(live)
    const resumed: Live = { ...live, reply: { ...reply, playing: release(reply.playing, at) } }
    return apply(resumed, order({ type: 'resume', reply: reply.id }), forgetTurn)
  }

const becomeTurn = ({ said, since, speech }: Interjecting, at: Millis): Rule<Live> =>
  speech.is === 'stopped'
    ? pause(said, speech.since)
    : (live) => unchanged({ ...live, user: speaking(said, since, at) })

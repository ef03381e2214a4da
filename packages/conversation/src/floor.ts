// Who has the floor: what speech of the user does to a reply, and when the agent speaks up.
import { weightOf } from './back-channels.js'
import { interject, interjectionResumed, wordsOfInterjection } from './interjection.js'
import { apply, type Millis, type Rule, type TurnNumber, unchanged } from './model.js'
import { cutReply, greet, startReply } from './reply.js'
import type { Live, Request, Said } from './state.js'
import { isAudible, mayInterrupt } from './turn-taking.js'
import {
  beginTurn,
  forgetTurn,
  nothingSaid,
  secondThought,
  speechResumed,
  wholeTurn,
  wordsOfTurn,
} from './user-turn.js'

/** The user speaks, since `since`. */
export const userSpoke =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    switch (live.user.is) {
      case 'silent':
        return speechBegan(since, at)(live)
      case 'interjecting':
        return interjectionResumed(at)(live)
      case 'pausing':
      case 'settling':
      case 'holding':
        return speechResumed(since, at)(live)
      case 'speaking':
        return unchanged(live)
    }
  }

/** What the recogniser says of an earlier turn comes too late. */
export const wordsRecognised =
  (turn: TurnNumber, words: string, final: boolean, at: Millis): Rule<Live> =>
  (live) => {
    if (turn !== live.turn) return unchanged(live)
    const text = words.trim()
    switch (live.user.is) {
      case 'silent':
        return final && text !== '' ? wordsWithoutSpeech(text, at)(live) : unchanged(live)
      case 'interjecting':
        return wordsOfInterjection(text, final, at)(live)
      default:
        return wordsOfTurn(text, final, at)(live)
    }
  }

/** `reply.create`: at once when the floor is free; the greeting makes way for it (protocol.md 3.5). */
export const replyAsked =
  (request: Request, at: Millis): Rule<Live> =>
  (live) =>
    apply<Live>({ ...live, requested: request }, live.reply?.kind === 'greeting' ? cutReply(at) : unchanged)

/** The one place where the agent decides to speak up by itself. */
export const carryOn =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { connection, reply, user, owed, requested } = live
    if (connection.is === 'down' || reply || user.is !== 'silent') return unchanged(live)
    if (owed?.is === 'answer') return startReply('answer', at, { answers: owed.silentSince })(live)
    if (requested) return startReply('requested', at, requested)({ ...live, requested: undefined })
    if (owed?.is === 'greeting') return greet(at)(live)
    if (owed?.is === 'recovery') return startReply('recovery', at, { instructions: RECOVERY })(live)
    return unchanged(live)
  }

const RECOVERY =
  'The user interrupted you, but no words could be understood. Go on briefly from where you stopped, or ask what they said.'

const speechBegan =
  (since: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const { reply, config } = live
    if (!reply) return beginTurn(since, at, true)(live)
    if (!mayInterrupt(config, reply)) return beginTurn(since, at, false)(live)
    return isAudible(reply) ? interject(since, at)(live) : secondThought(since, at)(live)
  }

/** Words of a recogniser that heard what the voice activity missed: a whole turn at once. */
const wordsWithoutSpeech =
  (text: string, at: Millis): Rule<Live> =>
  (live) => {
    const { reply, config } = live
    const weight = weightOf(text)
    const said: Said = { ...nothingSaid, text, known: 'final' }
    if (!reply) return wholeTurn(said, at)(live)
    if (!mayInterrupt(config, reply)) return unchanged({ ...live, user: { is: 'holding', said, since: at } })
    return weight === 'content' || weight === 'stop' ? wholeTurn(said, at)(live) : forgetTurn(live)
  }

// Who has the floor: what speech of the user does to a reply, and when the agent speaks up.
import { apologise } from './apology.js'
import { weightOf } from './back-channels.js'
import { callOffEnding } from './call-ending.js'
import { isHeld, tellCalls, untoldCalls } from './calls.js'
import { askForKeys, isToAsk } from './entry.js'
import { instructionsForResults } from './generation.js'
import { interject, interjectionResumed, wordsOfInterjection } from './interjection.js'
import { apply, type Millis, type Rule, type TurnNumber, unchanged } from './model.js'
import { cutReply, dropReply, greet, startReply } from './reply.js'
import type { Attempts, Live, Reply, Request, Said, ToolCall } from './state.js'
import { isAudible, mayInterrupt } from './turn-taking.js'
import {
  beginTurn,
  forgetTurn,
  noAttempts,
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
        if (text === '') return unchanged(live)
        return final ? wordsWithoutSpeech(text, at)(live) : wordsWithinSound(text, at)(live)
      case 'interjecting':
        return wordsOfInterjection(text, final, at)(live)
      default:
        return wordsOfTurn(text, final, at)(live)
    }
  }

/** `reply.create`: at once when the floor is free; the greeting makes way for it, and so does what nobody has heard yet (protocol.md 3.5). */
export const replyAsked =
  (request: Request, at: Millis): Rule<Live> =>
  (live) =>
    apply<Live>(
      { ...live, requested: request, attempts: noAttempts },
      callOffEnding,
      live.reply?.kind === 'greeting' ? cutReply(at) : fillerMakesWay,
    )

/** Something better is there to be said than what passes the time: a filler that can be heard finishes its few words. */
export const fillerMakesWay: Rule<Live> = (live) => {
  const isWanted = live.requested !== undefined || untoldCalls(live).length > 0
  return live.reply?.kind === 'filler' && isWanted ? dropReply(live) : unchanged(live)
}

/** The one place where the agent decides to speak up by itself. */
export const carryOn =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { connection, reply, user, owed, requested, ending } = live
    if (connection.is === 'down' || reply || user.is !== 'silent' || ending !== undefined) return unchanged(live)
    const held = isHeld(live)
    if (owed?.is === 'answer' && !held) return answer(owed.silentSince, at)(live)
    if (live.entry?.stage === 'pressing') return unchanged(live)
    if (untoldCalls(live).length > 0 && !held) return speakOfResults(at)(live)
    if (requested) return startReply('requested', at, requested)({ ...live, requested: undefined })
    if (held) return unchanged(live)
    if (isToAsk(live)) return askForKeys(at)(live)
    if (owed?.is === 'greeting') return greet(at)(live)
    if (owed?.is === 'apology') return apologise(owed.lost, at)(live)
    if (owed?.is === 'recovery') return startReply('recovery', at, { instructions: RECOVERY })(live)
    return unchanged(live)
  }

/** Since when nobody speaks: what the agent does of its own accord in the silence is counted from then. */
export const watchSilence =
  (at: Millis): Rule<Live> =>
  (live) => {
    const isQuiet = live.connection.is === 'up' && live.reply === undefined && live.user.is === 'silent'
    if (isQuiet === (live.quietSince !== undefined)) return unchanged(live)
    return unchanged({ ...live, quietSince: isQuiet ? at : undefined })
  }

/** The words of the user, and with them whatever has come of calls by now. */
const answer =
  (silentSince: Millis, at: Millis): Rule<Live> =>
  (live) => {
    const told = live.calls.filter(({ progress }) => progress.is === 'over' && progress.told === undefined)
    const instructions = instructionsForResults(live)
    return apply<Live>(live, startReply('answer', at, { answers: silentSince, instructions }), tellCalls(told))
  }

/** What has come of calls brings a reply by itself (checklist 126). */
const speakOfResults =
  (at: Millis): Rule<Live> =>
  (live) => {
    const told = untoldCalls(live)
    const next: Live = { ...live, attempts: attemptsAfter(live.attempts, told) }
    const instructions = instructionsForResults(live)
    const afterRefusal: Rule<Live> = told.some(isRefused) ? markAsking : unchanged
    return apply<Live>(next, startReply('result', at, { instructions }), tellCalls(told), afterRefusal)
  }

const attemptsAfter = ({ rounds, failures }: Attempts, calls: readonly ToolCall[]): Attempts => ({
  rounds: rounds + 1,
  failures: calls.some(({ progress }) => progress.is === 'over' && progress.how === 'succeeded') ? 0 : failures + 1,
})

const isRefused = ({ progress }: ToolCall): boolean => progress.is === 'over' && progress.how === 'refused'

const markAsking: Rule<Live> = (live) => {
  const reply: Reply | undefined = live.reply && { ...live.reply, afterRefusal: true }
  return unchanged({ ...live, reply })
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

/** New words in sound that goes on since an earlier turn, which was taken to have ended: they begin a turn as speech does. */
const wordsWithinSound =
  (text: string, at: Millis): Rule<Live> =>
  (live) =>
    live.isSounding && !live.reply
      ? apply(live, beginTurn(at, at, true), wordsOfTurn(text, false, at))
      : unchanged(live)

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

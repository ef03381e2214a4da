// What the agent says when its language model has failed: a plain sentence rather than silence.
import { runningCalls, untoldCalls } from './calls.js'
import type { Millis, Rule } from './model.js'
import { recite } from './reply.js'
import type { Live } from './state.js'

/** Runs a rule by which the language model gives a reply up; if that closes it, an apology is owed (checklist 170). */
export const owingApology =
  (giveUp: Rule<Live>): Rule<Live> =>
  (live) => {
    const [next, effects] = giveUp(live)
    if (!live.reply || next.reply || next.owed || hasResultsToTell(next)) return [next, effects]
    const lost = next.history.length > live.history.length ? 'the rest' : 'all'
    return [{ ...next, owed: { is: 'apology', lost } }, effects]
  }

/** Spoken without the language model. `lost`: whether the caller heard nothing of the reply, or its beginning. */
export const apologise =
  (lost: 'all' | 'the rest', at: Millis): Rule<Live> =>
  (live) =>
    recite('apology', live.start.apology ?? SENTENCES[lost], at)(live)

/** A call that the reply had made stands: what comes of it is spoken of, and that is an answer. */
const hasResultsToTell = (live: Live): boolean =>
  untoldCalls(live).length > 0 || runningCalls(live).some(({ hushedBy }) => hushedBy === undefined)

const SENTENCES = {
  all: "I'm sorry, I could not come up with an answer just now. Could you say that again?",
  'the rest': "I'm sorry, I lost my thread. Could you say that again?",
} as const

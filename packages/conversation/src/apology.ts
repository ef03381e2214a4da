// What the agent says when its language model or its recogniser has failed: a plain sentence rather than silence.
import { callOffEnding } from './call-ending.js'
import { runningCalls, untoldCalls } from './calls.js'
import type { Millis, Rule } from './model.js'
import { recite } from './reply.js'
import type { Live, Lost, Reply } from './state.js'

/**
 * Runs a rule by which the language model gives a reply up; if that closes it, an apology is owed (checklist 170). Nobody
 * misses what was only to pass the time, and a goodbye that was cut off is taken back.
 */
export const owingApology =
  (giveUp: Rule<Live>): Rule<Live> =>
  (live) => {
    const [next, effects] = giveUp(live)
    const { reply } = live
    if (!reply || next.reply || next.owed || reply.kind === 'filler' || hasResultsToTell(next, reply))
      return [next, effects]
    const lost = next.history.length > live.history.length ? 'the rest' : 'all'
    const [going, more] = callOffEnding({ ...next, owed: { is: 'apology', lost } })
    return [going, [...effects, ...more]]
  }

/** Spoken without the language model. */
export const apologise =
  (lost: Lost, at: Millis): Rule<Live> =>
  (live) =>
    recite('apology', live.start.apology ?? SENTENCES[lost], at)(live)

/** A call that the reply had made stands: what comes of it is spoken of, and that is an answer. */
const hasResultsToTell = (live: Live, { id }: Reply): boolean =>
  untoldCalls(live).length > 0 ||
  runningCalls(live).some(({ hushedBy, reply }) => reply === id && hushedBy === undefined)

const SENTENCES = {
  all: "I'm sorry, I could not come up with an answer just now. Could you say that again?",
  'the rest': "I'm sorry, I lost my thread. Could you say that again?",
  'the question': "I'm sorry, I could not hear you just now. Could you say that again?",
} as const

// What the agent says when its language model has failed: a plain sentence rather than silence.
import type { Millis, Rule } from './model.js'
import { recite } from './reply.js'
import type { Live } from './state.js'

/** Runs a rule by which the language model gives a reply up; if that closes it, an apology is owed (checklist 170). */
export const owingApology =
  (giveUp: Rule<Live>): Rule<Live> =>
  (live) => {
    const [next, effects] = giveUp(live)
    if (!live.reply || next.reply || next.owed) return [next, effects]
    const lost = next.history.length > live.history.length ? 'the rest' : 'all'
    return [{ ...next, owed: { is: 'apology', lost } }, effects]
  }

/** Spoken without the language model. `lost`: whether the caller heard nothing of the reply, or its beginning. */
export const apologise =
  (lost: 'all' | 'the rest', at: Millis): Rule<Live> =>
  (live) =>
    recite('apology', live.start.apology ?? SENTENCES[lost], at)(live)

const SENTENCES = {
  all: "I'm sorry, I could not come up with an answer just now. Could you say that again?",
  'the rest': "I'm sorry, I lost my thread. Could you say that again?",
} as const

// A model that answers with nothing, neither words nor calls: it is asked once more, then given up, for nothing is silence.
import { owingApology } from './apology.js'
import { askModel } from './generation.js'
import { apply, type Failure, type Millis, type Rule } from './model.js'
import { failReply } from './reply.js'
import { note, order } from './rules.js'
import type { Live, Reply } from './state.js'

/** Whether the model, which has just finished, has left the caller with nothing; what only passes the time may be nothing. */
export const isEmptyAnswer = ({ kind, medium, writing, calls, clauses, rest }: Reply): boolean =>
  kind !== 'filler' &&
  writing.is === 'going on' &&
  calls.length === 0 &&
  clauses.length === 0 &&
  !(medium === 'audio' ? SPEAKABLE : VISIBLE).test(rest)

/** The same reply goes on; it has no more time for that than it had. */
export const emptyAnswer =
  (at: Millis) =>
  (reply: Reply): Rule<Live> =>
  (live) => {
    const noted = note('empty answer', 'the language model wrote no words and called nothing')
    const reported = order({ type: 'report', engine: 'llm', failure: NOTHING_WRITTEN })
    if (reply.askedAgain) return apply(live, noted, reported, owingApology(failReply(NOTHING_WRITTEN, at)(reply)))
    return apply<Live>({ ...live, reply: { ...reply, askedAgain: true, rest: '' } }, noted, askModel)
  }

/** A row of dots or a picture makes no sound; it can be read all the same. */
const SPEAKABLE = /[\p{L}\p{N}]/u
const VISIBLE = /[^\s*`_~#>]/

const NOTHING_WRITTEN: Failure = {
  code: 'llm_empty_answer',
  message: 'The language model wrote nothing and called nothing, twice in a row. Try another prompt or another model.',
  retryable: true,
}

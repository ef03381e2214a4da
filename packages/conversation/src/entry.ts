// What the caller is asked to enter on the keypad: when it is asked for, in which words, and when the time for it runs.
import { argumentsOf, collectingCalls, untellCalls } from './calls.js'
import { enteredArguments } from './entered-arguments.js'
import { isEnglish } from './filler.js'
import { apply, type CallId, type Effect, type KeypadArgument, type Millis, type Rule, unchanged } from './model.js'
import { cutReply, recite, startReply } from './reply.js'
import { order } from './rules.js'
import type { Entry, Live } from './state.js'
import { wordsHeardBy } from './telling.js'

/** What the model reads of the call until the tool runs. */
export const ENTERING =
  'There is no result yet: the caller is asked to enter something on the keypad of the phone. The result comes by itself; neither ask for it nor call the tool again.'

/** The next argument that a call waits for, one after the other. Keys count from now on, even before they are asked for. */
export const collectNext: Rule<Live> = (live) => {
  const [call] = collectingCalls(live)
  if (live.entry || !call) return unchanged(live)
  const given = argumentsOf(live, call.callId)
  const asked = enteredArguments(live, call.name).find(({ argument }) => !Object.hasOwn(given, argument))
  return asked ? openEntry(firstEntry(call.callId, asked))(live) : unchanged(live)
}

export const openEntry =
  (entry: Entry): Rule<Live> =>
  (live) => [{ ...live, entry }, [collect(entry)]]

/** It was entered. */
export const entryOver: Rule<Live> = (live) => unchanged({ ...live, entry: undefined, owed: withoutPrompt(live) })

/** Nothing is asked for any more, whether it was entered or not. */
export const closeEntry: Rule<Live> = (live) =>
  live.entry ? apply(live, entryOver, order({ type: 'stopCollecting' })) : unchanged(live)

/** Keys go on counting for what is asked for. */
export const collect = ({ callId, asked, purpose }: Entry): Effect => ({ type: 'collect', callId, asked, purpose })

export const firstEntry = (callId: CallId, asked: KeypadArgument): Entry => ({
  callId,
  asked,
  purpose: 'value',
  stage: 'unasked',
  entered: { length: 0, digits: undefined },
  trouble: undefined,
  failures: 0,
  hasTalked: false,
})

/** Whether the agent has something to ask the caller for. */
export const isToAsk = ({ entry, owed }: Live): boolean => entry?.stage === 'unasked' || owed?.is === 'prompt'

export const askForKeys =
  (at: Millis): Rule<Live> =>
  (live) => {
    const { entry, config } = live
    if (!entry) return unchanged(live)
    const asked: Live = { ...live, owed: undefined, entry: { ...entry, stage: 'asked' } }
    if (isEnglish(config.input.language_codes)) return recite('keypad', inEnglish(entry), at)(asked)
    return entry.purpose === 'value'
      ? recite('keypad', entry.asked.prompt, at)(asked)
      : startReply('keypad', at, { instructions: `Say this in the language of the conversation: ${readBack(entry)}` })(
          asked,
        )
  }

/** The caller presses the first key: the agent falls silent and waits. What it was to tell and nobody has heard is told later. */
export const keyTouched =
  (callId: CallId, at: Millis): Rule<Live> =>
  (live) => {
    const { entry, reply } = live
    if (entry?.callId !== callId) return unchanged(live)
    const untell = reply && wordsHeardBy(reply, at) === '' ? untellCalls(reply.id) : unchanged
    const pressing: Live = { ...live, owed: withoutPrompt(live), entry: { ...entry, stage: 'pressing' } }
    return apply<Live>(pressing, cutReply(at), untell)
  }

/** Time runs only while nobody speaks. */
export const watchEntry: Rule<Live> = (live) => {
  const { entry, quietSince } = live
  if (entry?.stage === 'asked' && quietSince !== undefined)
    return [{ ...live, entry: { ...entry, stage: 'awaited' } }, [{ type: 'awaitKeys' }]]
  if (entry?.stage === 'awaited' && quietSince === undefined)
    return unchanged({ ...live, entry: { ...entry, stage: 'asked' } })
  return unchanged(live)
}

/** The caller has said something, which is answered first. */
export const afterWords = (entry: Entry | undefined): Entry | undefined =>
  entry && entry.stage !== 'unasked' ? { ...entry, hasTalked: true } : entry

/** Whoever comes back to the line is asked once more. */
export const afterAbsence = (entry: Entry | undefined): Entry | undefined =>
  entry && entry.stage !== 'pressing' ? { ...entry, stage: 'unasked' } : entry

const withoutPrompt = ({ owed }: Live): Live['owed'] => (owed?.is === 'prompt' ? undefined : owed)

function inEnglish(entry: Entry): string {
  if (entry.purpose === 'confirmation') return readBack(entry)
  const { trouble, asked } = entry
  return trouble === undefined ? asked.prompt : `${TROUBLES[trouble]} ${asked.prompt}`
}

/** Digits that nobody may hear are counted. */
function readBack({ entered: { digits, length } }: Entry): string {
  const what = digits === undefined ? `${length} ${length === 1 ? 'digit' : 'digits'}` : [...digits].join(', ')
  return `You entered ${what}. Press 1 if that is right, or 2 to enter it again.`
}

const TROUBLES = {
  short: 'That was not enough.',
  wrong: 'That cannot be right.',
  'timed out': 'I did not get that.',
} as const

// Dead air: what the agent says while a tool takes long and nobody speaks.
import { isHeld, runningCalls } from './calls.js'
import { apply, type Millis, type Rule, unchanged } from './model.js'
import { recite, startReply } from './reply.js'
import type { Live, ToolCall } from './state.js'

/** When the silence has lasted long enough; undefined: nothing is to be said. */
export function fillerDueAt(live: Live): Millis | undefined {
  const { quietSince, ending, config, fillers } = live
  if (quietSince === undefined || ending !== undefined || config.output.type === 'text') return undefined
  const waiting = runningCalls(live).filter(isSpokenOf)
  if (waiting.length === 0 || isHeld(live) || nextWords(live) === undefined) return undefined
  const since = Math.max(quietSince, Math.min(...waiting.map((call) => call.since)))
  const after = config.parley?.filler?.after_ms ?? FIRST_AFTER
  return since + Math.max(after, LATER_AFTER[Math.min(fillers.inWait, LATER_AFTER.length - 1)]!)
}

/** A reply of its own, so that what comes of the tool can follow it at once. */
export const passTheTime =
  (at: Millis): Rule<Live> =>
  (live) => {
    const words = nextWords(live)
    if (words === undefined) return unchanged(live)
    const { said, inWait } = live.fillers
    return apply<Live>(
      { ...live, fillers: { said: said + 1, inWait: inWait + 1, last: words.text } },
      words.by === 'model' ? startReply('filler', at, { instructions: words.text }) : recite('filler', words.text, at),
    )
  }

type Words = { readonly by: 'model' | 'server'; readonly text: string }

/** Phrases take turns; none is said twice in a row. */
function nextWords({ config, fillers, calls }: Live): Words | undefined {
  const { mode, phrases } = config.parley?.filler ?? { mode: 'phrases' }
  if (mode === 'off') return undefined
  if (mode === 'model') return { by: 'model', text: askForWords(runningCalls({ calls })) }
  const own = fillers.inWait === 0 ? FIRST_PHRASES : LATER_PHRASES
  const choice = phrases ?? (isEnglish(config.input.language_codes) ? own : [])
  const inTurn = [...choice.keys()].map((index) => choice[(fillers.said + index) % choice.length]!)
  const text = inTurn.find((phrase) => phrase !== fillers.last && phrase.trim() !== '')
  return text === undefined ? undefined : { by: 'server', text }
}

/** A user who took the floor has other things in mind. */
const isSpokenOf = ({ hushedBy }: ToolCall): boolean => hushedBy === undefined

/** Phrases of the server are English; a session in another language brings its own. */
export const isEnglish = (languages: readonly string[] | null): boolean =>
  languages === null || languages.length === 0 || /^en\b/i.test(languages[0]!)

const askForWords = (calls: readonly ToolCall[]): string =>
  `You still wait for the result of ${[...new Set(calls.map(({ name }) => name))].join(' and ')}. So that the user is not left in silence, say one short sentence of at most ten words: that it takes a moment. State no facts and ask nothing.`

const FIRST_AFTER: Millis = 2500
/** The silence before the first, the second, the third filler and all others; the first is the setting's. */
const LATER_AFTER: readonly Millis[] = [0, 8000, 15_000, 30_000]

const FIRST_PHRASES = [
  'One moment, please.',
  'Let me see.',
  'Just a second.',
  'I am looking that up.',
  'Give me a moment.',
] as const

const LATER_PHRASES = [
  'I am still working on it.',
  'Thank you for waiting. It takes a little longer.',
  'Still looking, please bear with me.',
  'It should not be long now.',
] as const

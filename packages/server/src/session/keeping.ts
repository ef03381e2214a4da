// What is stored of a conversation, when it is worth storing, and whether it may be stored at all.
import type { Live, Millis } from '@parley/conversation'
import { HistorySettings } from '@parley/protocol'
import { z } from 'zod'

/** An agent that has nothing kept has sessions that survive a lost line, but not the server. */
export const mayBeStored = (history: HistorySettings | undefined): boolean => history?.keep !== false

/** What may be kept of a session that is gone on with: nothing that its agent ruled out as it began, or has ruled out since. */
export function leastKept(
  one: HistorySettings | undefined,
  other: HistorySettings | undefined,
): HistorySettings | undefined {
  const both = [one, other].flatMap((settings) => settings ?? [])
  const days = both.flatMap(({ retention_days }) => retention_days ?? [])
  return both.length === 0
    ? undefined
    : {
        keep: both.every(({ keep }) => keep !== false),
        record_audio: both.every(({ record_audio }) => record_audio !== false),
        ...(days.length > 0 && { retention_days: Math.min(...days) }),
      }
}

/** Changes with the form of a `Live`: what another version has stored is not understood. */
export const STATE_FORMAT = 3

export interface KeptState {
  readonly conversation: Live
  /** Sound received so far. */
  readonly audioHeardMs: Millis
  /** What its agent lets anybody keep of the session: the agent may be deleted while the session goes on. */
  readonly history: HistorySettings | undefined
}

export const stateOf = ({ conversation, audioHeardMs, history }: KeptState): unknown => ({
  format: STATE_FORMAT,
  conversation,
  audioHeardMs,
  history,
})

/** Undefined for what this version cannot go on with. */
export function parseState(stored: unknown): KeptState | undefined {
  const parsed = State.safeParse(stored)
  if (!parsed.success) return undefined
  const { conversation, audioHeardMs, history } = parsed.data
  // True: written by `stateOf` of a server of this format, and by nobody else.
  return { conversation: conversation as unknown as Live, audioHeardMs, history }
}

/** Whether something happened that must outlive the server: more than a piece of sound or a guess at a word. */
export function isNews(before: Live | undefined, after: Live): boolean {
  if (!before) return true
  const words = certainWords(after)
  if (words !== '' && words !== certainWords(before)) return true
  // True: a conversation has the members of its type and no others.
  for (const key of Object.keys(after) as (keyof Live)[])
    if (!RESTLESS.has(key) && before[key] !== after[key]) return true
  const [one, other] = [before.reply, after.reply]
  if (!one || !other) return one !== other
  return (
    one.id !== other.id ||
    one.told !== other.told ||
    one.made.length !== other.made.length ||
    one.playing.is !== other.playing.is
  )
}

const State = z.object({
  format: z.literal(STATE_FORMAT),
  audioHeardMs: z.number().nonnegative(),
  history: HistorySettings.optional(),
  conversation: z.looseObject({
    phase: z.literal('live'),
    start: z.looseObject({ sessionId: z.string(), startedAtUnixMs: z.number(), grace: z.number() }),
    config: z.looseObject({}),
    endsAt: z.number(),
    connection: z.looseObject({ is: z.enum(['up', 'down']) }),
    history: z.array(z.looseObject({ role: z.string() })),
  }),
})

/** What the recogniser is sure of in an open turn: should the server die, that is all that is left of it. */
const certainWords = ({ user }: Live): string =>
  user.is !== 'silent' && user.said.known === 'final' ? user.said.text : ''

/** What changes all the time: the ear, and the open reply, of which some is news all the same. */
const RESTLESS: ReadonlySet<keyof Live> = new Set(['isSounding', 'user', 'pace', 'reply', 'quietSince', 'stirredAt'])

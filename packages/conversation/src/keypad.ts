// What comes of keys: arguments that a tool waits for, or a turn of the user that was pressed instead of said.
import { callOffEnding } from './call-ending.js'
import { recordArgument } from './calls.js'
import { closeEntry, collect, collectNext, entryOver, firstEntry, openEntry } from './entry.js'
import { appendUserWords } from './history.js'
import { apply, type Event, type Millis, type Rule, unchanged } from './model.js'
import { interruptReply } from './reply.js'
import { note, order } from './rules.js'
import type { Entry, Live } from './state.js'
import { callRefused, runCall } from './tools.js'
import { mayInterrupt } from './turn-taking.js'
import { announce, noAttempts } from './user-turn.js'

type Result = Extract<Event, { type: 'keypad.collected' }>

/** What came of asking for an argument, or for whether it is right. */
export const keysCollected =
  (result: Result): Rule<Live> =>
  (live) => {
    const { entry } = live
    if (entry?.callId !== result.callId || entry.asked.argument !== result.argument) return unchanged(live)
    const figures = { digits: result.length, failures: entry.failures }
    return apply<Live>(
      live,
      note(`keypad: ${result.how}`, `a ${entry.purpose} was asked for`, figures),
      follow(entry, result),
    )
  }

/** Keys that nobody asked for: the model reads of them, and answers as it would answer words. */
export const keysPressed =
  (keys: string, at: Millis): Rule<Live> =>
  (live) => {
    const { reply, config } = live
    const gives = reply && mayInterrupt(config, reply) ? interruptReply(at, announce) : unchanged
    return apply<Live>(
      live,
      note('keys pressed', 'nobody had asked for any', { keys: keys.length }),
      gives,
      record(`[The caller pressed ${[...keys].join(' ')} on the keypad.]`, at),
      callOffEnding,
    )
  }

const record =
  (text: string, at: Millis): Rule<Live> =>
  (live) =>
    unchanged({
      ...live,
      history: appendUserWords(live.history, text, live.owed?.is === 'answer'),
      owed: { is: 'answer', silentSince: at },
      attempts: noAttempts,
    })

function follow(entry: Entry, { how, length, digits, at }: Result): Rule<Live> {
  switch (how) {
    case 'complete':
      return entry.purpose === 'value' ? entered(entry, length, digits, at) : judged(entry, digits, at)
    case 'help':
      return giveUp(entry, 'the caller asked to talk instead')
    case 'timed out':
      // somebody is speaking: there is no hurry
      if (entry.stage === 'asked' || entry.stage === 'unasked') return order(collect(entry))
      return entry.hasTalked ? giveUp(entry, 'the caller talked instead') : failed(entry, how)
    default:
      return failed(entry, how)
  }
}

const entered = (entry: Entry, length: number, digits: string | undefined, at: Millis): Rule<Live> => {
  const { callId, asked } = entry
  const confirmation: Entry = {
    ...firstEntry(callId, asked),
    purpose: 'confirmation',
    entered: { length, digits },
    failures: entry.failures,
  }
  return (live) =>
    apply<Live>(
      live,
      recordArgument(callId, asked.argument, digits ?? ENTERED),
      asked.confirm ? openEntry(confirmation) : goOn(entry, at),
    )
}

const judged = (entry: Entry, key: string | undefined, at: Millis): Rule<Live> => {
  if (key === RIGHT) return goOn(entry, at)
  return key === AGAIN ? failed({ ...entry, purpose: 'value' }, undefined) : failed(entry, 'wrong')
}

/** The next argument, or the tool, which has all of them now; then the next call that waits for keys. */
const goOn =
  ({ callId }: Entry, at: Millis): Rule<Live> =>
  (live) =>
    apply<Live>(
      live,
      entryOver,
      collectNext,
      (next) => (next.entry?.callId === callId ? unchanged(next) : runCall(callId, at)(next)),
      collectNext,
    )

const failed = (entry: Entry, trouble: Entry['trouble']): Rule<Live> =>
  entry.failures < MOST_FAILURES
    ? openEntry({ ...entry, stage: 'unasked', trouble, failures: entry.failures + 1, hasTalked: false })
    : giveUp(entry, WHY[trouble ?? 'wrong'])

const giveUp =
  ({ callId, asked: { tool, argument, sensitive } }: Entry, why: string): Rule<Live> =>
  (live) => {
    const secret = sensitive ? ' The caller must never be asked to say it aloud.' : ''
    return apply<Live>(
      live,
      closeEntry,
      callRefused(
        callId,
        `${tool} was not called: ${argument} was to be entered on the keypad, but ${why}. Tell the user, and go on without it or ask whether to try again.${secret}`,
      ),
      collectNext,
    )
  }

/** Stands for digits that nobody but the tool may know. */
const ENTERED = '[entered on the keypad]'
const RIGHT = '1'
const AGAIN = '2'
/** How often the caller is asked again. */
const MOST_FAILURES = 2

const WHY = {
  short: 'too few digits were pressed',
  wrong: 'what was pressed was not right',
  'timed out': 'nothing was pressed in time',
} as const

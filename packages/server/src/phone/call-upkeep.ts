// What is done for calls from time to time: saying which lines are held, ending calls that nobody will end, forgetting old ones.

import type { Clock } from '../session/clock.js'
import type { SessionLog } from '../session/session.js'
import type { CallEnd } from '../storage/call-records.js'
import type { CallLine } from '../storage/phone-tables.js'
import type { Store } from '../storage/store.js'
import type { Happening } from '../webhooks/events.js'
import { callHappening } from './call-news.js'

const ROUND_MS = 20_000
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const DAY_MS = 24 * 60 * MINUTE_MS
/** A line of which no server has said so for this long has lost its server. */
const LOST_AFTER_MS = 75_000
/** Longer than any call may ring. */
const NEVER_CONNECTED_AFTER_MS = 15 * MINUTE_MS
/** How long the carrier may take to come back after a line was lost, beyond the time that the session waits. */
const NOT_BACK_AFTER_MS = MINUTE_MS
/** In rounds. */
const FORGET_EVERY = 15
/** At most so many rows at once, so that nobody waits for the database. */
const BATCH = 200

export interface CallUpkeepPorts {
  readonly clock: Clock
  readonly calls: Pick<Store['calls'], 'seen' | 'endForgotten' | 'forget'>
  readonly log: SessionLog
  /** Calls whose lines are here. */
  held(): readonly string[]
  publish(happening: Happening): void
  /** How long a session waits for a line that was lost, in ms. */
  readonly graceMs: number
  /** After how many days a call is forgotten; 0: never. */
  readonly retentionDays: number
}

/** Begins at once. Returns what stops it, when the round that runs is finished. */
export function keepCalls(ports: CallUpkeepPorts): () => Promise<void> {
  const { clock } = ports
  let rounds = 0
  let isClosed = false
  let cancel = () => {}
  let running = Promise.resolve()
  const begin = () => {
    running = round(ports, rounds++).then(() => {
      if (!isClosed) cancel = clock.wake(clock.now() + ROUND_MS, begin)
    })
  }
  begin()
  return async () => {
    isClosed = true
    cancel()
    await running
  }
}

async function round(ports: CallUpkeepPorts, rounds: number): Promise<void> {
  const { clock, calls, log, held, retentionDays } = ports
  try {
    const at = clock.unixMs()
    await calls.seen(held(), new Date(at))
    for (const rule of rules(ports)) await endForgotten(rule, at, ports)
    if (rounds % FORGET_EVERY !== 0 || retentionDays === 0) return
    while ((await calls.forget(new Date(at - retentionDays * DAY_MS), BATCH)) === BATCH);
  } catch (error) {
    log('warn', 'The care of calls was interrupted; it goes on later.', { error: String(error) })
  }
}

interface Rule extends Pick<CallEnd, 'status' | 'reason'> {
  readonly line: CallLine
  readonly afterMs: number
}

const rules = ({ graceMs }: CallUpkeepPorts): readonly Rule[] => [
  { line: 'up', afterMs: LOST_AFTER_MS, status: 'failed', reason: 'server_lost' },
  { line: 'lost', afterMs: graceMs + NOT_BACK_AFTER_MS, status: 'failed', reason: 'line_lost' },
  { line: 'none', afterMs: NEVER_CONNECTED_AFTER_MS, status: 'failed', reason: 'not_connected' },
  { line: 'transferred', afterMs: DAY_MS, status: 'ended', reason: 'transferred' },
]

async function endForgotten(
  { line, afterMs, status, reason }: Rule,
  at: number,
  { calls, publish }: CallUpkeepPorts,
): Promise<void> {
  const ended = await calls.endForgotten(line, new Date(at - afterMs), { status, reason, endedAt: new Date(at) })
  for (const call of ended) publish(callHappening(call, at))
}

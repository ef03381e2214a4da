// A call of a tool leaves once it is stored that it was made, so that the server that comes after this one makes it no second time.
import type { Effect, Millis } from '@parley/conversation'
import type { Clock } from './clock.js'

/** A database that is away or slow does not hold a conversation up for longer than this. */
export const STORED_WITHIN_MS: Millis = 250

export interface WriteAheadPorts {
  readonly clock: Clock
  /** Resolves when all that happened so far is stored; undefined when it is, or when nothing is stored of this session. */
  stored?(): Promise<void> | undefined
}

/** What the orders are to wait for, if they have to: that they are stored, or that this has taken too long. */
export function awaitedBefore(
  effects: readonly Effect[],
  { clock, stored }: WriteAheadPorts,
): Promise<void> | undefined {
  const writing = effects.some(isCall) ? stored?.() : undefined
  if (!writing) return undefined
  return new Promise((resolve) => {
    const cancel = clock.wake(clock.now() + STORED_WITHIN_MS, resolve)
    void writing.then(() => {
      cancel()
      resolve()
    })
  })
}

const isCall = (effect: Effect): boolean =>
  effect.type === 'invoke' || (effect.type === 'send' && effect.event.type === 'tool.call')

// An item of the checklist: its number, where it is known from, what it asks, and how that is found out.
import type { Context } from './context.js'
import type { Trace } from './wire/trace.js'

/** `doc`: documented; `observed`: seen on the hosted service or relied on by its clients; `inferred`: decided here. */
export type Source = 'doc' | 'observed' | 'inferred'

export interface Item {
  readonly number: number
  readonly source: Source
  /** What the server does when it conforms. */
  readonly title: string
  /** It takes long, but mostly waits: it is begun first and runs beside all others. */
  readonly waits?: boolean
  /** Resolves when it does, rejects with a `Failure` or a `Skip` otherwise. */
  run(context: Context): Promise<void>
  /** What of it holds for every connection whatsoever: tried on all connections of a run. Throws a `Failure`. */
  everywhere?(trace: Trace): void
}

/** Items under one heading of the checklist. */
export interface Chapter {
  readonly heading: string
  readonly items: readonly Item[]
}

// Whether an engine is worth asking: one that has failed several times in a row is left alone for a while.
import type { Millis } from '@parley/conversation'

/** So many failures within `WINDOW` open the circuit. */
const MOST_FAILURES = 3
const WINDOW: Millis = 60_000
const FIRST_REST: Millis = 15_000
const LONGEST_REST: Millis = 300_000
/** A probe that nothing is heard of for so long does not keep others from trying. */
const PROBE_WITHIN: Millis = 30_000

/**
 * Closed: asked as usual. Open: not asked. Half open, once its rest is over: one request tries it; if that fails, it
 * rests twice as long. Time is given with each call, in ms of one clock.
 */
export type Circuit =
  | { readonly is: 'closed'; readonly failures: readonly Millis[] }
  | { readonly is: 'open'; readonly until: Millis; readonly rest: Millis }
  | { readonly is: 'half open'; readonly until: Millis; readonly rest: Millis }

export const closedCircuit: Circuit = { is: 'closed', failures: [] }

/** Whether to ask it now, and what the circuit is while it is asked. */
export function asked(circuit: Circuit, now: Millis): { readonly allowed: boolean; readonly circuit: Circuit } {
  if (circuit.is === 'closed') return { allowed: true, circuit }
  if (now < circuit.until) return { allowed: false, circuit }
  return { allowed: true, circuit: { is: 'half open', until: now + PROBE_WITHIN, rest: circuit.rest } }
}

export function failed(circuit: Circuit, now: Millis): Circuit {
  if (circuit.is !== 'closed') {
    const rest = circuit.is === 'half open' ? Math.min(circuit.rest * 2, LONGEST_REST) : circuit.rest
    return { is: 'open', until: now + rest, rest }
  }
  const failures = [...circuit.failures.filter((at) => now - at < WINDOW), now]
  return failures.length < MOST_FAILURES
    ? { is: 'closed', failures }
    : { is: 'open', until: now + FIRST_REST, rest: FIRST_REST }
}

/** It answers, but would not do this one request: no reason to leave it alone. A probe has told nothing, so the next one tries. */
export const refused = (circuit: Circuit, now: Millis): Circuit =>
  circuit.is === 'half open' ? { is: 'open', until: now, rest: circuit.rest } : circuit

export const succeeded = (): Circuit => closedCircuit

// How long is fuzzed, and from which seed: a few seconds, or as many as FUZZ_SECONDS says; FUZZ_SEED plays a run again.
import type { TestContext } from 'node:test'
import fc from 'fast-check'

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 3)
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** So many runs have one seed; when they are through, and there is time left, the next seed follows. */
const RUNS_OF_A_SEED = 20

/**
 * Whether `predicate` holds for all that comes by chance while there is time. A run that has begun is waited for, so that
 * one that hangs is found out. To play a failure again, give the seed that fast-check names as FUZZ_SEED.
 */
export async function holds<Values>(
  t: TestContext,
  values: fc.Arbitrary<Values>,
  predicate: (values: Values) => Promise<void>,
): Promise<void> {
  t.diagnostic(`FUZZ_SEED=${SEED} FUZZ_SECONDS=${SECONDS}`)
  const property = fc.asyncProperty(values, predicate)
  const end = performance.now() + SECONDS * 1000
  let seeds = 0
  for (; seeds === 0 || performance.now() < end; seeds++)
    // shrinking takes long, and the first of a few seconds is reason enough to look closer
    await fc.assert(property, { seed: SEED + seeds, numRuns: RUNS_OF_A_SEED, endOnFailure: SECONDS < 30 })
  t.diagnostic(`${seeds * RUNS_OF_A_SEED} runs`)
}

/** Beyond the budget, for the slowest machine. */
export const timeoutMs = (SECONDS + 120) * 1000

// How long is fuzzed, and from which seed: a few seconds, or as many as FUZZ_SECONDS says; FUZZ_SEED plays a run again.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import fc from 'fast-check'

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 3)
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Holds for as long as there is time. The seed and the number of runs are printed; fast-check adds the path to what has failed. */
export async function holds<Values>(
  t: TestContext,
  values: fc.Arbitrary<Values>,
  predicate: (values: Values) => Promise<void>,
): Promise<void> {
  let runs = 0
  const counted = async (given: Values) => {
    runs++
    await predicate(given)
  }
  t.diagnostic(`FUZZ_SEED=${SEED} FUZZ_SECONDS=${SECONDS}`)
  await fc
    .assert(fc.asyncProperty(values, counted), {
      seed: SEED,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: SECONDS * 1000,
      markInterruptAsFailure: false,
      endOnFailure: SECONDS < 30,
    })
    .finally(() => t.diagnostic(`${runs} runs`))
  assert.ok(runs > 0)
}

/** Beyond the budget, for the slowest machine. */
export const timeoutMs = (SECONDS + 120) * 1000

// Says that something is still under way once it takes longer than a second.
import type { Clock } from '../session/clock.js'
import type { Terminal } from './terminal.js'

const FIRST_AFTER_MS = 1000
/** A line that can be rewritten counts seconds; a log is only told now and then. */
const AGAIN_AFTER_MS = { live: 1000, log: 10_000 } as const

export async function withProgress<Result>(
  label: string,
  work: Promise<Result>,
  { terminal, clock }: { readonly terminal: Terminal; readonly clock: Clock },
): Promise<Result> {
  const started = clock.now()
  const everyMs = terminal.isLive ? AGAIN_AFTER_MS.live : AGAIN_AFTER_MS.log
  let cancel = clock.wake(started + FIRST_AFTER_MS, tell)
  function tell() {
    const elapsed = clock.now() - started
    const line = `${label} … ${Math.round(elapsed / 1000)} s`
    if (terminal.isLive) terminal.live(line)
    else terminal.note(line)
    cancel = clock.wake(clock.now() + everyMs, tell)
  }
  try {
    return await work
  } finally {
    cancel()
    terminal.live('')
  }
}

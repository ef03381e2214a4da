// Time as the simulated telephone company is given it: the machine's, or one that a test moves by hand.

export interface PhoneClock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Unix time in milliseconds, for what is written into messages. */
  unixMs(): number
  /** Rings at `at`, or as soon after as it can. Returns what cancels it. */
  wake(at: number, ring: () => void): () => void
}

export const wallClock = (): PhoneClock => ({
  now: () => performance.now(),
  unixMs: () => Date.now(),
  wake(at, ring) {
    const timer = setTimeout(ring, Math.max(0, at - performance.now()))
    return () => clearTimeout(timer)
  },
})

/** Moves only when told to. */
export class ManualClock implements PhoneClock {
  #now = 0
  readonly #alarms = new Set<{ readonly at: number; readonly ring: () => void }>()

  now(): number {
    return this.#now
  }

  unixMs(): number {
    return 1_790_000_000_000 + this.#now
  }

  wake(at: number, ring: () => void): () => void {
    const alarm = { at, ring }
    this.#alarms.add(alarm)
    return () => void this.#alarms.delete(alarm)
  }

  /** Lets everything due in the next `ms` happen, in order, with what it sets off. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      const next = [...this.#alarms].sort((one, other) => one.at - other.at)[0]
      if (!next || next.at > until) break
      this.#alarms.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.ring()
    }
    this.#now = until
  }
}

/** Waits; ends early, without an error, when `signal` is aborted. */
export function pause(clock: PhoneClock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.wake(clock.now() + ms, done)
    signal?.addEventListener('abort', done)
  })
}

// Time as something a session is given. The real clock and the virtual one differ only here.
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Unix time in milliseconds, for what people and other programs read. */
  unixMs(): number
  /** Rings at `at`, or as soon after as it can. Returns what cancels it. */
  wake(at: number, ring: () => void): () => void
}

const LONGEST_TIMER_MS = 2 ** 31 - 1

export function systemClock(): Clock {
  return {
    now: () => performance.now(),
    unixMs: () => Date.now(),
    wake(at, ring) {
      const delay = Math.min(Math.max(0, at - performance.now()), LONGEST_TIMER_MS)
      const timer = setTimeout(ring, delay)
      return () => clearTimeout(timer)
    },
  }
}

/** Moves only when told to. */
export class VirtualClock implements Clock {
  #now = 0
  #alarms = new Set<{ at: number; ring: () => void }>()

  constructor(readonly startUnixMs = 1_790_000_000_000) {}

  now(): number {
    return this.#now
  }

  unixMs(): number {
    return this.startUnixMs + this.#now
  }

  wake(at: number, ring: () => void): () => void {
    const alarm = { at, ring }
    this.#alarms.add(alarm)
    return () => void this.#alarms.delete(alarm)
  }

  /** Alarms that are still set. */
  get pending(): number {
    return this.#alarms.size
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.wake(this.#now + ms, resolve))
  }

  /** Lets everything due up to `time` happen, in order, with what it sets off. */
  async to(time: number): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      let next: { at: number; ring: () => void } | undefined
      for (const alarm of this.#alarms) if (!next || alarm.at < next.at) next = alarm
      if (!next || next.at > time) break
      this.#alarms.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.ring()
    }
    this.#now = time
  }
}

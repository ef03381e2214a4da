// Who may use the recogniser next: finals before partials, and partials only while nobody needs anything else.

/** `final`: somebody waits for it. `partial`: nice to have; not done at all when there is other work. */
export type Urgency = 'final' | 'partial'

export interface DecodeCounts {
  readonly finals: number
  readonly partials: number
  /** Partials that were given up because there was other work. */
  readonly shed: number
  readonly running: number
  readonly waiting: number
}

export class DecodeQueue {
  #running = 0
  #runningPartials = 0
  #waiting: (() => void)[] = []
  #counts = { finals: 0, partials: 0, shed: 0 }

  /** `slots`: how much may run at once. */
  constructor(readonly slots: number) {}

  get counts(): DecodeCounts {
    return { ...this.#counts, running: this.#running, waiting: this.#waiting.length }
  }

  /** What `work` gives; undefined when it was shed, or no longer wanted before it began. Rejects as `work` does. */
  async run<T>(urgency: Urgency, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined
    if (urgency === 'partial' && !this.#hasRoomForPartial()) {
      this.#counts.shed += 1
      return undefined
    }
    // Without a wait where there is a free slot, so that the next caller already sees it taken.
    const slot = this.#slot(signal)
    if (slot !== true && !(await slot)) return undefined
    try {
      return await this.#perform(urgency, work)
    } finally {
      this.#release()
    }
  }

  /** One slot always stays free of partials where there are two: a decode that has begun cannot be called off. */
  #hasRoomForPartial(): boolean {
    return this.#running < this.slots && this.#runningPartials < Math.max(1, this.slots - 1)
  }

  /** Resolves to whether a slot was got before the signal fired. */
  #slot(signal: AbortSignal): Promise<boolean> | true {
    if (this.#running < this.slots) {
      this.#running += 1
      return true
    }
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((start) => start !== take)
        resolve(false)
      }
      const take = () => {
        signal.removeEventListener('abort', leave)
        resolve(true)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(take)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    // Handed on rather than freed, so that nobody gets in between.
    if (next) next()
    else this.#running -= 1
  }

  async #perform<T>(urgency: Urgency, work: () => Promise<T>): Promise<T> {
    this.#counts[urgency === 'final' ? 'finals' : 'partials'] += 1
    if (urgency === 'final') return work()
    this.#runningPartials += 1
    try {
      return await work()
    } finally {
      this.#runningPartials -= 1
    }
  }
}

// Waiting for what may never come, without waiting any longer once it is no longer wanted.

/**
 * What `stream` gives, until one of the signals fires: then it ends at once, whether or not the stream ever moves again.
 * Written out rather than as a generator: it is passed by every frame of every session.
 */
export function untilAborted<T>(
  stream: AsyncIterable<T>,
  ...signals: readonly AbortSignal[]
): AsyncIterableIterator<T, undefined> {
  const iterator = stream[Symbol.asyncIterator]()
  const alarm = new Alarm(signals)
  let isOver = false
  const finish = () => {
    if (isOver) return ended
    isOver = true
    alarm.dismiss()
    // Not awaited: a generator that waits for its own source cannot return before that moves.
    void Promise.resolve(iterator.return?.()).catch(() => {})
    return ended
  }
  const pass = (next: IteratorResult<T> | undefined): IteratorResult<T, undefined> =>
    isOver || next === undefined || next.done ? finish() : next
  const fail = (error: unknown) => {
    finish()
    throw error
  }
  return {
    next: async () => (isOver || alarm.rang ? finish() : alarm.unlessRang(iterator.next()).then(pass, fail)),
    return: async () => finish(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** What `promise` gives; undefined when the signal fires first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const alarm = new Alarm([signal])
  try {
    return await alarm.unlessRang(promise)
  } finally {
    alarm.dismiss()
  }
}

class Alarm {
  // A new promise each time: racing against one that lives as long as the stream would collect a reaction per race.
  #ring = () => {}
  #rang: boolean
  readonly #listener = () => {
    this.#rang = true
    this.#ring()
  }

  constructor(readonly signals: readonly AbortSignal[]) {
    this.#rang = signals.some((signal) => signal.aborted)
    for (const signal of signals) signal.addEventListener('abort', this.#listener, { once: true })
  }

  get rang(): boolean {
    return this.#rang
  }

  unlessRang<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#ring = () => resolve(undefined)
      promise.then((value) => resolve(this.#rang ? undefined : value), reject)
      if (this.#rang) resolve(undefined)
    })
  }

  dismiss(): void {
    for (const signal of this.signals) signal.removeEventListener('abort', this.#listener)
  }
}

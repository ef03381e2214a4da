// Waiting for what may never come, without waiting any longer once it is no longer wanted.

/** What `stream` gives, until one of the signals fires: then it ends at once, whether or not the stream ever moves again. */
export async function* untilAborted<T>(
  stream: AsyncIterable<T>,
  ...signals: readonly AbortSignal[]
): AsyncGenerator<T, void, undefined> {
  const iterator = stream[Symbol.asyncIterator]()
  const alarm = new Alarm(signals)
  try {
    while (!alarm.rang) {
      const next = await alarm.unlessRang(iterator.next())
      if (next === undefined || next.done) return
      yield next.value
    }
  } finally {
    alarm.dismiss()
    // Not awaited: a generator that waits for its own source cannot return before that moves.
    void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

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
  readonly #listener = () => this.#ring()

  constructor(readonly signals: readonly AbortSignal[]) {
    for (const signal of signals) signal.addEventListener('abort', this.#listener, { once: true })
  }

  get rang(): boolean {
    return this.signals.some((signal) => signal.aborted)
  }

  unlessRang<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#ring = () => resolve(undefined)
      promise.then((value) => resolve(this.rang ? undefined : value), reject)
      if (this.rang) resolve(undefined)
    })
  }

  dismiss(): void {
    for (const signal of this.signals) signal.removeEventListener('abort', this.#listener)
  }
}

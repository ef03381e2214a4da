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
  const next = () =>
    new Promise<IteratorResult<T, undefined>>((resolve, reject) => {
      if (isOver || alarm.rang) return resolve(finish())
      alarm.onRing = () => resolve(finish())
      iterator.next().then(
        (item) => resolve(isOver || alarm.rang || item.done ? finish() : item),
        (error) => {
          finish()
          reject(error)
        },
      )
    })
  return {
    next,
    return: async () => finish(),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** What `promise` gives; undefined when the signal fires first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const alarm = new Alarm([signal])
  return new Promise<T | undefined>((resolve, reject) => {
    alarm.onRing = () => resolve(undefined)
    if (alarm.rang) return resolve(undefined)
    promise.then((value) => resolve(alarm.rang ? undefined : value), reject)
  }).finally(() => alarm.dismiss())
}

/** Rings once, when the first of the signals fires. */
class Alarm {
  /** What waits for it at present: racing against a promise that lives as long as the stream would collect a reaction per race. */
  onRing = () => {}
  #rang: boolean
  readonly #listener = () => {
    this.#rang = true
    this.onRing()
  }

  constructor(readonly signals: readonly AbortSignal[]) {
    this.#rang = signals.some((signal) => signal.aborted)
    for (const signal of signals) signal.addEventListener('abort', this.#listener, { once: true })
  }

  get rang(): boolean {
    return this.#rang
  }

  dismiss(): void {
    for (const signal of this.signals) signal.removeEventListener('abort', this.#listener)
  }
}

// Streams that can be left while they wait: each by its own signal, all by closing the engine that they belong to.

/** The streams of an engine that are open. */
export class OpenStreams {
  readonly #stops = new Set<AbortController>()
  #closed: Error | undefined

  /**
   * What `body` gives. It is handed a signal and has to throw its reason once that aborts; when it was `signal` that
   * aborted, the stream then ends quietly, and when the engine was closed, with the error of `close`.
   */
  async *run<T>(
    signal: AbortSignal,
    body: (stop: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    if (this.#closed) throw this.#closed
    if (signal.aborted) return
    const stop = new AbortController()
    const abort = () => stop.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#stops.add(stop)
    try {
      yield* body(stop.signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', abort)
      this.#stops.delete(stop)
    }
  }

  close(error: Error): void {
    this.#closed = error
    for (const stop of this.#stops) stop.abort(error)
  }
}

/** `result`, or the reason of `signal` as soon as that aborts. */
export function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

// A stream that ends when its signal fires, even while its source is silent.

/** Yields what `source` yields until it ends or `signal` fires. The source is told to stop, but not waited for. */
export async function* takeUntil<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
  if (signal.aborted) return
  const items = source[Symbol.asyncIterator]()
  let stop = () => {}
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      const next = await Promise.race([items.next(), stopped])
      if (next === undefined || next.done || signal.aborted) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', stop)
    // a source that waits for its next item answers `return` only after that item: nobody waits for it
    void items.return?.()?.catch(() => {})
  }
}

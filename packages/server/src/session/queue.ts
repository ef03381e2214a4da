// A stream that is pushed into at one end and iterated at the other, by one reader.
const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** Written out rather than as a generator: it is passed by every frame of every session. */
export class Queue<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  #items: T[] = []
  #taken = 0
  #closed = false
  #reader: ((result: IteratorResult<T, undefined>) => void) | undefined

  /** What was pushed and not yet taken. */
  get length(): number {
    return this.#items.length - this.#taken
  }

  push(item: T): void {
    if (this.#closed) return
    const reader = this.#reader
    if (reader) {
      this.#reader = undefined
      reader({ done: false, value: item })
    } else this.#items.push(item)
  }

  /** No more will come; what is there can still be taken. */
  close(): void {
    this.#closed = true
    this.#reader?.(ended)
    this.#reader = undefined
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#taken < this.#items.length) return Promise.resolve({ done: false, value: this.#take() })
    if (this.#closed) return Promise.resolve(ended)
    return new Promise((resolve) => {
      this.#reader = resolve
    })
  }

  /** The reader has left: what is pushed from now on is nobody's. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#items = []
    this.#taken = 0
    this.close()
    return Promise.resolve(ended)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): T {
    // within bounds: the caller has compared the counts
    const item = this.#items[this.#taken]!
    this.#taken += 1
    if (this.#taken === this.#items.length) {
      this.#items = []
      this.#taken = 0
    }
    return item
  }
}

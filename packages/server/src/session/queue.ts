// A stream that is pushed into at one end and iterated at the other.
export class Queue<T> implements AsyncIterable<T> {
  #items: T[] = []
  #closed = false
  #wake: (() => void) | undefined

  /** What was pushed and not yet taken. */
  get length(): number {
    return this.#items.length
  }

  push(item: T): void {
    if (this.#closed) return
    this.#items.push(item)
    this.#wake?.()
  }

  /** No more will come; what is there can still be taken. */
  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (this.#items.length > 0) {
        const items = this.#items
        this.#items = []
        for (const item of items) yield item
      }
      if (this.#closed) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}

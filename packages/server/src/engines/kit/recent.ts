// What was made for the keys in use: the one not used for longest makes room for another.
export class Recent<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#values.size
  }

  has(key: Key): boolean {
    return this.#values.has(key)
  }

  /** What is kept for the key, or else what `make` makes for it. */
  get(key: Key, make: () => Value): Value {
    const value = this.#values.get(key) ?? make()
    // set anew, so that the map's order is that of use
    this.#values.delete(key)
    this.#values.set(key, value)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break
      this.#values.delete(oldest)
    }
    return value
  }

  clear(): void {
    this.#values.clear()
  }
}

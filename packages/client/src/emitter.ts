// Typed events: who listens to what, and how they are told.

type Listener<Value> = (value: Value) => void
type Listeners<Events> = { [Name in keyof Events]?: Set<Listener<Events[Name]>> }

export class Emitter<Events> {
  readonly #listeners: Listeners<Events> = {}

  /** Calls `listener` each time `name` happens. Returns what stops it. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners: Set<Listener<Events[Name]>> = this.#listeners[name] ?? new Set()
    this.#listeners[name] = listeners
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  protected has(name: keyof Events): boolean {
    return (this.#listeners[name]?.size ?? 0) > 0
  }

  protected emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(value)
      } catch (error) {
        // One listener's mistake is reported by the host and must not keep the others from being told.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

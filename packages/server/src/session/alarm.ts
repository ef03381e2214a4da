// The one alarm of a session: set to when the conversation next changes by itself.
import type { Clock } from './clock.js'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #set: { readonly at: number; cancel(): void } | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** `at`: by the clock; undefined: not at all. */
  set(at: number | undefined): void {
    if (this.#set?.at === at) return
    this.#set?.cancel()
    this.#set = at === undefined ? undefined : { at, cancel: this.#clock.wake(at, this.#rings) }
  }

  readonly #rings = (): void => {
    this.#set = undefined
    this.#ring()
  }
}

// What is written down of something, in its order, also when the database is away for a while.
import type { Clock } from '../session/clock.js'

export interface InOrderPorts {
  readonly clock: Pick<Clock, 'now' | 'wake'>
  /** The waits between tries, in ms; what then still cannot be written is given up. */
  readonly againAfterMs: readonly number[]
  /** Could not be written; `what`: as `run` was told. */
  lost(error: unknown, id: string, what: string): void
}

export class InOrder {
  readonly #ports: InOrderPorts
  /** What was asked for last of each, done or not. */
  readonly #last = new Map<string, Promise<void>>()
  readonly #wakes = new Set<() => void>()
  #isClosed = false

  constructor(ports: InOrderPorts) {
    this.#ports = ports
  }

  /** Begins when all that was asked for with the same id before is done. Does not reject. */
  run(id: string, what: string, work: () => Promise<void>): Promise<void> {
    const done = this.settled(id)
      .then(() => this.#persistently(work))
      .catch((error: unknown) => this.#ports.lost(error, id, what))
      .then(() => {
        if (this.#last.get(id) === done) this.#last.delete(id)
      })
    this.#last.set(id, done)
    return done
  }

  /** Resolves when all that was asked for so far is done or given up. */
  settled(id: string): Promise<void> {
    return this.#last.get(id) ?? Promise.resolve()
  }

  /** What cannot be written now is given up. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const wake of this.#wakes) wake()
    await Promise.all(this.#last.values())
  }

  async #persistently(work: () => Promise<void>): Promise<void> {
    for (const wait of this.#ports.againAfterMs) {
      try {
        return await work()
      } catch (error) {
        if (this.#isClosed) throw error
        await this.#sleep(wait)
      }
    }
    await work()
  }

  #sleep(ms: number): Promise<void> {
    const { clock } = this.#ports
    return new Promise((resolve) => {
      const wake = () => {
        cancel()
        this.#wakes.delete(wake)
        resolve()
      }
      const cancel = clock.wake(clock.now() + ms, wake)
      this.#wakes.add(wake)
    })
  }
}

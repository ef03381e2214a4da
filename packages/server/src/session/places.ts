// How many sessions may run at once for one account, and by one key.
import type { Problem } from '@parley/protocol'

/** Whose session it is. `keyId`: the stored key that it was opened with, by itself or by a token of it. */
export interface Owner {
  readonly accountId: string
  readonly keyId?: string | undefined
  /** The most sessions of that key; undefined: as many as its account may have. */
  readonly maxSessions?: number | undefined
}

/** A session takes a place when it begins and frees it when it is over; one that waits to be resumed keeps it. */
export class Places {
  readonly #mostPerAccount: number
  readonly #byAccount = new Tally()
  readonly #byKey = new Tally()

  /** `mostPerAccount`: `Infinity` for no limit. */
  constructor(mostPerAccount: number) {
    this.#mostPerAccount = mostPerAccount
  }

  /** How many accounts and keys have sessions. */
  get owners(): number {
    return this.#byAccount.size + this.#byKey.size
  }

  /** Why `owner` can have no further session now. */
  refusal({ accountId, keyId, maxSessions }: Owner): (Problem & { code: 'concurrency_exceeded' }) | undefined {
    if (keyId !== undefined && maxSessions !== undefined && this.#byKey.of(keyId) >= maxSessions)
      return {
        code: 'concurrency_exceeded',
        message: `As many sessions are open as this API key may have, ${maxSessions}. End one, or try again later.`,
      }
    if (this.#byAccount.of(accountId) >= this.#mostPerAccount)
      return {
        code: 'concurrency_exceeded',
        message: `As many sessions are open as this account may have, ${this.#mostPerAccount}. End one, or try again later.`,
      }
    return undefined
  }

  take({ accountId, keyId }: Owner): void {
    this.#byAccount.add(accountId, 1)
    if (keyId !== undefined) this.#byKey.add(keyId, 1)
  }

  free({ accountId, keyId }: Owner): void {
    this.#byAccount.add(accountId, -1)
    if (keyId !== undefined) this.#byKey.add(keyId, -1)
  }
}

/** Counts by name; what is counted down to zero is forgotten. */
class Tally {
  readonly #counts = new Map<string, number>()

  get size(): number {
    return this.#counts.size
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  add(name: string, change: 1 | -1): void {
    const count = this.of(name) + change
    if (count === 0) this.#counts.delete(name)
    else this.#counts.set(name, count)
  }
}

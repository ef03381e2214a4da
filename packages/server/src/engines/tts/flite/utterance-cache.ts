// Utterances made lately and those in the making, so that nothing is made twice: a greeting starts from memory.
import type { Utterance } from './synthesis.js'

type Make = (signal: AbortSignal) => Promise<Utterance>
interface Making {
  readonly result: Promise<Utterance>
  readonly controller: AbortController
  waiting: number
}

/** Holds up to `maxBytes` of sound and forgets what was used longest ago. */
export class UtteranceCache {
  readonly #made = new Map<string, Utterance>()
  readonly #making = new Map<string, Making>()
  #bytes = 0

  constructor(readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes
  }

  /**
   * The utterance of `key`, made by `make` when there is none. Rejects at once when `signal` aborts; the signal that
   * `make` gets aborts when nobody waits any more.
   */
  async get(key: string, make: Make, signal: AbortSignal): Promise<Utterance> {
    signal.throwIfAborted()
    const made = this.#made.get(key)
    if (made) {
      this.#made.delete(key)
      this.#made.set(key, made)
      return made
    }
    const making = this.#making.get(key) ?? this.#begin(key, make)
    making.waiting++
    return new Promise((resolve, reject) => {
      const leave = () => {
        making.waiting--
        if (making.waiting === 0) {
          if (this.#making.get(key) === making) this.#making.delete(key)
          making.controller.abort()
        }
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      making.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  #begin(key: string, make: Make): Making {
    const controller = new AbortController()
    const making = { result: make(controller.signal), controller, waiting: 0 }
    this.#making.set(key, making)
    const finished = () => {
      if (this.#making.get(key) === making) this.#making.delete(key)
    }
    making.result.then((utterance) => {
      finished()
      this.#keep(key, utterance)
    }, finished)
    return making
  }

  #keep(key: string, utterance: Utterance): void {
    const replaced = this.#made.get(key)
    if (replaced) this.#bytes -= sizeOf(replaced)
    this.#made.delete(key)
    this.#made.set(key, utterance)
    this.#bytes += sizeOf(utterance)
    for (const [oldest, old] of this.#made) {
      if (this.#bytes <= this.maxBytes) break
      this.#made.delete(oldest)
      this.#bytes -= sizeOf(old)
    }
  }
}

/** The sound, and about what its phones take. */
const sizeOf = ({ samples, phones }: Utterance): number => samples.byteLength + 64 * phones.length

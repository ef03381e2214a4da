// What the event loop notes of a session's sound: bytes as they came and went, packed into few messages for the thread that encodes them.

/** `cut`: what of the agent's sound was to be played after that moment is not heard. */
export type TapeEntry =
  | { readonly type: 'user' | 'agent'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'cut'; readonly at: number }

const TYPES = ['user', 'agent', 'cut'] as const
/** Type, length and time of an entry. */
const HEAD_BYTES = 1 + 4 + 8
const BATCH_BYTES = 65_536

/** Hands a batch on whenever one is full; `flush` hands on what there is. */
export class Tape {
  readonly #full: (batch: Uint8Array<ArrayBuffer>) => void
  #batch: Uint8Array<ArrayBuffer> | undefined
  #used = 0

  constructor(full: (batch: Uint8Array<ArrayBuffer>) => void) {
    this.#full = full
  }

  /** Copies `bytes` from `start` to `end`. `at`: in ms from the beginning of the recording. */
  write(type: 'user' | 'agent', at: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    const batch = this.#head(type, at, end - start)
    batch.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.#used)
    this.#used += end - start
  }

  cut(at: number): void {
    this.#head('cut', at, 0)
  }

  flush(): void {
    if (!this.#batch || this.#used === 0) return
    // a batch that is mostly empty is not worth its memory on the way
    const batch =
      this.#used < this.#batch.length / 2 ? this.#batch.slice(0, this.#used) : this.#batch.subarray(0, this.#used)
    if (batch.buffer === this.#batch.buffer) this.#batch = undefined
    this.#used = 0
    this.#full(batch)
  }

  #head(type: TapeEntry['type'], at: number, length: number): Uint8Array {
    const size = HEAD_BYTES + length
    if (this.#batch && this.#used + size > this.#batch.length) {
      this.flush()
      if (this.#batch && size > this.#batch.length) this.#batch = undefined
    }
    this.#batch ??= new Uint8Array(Math.max(BATCH_BYTES, size))
    const view = new DataView(this.#batch.buffer, this.#used)
    view.setUint8(0, TYPES.indexOf(type))
    view.setUint32(1, length)
    view.setFloat64(5, at)
    this.#used += HEAD_BYTES
    return this.#batch
  }
}

/** What a batch holds, in order; the bytes are views of it. */
export function* entriesOf(batch: Uint8Array): Generator<TapeEntry> {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  for (let place = 0; place < batch.length; ) {
    // a batch is written by `Tape` alone
    const type = TYPES[view.getUint8(place)]!
    const length = view.getUint32(place + 1)
    const at = view.getFloat64(place + 5)
    const bytes = batch.subarray(place + HEAD_BYTES, place + HEAD_BYTES + length)
    yield type === 'cut' ? { type, at } : { type, at, bytes }
    place += HEAD_BYTES + length
  }
}

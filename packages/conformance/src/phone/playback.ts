// What a carrier plays to a caller: a buffer that a server fills and a line that empties it in real time. No clock: whoever
// uses it says what time it is, in ms since the stream began.

export const SAMPLES_PER_MS = 8
/** Nothing, in mu-law. */
export const SILENCE = 0xff

/** A stretch of the line on which sound of the server was played without a gap. All in samples, 8 to the ms. */
export interface Span {
  /** Where on the line, from the beginning of the stream. */
  readonly at: number
  /** Where in all the sound that the server has sent. */
  readonly from: number
  readonly length: number
}

export interface ReturnedMark {
  readonly name: string
  /** When, in ms since the stream began. */
  readonly at: number
}

interface Mark {
  readonly name: string
  /** How much of the server's sound lies before it. */
  readonly behind: number
}

export class Playback {
  readonly spans: Span[] = []
  readonly #sent = new Bytes()
  readonly #line = new Bytes()
  /** The first byte of what was sent that has been neither played nor dropped. */
  #head = 0
  #marks: Mark[] = []

  /** All that the server has sent, played or not. */
  get sent(): Uint8Array {
    return this.#sent.whole
  }

  /** What was on the line, sample by sample in mu-law, from the beginning of the stream. */
  get line(): Uint8Array {
    return this.#line.whole
  }

  /** How much is waiting to be played, in samples. */
  get waiting(): number {
    return this.#sent.length - this.#head
  }

  add(sound: Uint8Array): void {
    this.#sent.add(sound)
  }

  /** To be returned when the sound before it has been played; at once, by the next `playTo`, when there is none. */
  mark(name: string): void {
    this.#marks.push({ name, behind: this.#sent.length })
  }

  /** Drops what was not played. The marks that were waiting come back now. */
  clear(): readonly string[] {
    this.#head = this.#sent.length
    const names = this.#marks.map(({ name }) => name)
    this.#marks = []
    return names
  }

  /** When the next mark will come back if nothing else happens. */
  nextMarkAt(): number | undefined {
    const [next] = this.#marks
    return next && (this.#line.length + next.behind - this.#head) / SAMPLES_PER_MS
  }

  /** Plays up to that moment: what is waiting, and silence where nothing is. */
  playTo(ms: number): readonly ReturnedMark[] {
    const until = Math.floor(ms * SAMPLES_PER_MS)
    const returned: ReturnedMark[] = this.#passed()
    while (this.#line.length < until && this.waiting > 0) {
      const stop = this.#marks[0]?.behind ?? this.#sent.length
      this.#play(Math.min(until - this.#line.length, stop - this.#head))
      returned.push(...this.#passed())
    }
    if (this.#line.length < until) this.#line.fill(SILENCE, until - this.#line.length)
    return returned
  }

  #play(length: number): void {
    const at = this.#line.length
    const last = this.spans.at(-1)
    if (last && last.at + last.length === at && last.from + last.length === this.#head)
      this.spans[this.spans.length - 1] = { ...last, length: last.length + length }
    else this.spans.push({ at, from: this.#head, length })
    this.#line.add(this.sent.subarray(this.#head, this.#head + length))
    this.#head += length
  }

  #passed(): ReturnedMark[] {
    const at = this.#line.length / SAMPLES_PER_MS
    const passed = this.#marks.filter(({ behind }) => behind <= this.#head)
    this.#marks = this.#marks.slice(passed.length)
    return passed.map(({ name }) => ({ name, at }))
  }
}

/** Bytes that only ever grow. */
class Bytes {
  #room = new Uint8Array(4096)
  length = 0

  get whole(): Uint8Array {
    return this.#room.subarray(0, this.length)
  }

  add(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#room.set(bytes, this.length)
    this.length += bytes.length
  }

  fill(byte: number, count: number): void {
    this.#reserve(count)
    this.#room.fill(byte, this.length, this.length + count)
    this.length += count
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#room.length) return
    const larger = new Uint8Array((this.length + count) * 2)
    larger.set(this.whole)
    this.#room = larger
  }
}

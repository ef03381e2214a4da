// Sends a reply's sound in frames, no sooner than a bounded lead before it is played.
import type { ReplyId } from '@parley/conversation'
import type { Clock } from './clock.js'

/** How long one frame of `reply.audio` plays, in ms (protocol.md 4, "Output pacing"). */
export const FRAME_MS = 20
/** How far ahead of its playing sound may leave, in ms. Bounds what a client still plays after a pause. */
export const LEAD_MS = 160
const WHEEL_TICK_MS = 5

/** One timer for all sessions: it turns only while somebody has sound waiting, and every due time is absolute, so nothing drifts. */
export class PacingWheel {
  readonly #clock: Clock
  readonly #playouts = new Set<Playout>()
  #stop: (() => void) | undefined
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(playout: Playout): void {
    this.#playouts.add(playout)
    if (this.#stop) return
    this.#next = this.#clock.now() + WHEEL_TICK_MS
    this.#stop = this.#clock.wake(this.#next, this.#turn)
  }

  remove(playout: Playout): void {
    this.#playouts.delete(playout)
    if (this.#playouts.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  readonly #turn = (): void => {
    const now = this.#clock.now()
    for (const playout of this.#playouts) playout.flow(now)
    this.#next = Math.max(now, this.#next + WHEEL_TICK_MS)
    this.#stop = this.#playouts.size > 0 ? this.#clock.wake(this.#next, this.#turn) : undefined
  }
}

/**
 * Takes `bytes` from `start` to `end` to the client as one frame of the reply. `isLast`: no further frame of it waits to
 * be sent, though more sound may be made yet.
 */
export type SendFrame = (reply: ReplyId, bytes: Buffer, start: number, end: number, isLast: boolean) => void

/** The sound of one session on its way out. One reply at a time. */
export class Playout {
  readonly #wheel: PacingWheel
  readonly #clock: Clock
  readonly #send: SendFrame
  readonly #frameBytes: number
  #reply: ReplyId | undefined
  #bytes: Buffer
  #head = 0
  #tail = 0
  #complete = false
  #paused = false
  /** When the sound sent so far will have been played. */
  #playsUntil = 0

  /** `bytesPerMs`: of the encoding on the wire; a frame is always a whole number of samples. */
  constructor(clock: Clock, wheel: PacingWheel, bytesPerMs: number, send: SendFrame) {
    this.#clock = clock
    this.#wheel = wheel
    this.#send = send
    this.#frameBytes = bytesPerMs * FRAME_MS
    this.#bytes = Buffer.allocUnsafeSlow(this.#frameBytes * 50)
  }

  /** Adds sound to a reply, in the encoding of the wire. Sound of a new reply takes the place of what was left of an old one. */
  add(reply: ReplyId, sound: Uint8Array): void {
    if (reply !== this.#reply) this.#begin(reply)
    this.#makeRoom(sound.length)
    this.#bytes.set(sound, this.#tail)
    this.#tail += sound.length
    this.#wheel.add(this)
    this.flow(this.#clock.now())
  }

  /** No more sound will come for the reply: the rest may leave as a shorter frame. */
  complete(reply: ReplyId): void {
    if (reply !== this.#reply) return
    this.#complete = true
    this.flow(this.#clock.now())
  }

  /** The reply is over: what is left of it leaves at once. */
  finish(reply: ReplyId): void {
    if (reply !== this.#reply) return
    this.#complete = true
    const now = this.#clock.now()
    while (this.#head < this.#tail) this.#sendFrame(reply, now)
    this.close()
  }

  pause(reply: ReplyId): void {
    if (reply === this.#reply) this.#paused = true
  }

  resume(reply: ReplyId): void {
    if (reply !== this.#reply) return
    this.#paused = false
    this.flow(this.#clock.now())
  }

  /** Forgets what was not sent. The client is told to forget the rest by the events that follow. */
  cancel(reply: ReplyId): void {
    if (reply !== this.#reply) return
    this.#reply = undefined
    this.#clear()
    this.#playsUntil = 0
  }

  close(): void {
    this.#reply = undefined
    this.#clear()
  }

  /** Sends what is due at `now`. */
  flow(now: number): void {
    const reply = this.#reply
    if (reply === undefined || this.#paused) return
    while (this.#playsUntil - now <= LEAD_MS - FRAME_MS) {
      if (!this.#hasFrame) break
      this.#sendFrame(reply, now)
      if (this.#reply !== reply) return
    }
    if (this.#head === this.#tail) this.#rest()
  }

  /** Less than a frame waits for more sound of the reply, or for word that there is none. */
  get #hasFrame(): boolean {
    const waiting = this.#tail - this.#head
    return waiting >= this.#frameBytes || (waiting > 0 && this.#complete)
  }

  #sendFrame(reply: ReplyId, now: number): void {
    const size = Math.min(this.#tail - this.#head, this.#frameBytes)
    const start = this.#head
    this.#head += size
    this.#playsUntil = Math.max(now, this.#playsUntil) + (size / this.#frameBytes) * FRAME_MS
    this.#send(reply, this.#bytes, start, start + size, !this.#hasFrame)
  }

  #begin(reply: ReplyId): void {
    this.#clear()
    this.#reply = reply
  }

  #clear(): void {
    this.#complete = false
    this.#paused = false
    this.#rest()
  }

  #rest(): void {
    this.#head = 0
    this.#tail = 0
    this.#wheel.remove(this)
  }

  #makeRoom(size: number): void {
    if (this.#tail + size <= this.#bytes.length) return
    const waiting = this.#tail - this.#head
    const target = waiting + size <= this.#bytes.length ? this.#bytes : Buffer.allocUnsafeSlow((waiting + size) * 2)
    this.#bytes.copy(target, 0, this.#head, this.#tail)
    this.#bytes = target
    this.#head = 0
    this.#tail = waiting
  }
}

// Sound in from a telephone line: put in order, its gaps filled with silence, and what a stall has held up left out.
import type { Millis } from '@parley/conversation'

/** The byte that is silence. */
export const silenceOf = { 'audio/pcmu': 0xff, 'audio/pcma': 0xd5 } as const
/** Both encodings of the telephone have one byte per sample at 8 kHz. */
export const BYTES_PER_MS = 8

/** Less than this between two pieces is no gap, but rounding. */
const UNEVEN_MS = 10
/** So much sound that came too early waits for what belongs before it. */
const WINDOW_MS = 60
/** The most silence that stands for one gap: enough for speech to have ended before it. */
const MOST_SILENCE_MS = 2_000
/** Sound and silence together may run ahead of the clock by this; a line whose times are nonsense is not filled up. */
const MOST_AHEAD_MS = 1_000
/** Sound that is older than this is not worth an answer any more. */
const MOST_LATE_MS = 2_000
/** A line of which nothing could be used for so long is followed from where it is now. */
const LOST_AFTER_MS = 10_000
const SILENCE_PIECE_MS = 20

/** Plain numbers of all lines together; they are only added up when somebody asks. */
export interface LineTally {
  silenceFilledMs: Millis
  soundDroppedMs: Millis
  marksLost: number
}

export interface InboundPorts {
  now(): Millis
  hear(bytes: Uint8Array): void
  readonly tally: LineTally
}

interface Piece {
  readonly bytes: Uint8Array
  /** Where it belongs, in ms since the stream began. */
  readonly at: Millis
}

/** The sound of one stream. Pieces may have any length. */
export class Inbound {
  readonly #ports: InboundPorts
  readonly #silence: Uint8Array
  #stream: Stream | undefined
  /** Since when nothing could be used. */
  #lostSince: Millis | undefined

  constructor(encoding: keyof typeof silenceOf, ports: InboundPorts) {
    this.#ports = ports
    this.#silence = new Uint8Array(SILENCE_PIECE_MS * BYTES_PER_MS).fill(silenceOf[encoding])
  }

  /** Hands on what is complete up to here. The bytes may be used again at once. */
  push(bytes: Uint8Array, at: Millis): void {
    if (bytes.length === 0) return
    const now = this.#ports.now()
    this.#stream ??= streamFrom(at, now)
    const stream = this.#stream
    const lag = now - at
    stream.leastLag = Math.min(stream.leastLag, lag)
    if (lag - stream.leastLag > MOST_LATE_MS || isKnown({ bytes, at }, stream)) return this.#drop(bytes, at, now)
    if (at > stream.end + UNEVEN_MS) hold({ bytes: bytes.slice(), at }, stream)
    else this.#deliver({ bytes, at }, stream)
    this.#release(stream, now)
  }

  #drop(bytes: Uint8Array, at: Millis, now: Millis): void {
    this.#lostSince ??= now
    if (now - this.#lostSince < LOST_AFTER_MS) {
      this.#ports.tally.soundDroppedMs += lengthOf(bytes)
      return
    }
    this.#stream = streamFrom(at, now)
    this.#deliver({ bytes, at }, this.#stream)
  }

  /** What overlaps with sound that was handed on already is cut off. */
  #deliver({ bytes, at }: Piece, stream: Stream): void {
    const overlap = stream.end - at > UNEVEN_MS ? Math.round((stream.end - at) * BYTES_PER_MS) : 0
    this.#lostSince = undefined
    stream.end = at + lengthOf(bytes)
    stream.delivered += lengthOf(bytes) - overlap / BYTES_PER_MS
    this.#ports.hear(overlap === 0 ? bytes : bytes.subarray(overlap))
  }

  /** Hands on what has waited, as far as it goes on from what went before or has waited long enough. */
  #release(stream: Stream, now: Millis): void {
    for (let first = stream.held[0]; first; first = stream.held[0]) {
      const follows = first.at <= stream.end + UNEVEN_MS
      if (!follows && heldMs(stream) < WINDOW_MS) return
      stream.held.shift()
      if (isPast(first, stream)) {
        this.#ports.tally.soundDroppedMs += lengthOf(first.bytes)
        continue
      }
      if (!follows) this.#fill(first.at - stream.end, stream, now)
      this.#deliver(first, stream)
    }
  }

  #fill(gap: Millis, stream: Stream, now: Millis): void {
    const room = now - stream.began + MOST_AHEAD_MS - stream.delivered
    const filled = Math.min(gap, MOST_SILENCE_MS, Math.max(0, room))
    this.#ports.tally.silenceFilledMs += filled
    stream.delivered += filled
    for (let left = Math.round(filled * BYTES_PER_MS); left > 0; left -= this.#silence.length)
      this.#ports.hear(left < this.#silence.length ? this.#silence.subarray(0, left) : this.#silence)
  }
}

interface Stream {
  /** When its first sound came. */
  readonly began: Millis
  /** Where the next sound belongs. */
  end: Millis
  /** Sound and silence that were handed on. */
  delivered: Millis
  /** By how much the clock is ahead of the times of the stream when the line holds nothing up. */
  leastLag: Millis
  /** What came too early, by its time. */
  readonly held: Piece[]
}

const streamFrom = (at: Millis, now: Millis): Stream => ({
  began: now,
  end: at,
  delivered: 0,
  leastLag: now - at,
  held: [],
})

function hold(piece: Piece, { held }: Stream): void {
  const later = held.findIndex(({ at }) => at > piece.at)
  held.splice(later < 0 ? held.length : later, 0, piece)
}

const lengthOf = (bytes: Uint8Array): Millis => bytes.length / BYTES_PER_MS
const heldMs = ({ held }: Stream): Millis => held.reduce((sum, { bytes }) => sum + lengthOf(bytes), 0)

/** It has come before, or its place is taken. */
const isKnown = (piece: Piece, stream: Stream): boolean =>
  isPast(piece, stream) || stream.held.some(({ at }) => at === piece.at)

/** It came twice, or after its place was given to silence. */
const isPast = ({ bytes, at }: Piece, { end }: Stream): boolean => at + lengthOf(bytes) <= end

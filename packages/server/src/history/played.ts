// Where in a recording the sound of a reply lies, for peers that tell what they have played: up to where it was heard.
import type { Millis, ReplyId } from '@parley/conversation'

/** A peer confirms what it plays about as often as this; hardly more than that is believed (as the conversation does). */
const BETWEEN_MARKS: Millis = 120
/** What should have been confirmed so long ago is believed all the same. */
const CONFIRMED_WITHIN: Millis = 2000

/** Sound that lies in one piece: from `offset` in the reply, at `place` in the recording. */
interface Stretch {
  readonly offset: Millis
  readonly place: Millis
  length: Millis
}

export class Played {
  #reply: ReplyId | undefined
  /** Of the reply, in order, from what was confirmed last on. */
  #stretches: Stretch[] = []
  #confirmed: Millis = 0
  /** How much later the peer plays than the recording has it. */
  #behind: Millis = 0
  /** Where all sound so far ends, of whatever reply. */
  #end: Millis = 0

  /** Sound of the reply has left at `at`; it lies behind what left before. */
  sent(reply: ReplyId, length: Millis, at: Millis): void {
    if (reply !== this.#reply) this.#begin(reply)
    const last = this.#stretches.at(-1)
    const place = Math.max(at, this.#end)
    this.#end = place + length
    if (last && last.place + last.length === place) last.length += length
    else this.#stretches.push({ offset: last ? last.offset + last.length : 0, place, length })
  }

  /** The peer tells at `at` that it has played the reply up to `offset`. */
  reached(reply: ReplyId, offset: Millis, at: Millis): void {
    if (reply !== this.#reply || offset <= this.#confirmed) return
    this.#confirmed = offset
    this.#behind = at - this.#placeOf(offset)
    const last = this.#stretches.findLastIndex((stretch) => stretch.offset < offset)
    this.#stretches = this.#stretches.slice(Math.max(0, last))
  }

  /** The reply is cut off at `at`. Gives where the recording is to be cut off: up to there it was heard. */
  cut(reply: ReplyId, at: Millis): Millis {
    const heard = reply === this.#reply ? this.#heardUntil(at) : at
    this.#end = Math.min(this.#end, heard)
    return heard
  }

  #heardUntil(at: Millis): Millis {
    const confirmed = this.#placeOf(this.#confirmed)
    const believed = this.#placeOf(this.#confirmed + BETWEEN_MARKS)
    const played = at - this.#behind
    return Math.max(confirmed, Math.min(played, believed), Math.min(played - CONFIRMED_WITHIN, this.#end))
  }

  #begin(reply: ReplyId): void {
    this.#reply = reply
    this.#stretches = []
    this.#confirmed = 0
    this.#behind = 0
  }

  /** Where the sound before `offset` ends; what was not sent would follow on what was. */
  #placeOf(offset: Millis): Millis {
    const stretch = this.#stretches.findLast((candidate) => candidate.offset < offset) ?? this.#stretches[0]
    return stretch ? stretch.place + offset - stretch.offset : this.#end
  }
}

// A telephone call as the line of a session: sound out, with marks that come back when it was played.
import type { Millis, ReplyId } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import type { Line } from '../session/session.js'
import type { MediaStream } from './carrier.js'
import { BYTES_PER_MS } from './inbound.js'
import { Marks, type Reached } from './marks.js'

/** There is a mark after so much sound at the latest. */
export const MARK_EVERY_MS: Millis = 100

export interface PhoneLinePorts {
  readonly stream: Pick<MediaStream, 'sound' | 'mark' | 'clear'>
  write(message: string): void
  close(code: number, reason: string): void
  /** The session never began, or broke off; `why` is a sentence of the session. */
  failed(why: string): void
  /** That many marks have not come back though a later one has. */
  marksLost(count: number): void
}

export class PhoneLine implements Line {
  readonly #ports: PhoneLinePorts
  readonly #marks: Marks
  #reply: ReplyId | undefined
  /** Of the reply, in bytes. */
  #sent = 0
  #marked = 0
  /** What the session has complained of last. */
  #complaint: string | undefined

  constructor(ports: PhoneLinePorts) {
    this.#ports = ports
    this.#marks = new Marks((count) => ports.marksLost(count))
  }

  /** The events of the protocol have no reader on a telephone: all that they tell is in the sound, but why it fails. */
  send(event: ServerEvent): void {
    if (event.type === 'session.error') this.#complaint = event.message
  }

  readonly sendFrame = (reply: ReplyId, bytes: Buffer, start: number, end: number, isLast: boolean): void => {
    const { stream, write } = this.#ports
    if (reply !== this.#reply) this.#begin(reply)
    write(stream.sound(bytes, start, end))
    this.#sent += end - start
    if (!isLast && this.#sent - this.#marked < MARK_EVERY_MS * BYTES_PER_MS) return
    this.#marked = this.#sent
    write(stream.mark(this.#marks.set({ reply, offset: this.#sent / BYTES_PER_MS })))
  }

  /** The carrier throws away what it has; whatever it says of that sound from now on counts for nothing. */
  cancel(reply: ReplyId): void {
    if (reply !== this.#reply) return
    if (this.#marks.areUnderWay || this.#marked < this.#sent) this.#ports.write(this.#ports.stream.clear())
    this.#marks.voidAll()
    this.#reply = undefined
  }

  /** How much of which reply was played, when this mark came back; undefined when the mark counts for nothing. */
  reached(mark: string): Reached | undefined {
    return this.#marks.take(mark)
  }

  close(code: number, reason: string): void {
    if (code !== 1000 && this.#complaint !== undefined) this.#ports.failed(this.#complaint)
    this.#ports.close(code, reason)
  }

  #begin(reply: ReplyId): void {
    this.#reply = reply
    this.#sent = 0
    this.#marked = 0
  }
}

// The line of a session, whichever it is now. While there is none, what is sent reaches nobody.
import type { ReplyId } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import type { Line, SessionEnd } from './ports.js'

export class Attachment implements Omit<Line, 'close'> {
  #line: Line | undefined
  /** Carries nothing before `session.ready` (checklist 117). */
  #next: Line | undefined

  constructor(line: Line | undefined) {
    this.#line = line
  }

  /** The new line takes over with the next `session.ready`; the one before, if it is still there, is closed (Q26). */
  offer(line: Line): void {
    this.#letGo(1008, 'resumed elsewhere')
    this.#next = line
  }

  /** The line is gone. False when another has taken its place. */
  release(line: Line): boolean {
    if (line !== this.#line && line !== this.#next) return false
    this.#line = undefined
    this.#next = undefined
    return true
  }

  send(event: ServerEvent): void {
    if (this.#next && event.type === 'session.ready') {
      this.#line = this.#next
      this.#next = undefined
    }
    this.#line?.send(event)
  }

  readonly sendFrame = (reply: ReplyId, bytes: Buffer, start: number, end: number): void =>
    this.#line?.sendFrame(reply, bytes, start, end)

  close(code: number, reason: string, end: SessionEnd): void {
    this.#letGo(code, reason, end)
  }

  #letGo(code: number, reason: string, end?: SessionEnd): void {
    this.#line?.close(code, reason, end)
    this.#next?.close(code, reason, end)
    this.#line = undefined
    this.#next = undefined
  }
}

// The line of a session, whichever it is now. While there is none, what is sent reaches nobody; it may be held back for a moment.
import type { ReplyId } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import type { SendFrame } from './playout.js'
import type { Line } from './ports.js'

export class Attachment implements Line {
  #line: Line | undefined
  /** Carries nothing before `session.ready` (checklist 117). */
  #next: Line | undefined
  /** What waits to be sent, in its order. */
  #held: (() => void)[] = []
  /** How often it was held and not let go yet. */
  #holds = 0
  /** Calls that were held back until the line was gone. Nobody else keeps them: whoever is to answer them gets them on the next line. */
  #lateCalls: ServerEvent[] = []

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

  /** What is sent from now on waits until this is called back, and until every other hold is over. */
  hold(): () => void {
    this.#holds += 1
    return () => {
      this.#holds -= 1
      if (this.#holds === 0) this.#sendHeld()
    }
  }

  send(event: ServerEvent): void {
    if (this.#holds === 0) return this.#send(event)
    const isKeptNowhereElse = this.#line !== undefined && event.type === 'tool.call'
    this.#held.push(() => (isKeptNowhereElse && !this.#line ? this.#lateCalls.push(event) : this.#send(event)))
  }

  readonly sendFrame: SendFrame = (reply, bytes, start, end, isLast) => {
    if (this.#holds === 0) return this.#line?.sendFrame(reply, bytes, start, end, isLast)
    // the memory is used again
    const kept = Buffer.from(bytes.subarray(start, end))
    this.#held.push(() => this.#line?.sendFrame(reply, kept, 0, kept.length, isLast))
  }

  cancel(reply: ReplyId): void {
    if (this.#holds > 0) this.#held.push(() => this.#line?.cancel?.(reply))
    else this.#line?.cancel?.(reply)
  }

  /** What is held back is sent before. */
  close(code: number, reason: string): void {
    this.#sendHeld()
    this.#letGo(code, reason)
  }

  /** As `close`, when somebody else goes on with the session: what is held back is none of this server's business any more. */
  abandon(code: number, reason: string): void {
    this.#held = []
    this.#letGo(code, reason)
  }

  #sendHeld(): void {
    const held = this.#held
    this.#held = []
    for (const send of held) send()
  }

  #send(event: ServerEvent): void {
    if (!this.#next || event.type !== 'session.ready') return this.#line?.send(event)
    this.#line = this.#next
    this.#next = undefined
    const calls = this.#lateCalls
    this.#lateCalls = []
    for (const told of [event, ...calls]) this.#line?.send(told)
  }

  #letGo(code: number, reason: string): void {
    this.#line?.close(code, reason)
    this.#next?.close(code, reason)
    this.#line = undefined
    this.#next = undefined
  }
}

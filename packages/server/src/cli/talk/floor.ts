// Who has the floor, as far as the server has told, and how to wait until that changes.
import type { TimedServerEvent } from '@parley/protocol'
import type { Clock } from '../../session/clock.js'

const LOOK_MS = 20

export class Floor {
  /** The user's turn is open: it began, and the server has not answered it yet. */
  userSpeaks = false
  /** A reply is open. */
  agentSpeaks = false
  /** When the last reply was done; before that, never. */
  lastDoneAt = Number.NEGATIVE_INFINITY
  readonly #begun: { readonly reply: string; readonly at: number }[] = []
  #isClosed = false
  readonly #waiting = new Set<() => void>()

  constructor(private readonly clock: Clock) {}

  /** The replies that began at `time` or later. */
  repliesSince(time: number): readonly string[] {
    return this.#begun.filter(({ at }) => at >= time).map(({ reply }) => reply)
  }

  hear(event: TimedServerEvent): void {
    if (event.type === 'input.speech.started') this.userSpeaks = true
    if (event.type === 'input.speech.stopped') this.userSpeaks = false
    if (event.type === 'reply.started') {
      this.agentSpeaks = true
      this.#begun.push({ reply: event.reply_id, at: this.clock.now() })
    }
    if (event.type === 'reply.done') {
      this.agentSpeaks = false
      this.lastDoneAt = this.clock.now()
    }
    this.look()
  }

  /** Lets everybody who waits look again. */
  look(): void {
    for (const check of [...this.#waiting]) check()
  }

  /** Nothing more will come: everybody who waits, now or later, is told no. */
  close(): void {
    this.#isClosed = true
    this.look()
  }

  /**
   * Resolves with true as soon as `isTrue` has been so for `forMs` on end, with false at `deadline` or once closed.
   * It is asked again after each event, and every 20 ms for what no event announces, such as the end of playing.
   */
  until(isTrue: () => boolean, deadline: number, forMs = 0): Promise<boolean> {
    return new Promise((resolve) => {
      let since: number | undefined
      let cancel = () => {}
      const settle = (result: boolean) => {
        this.#waiting.delete(check)
        resolve(result)
      }
      const check = () => {
        cancel()
        const now = this.clock.now()
        since = isTrue() ? (since ?? now) : undefined
        if (since !== undefined && now - since >= forMs) return settle(true)
        if (this.#isClosed || now >= deadline) return settle(false)
        cancel = this.clock.wake(Math.min(deadline, now + LOOK_MS), check)
      }
      this.#waiting.add(check)
      check()
    })
  }
}

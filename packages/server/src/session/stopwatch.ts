// Takes the times of each reply, from the end of speech to the first sound sent, without a say in what happens.
import type { Event, Millis, ReplyId } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'

/** One reply, on the session's clock, in ms. What did not happen is absent. */
export interface TurnTimes {
  readonly reply: ReplyId
  /** The acoustic end of the speech that the reply answers. */
  readonly speechEnded?: Millis
  /** The last final transcript of that speech. */
  readonly transcribed?: Millis
  /** `reply.started`: the turn was judged to be over. */
  readonly committed: Millis
  /** The first word of the language model. */
  readonly firstWord?: Millis
  /** The first sound that the voice made. */
  readonly firstSound?: Millis
  /** The first frame of it on its way to the client. */
  readonly firstSent?: Millis
  readonly done: Millis
  readonly interrupted: boolean
  /** From the order to hold the sound back, or from the interruption, to the last frame sent; 0 or less when none followed. */
  readonly stoppedAfter?: Millis
}

type Times = { -readonly [Key in keyof TurnTimes]: TurnTimes[Key] }

export class Stopwatch {
  readonly #report: (times: TurnTimes) => void
  #speechEnded: Millis | undefined
  #transcribed: Millis | undefined
  /** The turn that the next reply answers. */
  #turn: Pick<TurnTimes, 'speechEnded' | 'transcribed'> = {}
  #times: Times | undefined
  #pausedAt: Millis | undefined
  #lastFrameAt: Millis | undefined

  constructor(report: (times: TurnTimes) => void) {
    this.#report = report
  }

  happened(event: Event): void {
    const times = this.#times
    switch (event.type) {
      case 'vad.stopped':
        this.#speechEnded = event.since
        break
      case 'stt.final':
        this.#transcribed = event.at
        break
      case 'llm.wrote':
        if (times?.reply === event.reply) times.firstWord ??= event.at
        break
      case 'tts.spoke':
        if (times?.reply === event.reply) times.firstSound ??= event.at
        break
    }
  }

  sent(event: ServerEvent, at: Millis): void {
    switch (event.type) {
      case 'transcript.user':
        this.#turn = {
          ...(this.#speechEnded !== undefined && { speechEnded: this.#speechEnded }),
          ...(this.#transcribed !== undefined && { transcribed: this.#transcribed }),
        }
        break
      case 'reply.started':
        this.#begin(event.reply_id, at)
        break
      case 'reply.done':
        this.#finish(at, event.status === 'interrupted')
        break
    }
  }

  frameSent(reply: ReplyId, at: Millis): void {
    this.#lastFrameAt = at
    if (this.#times?.reply === reply) this.#times.firstSent ??= at
  }

  paused(at: Millis): void {
    this.#pausedAt = at
  }

  #begin(reply: ReplyId, at: Millis): void {
    this.#pausedAt = undefined
    this.#lastFrameAt = undefined
    this.#times = { reply, ...this.#turn, committed: at, done: at, interrupted: false }
    this.#turn = {}
    this.#speechEnded = undefined
    this.#transcribed = undefined
  }

  #finish(at: Millis, interrupted: boolean): void {
    const times = this.#times
    if (!times) return
    this.#times = undefined
    const stoppedAfter =
      interrupted && this.#lastFrameAt !== undefined ? { stoppedAfter: this.#lastFrameAt - (this.#pausedAt ?? at) } : {}
    this.#report({ ...times, done: at, interrupted, ...stoppedAfter })
  }
}

// Follows one session and has what may be kept of it kept: its row, its timeline, its sound.
import type { Conversation, Effect, EndReason, Event, Millis, ReplyId } from '@parley/conversation'
import { type ConfigEcho, durationMs, type HistorySettings } from '@parley/protocol'
import type { SessionObserver } from '../session/observer.js'
import type { NewSession, SessionEnd } from '../storage/store.js'
import type { Opening } from './messages.js'
import { Played } from './played.js'
import type { Policy } from './policy.js'
import { secretless } from './secretless.js'
import type { Tape } from './tape.js'
import { Timeline } from './timeline.js'
import type { TimelineEntry } from './timeline-document.js'

export interface SessionHistoryPorts {
  readonly id: string
  readonly accountId: string
  /** Milliseconds on some clock. */
  now(): number
  /** `asked`: by the agent of the session. */
  policy(asked: HistorySettings | undefined): Policy
  /** The session is ready: from now on it is among those that are kept. */
  begun(session: NewSession): void
  /** Opens the files of the session. `now`: its time, in ms from the beginning of the recording. */
  open(opening: Omit<Opening, 'id' | 'folder'>, now: () => number): Tape
  entry(entry: TimelineEntry): void
  /** The session goes on elsewhere, or later. `files`: whether files were opened. */
  suspended(files: boolean): void
  /** `files`: whether files were opened. */
  ended(session: NewSession, end: SessionEnd, files: boolean): void
}

interface Begun {
  readonly zero: Millis
  readonly zeroUnixMs: number
  /** The same moment on the clock of the ports. */
  readonly beganAt: number
  readonly config: ConfigEcho
  readonly timeline: Timeline
  /** Of a peer that tells what it has played. */
  readonly played: Played | undefined
}

export class SessionHistory implements SessionObserver {
  readonly #ports: SessionHistoryPorts
  #agentId: string | undefined
  #asked: HistorySettings | undefined
  #begun: Begun | undefined
  #session: NewSession | undefined
  #tape: Tape | undefined
  #keepsWords = false

  constructor(ports: SessionHistoryPorts) {
    this.#ports = ports
  }

  prepared(_config: unknown, agentId: string | undefined, asked: HistorySettings | undefined): void {
    this.#agentId = agentId
    this.#asked = asked
  }

  stepped(event: Event, effects: readonly Effect[], conversation: Conversation): void {
    if (!this.#begun) this.#begin(event.at, effects, conversation)
    const begun = this.#begun
    if (!begun) return
    begun.timeline.stepped(event, effects, conversation)
    const at = event.at - begun.zero
    if (event.type === 'playout.reached') begun.played?.reached(event.reply, event.offset, at)
    const cancelled = effects.find((effect) => effect.type === 'cancel')
    if (cancelled && !effects.some(completesReply)) this.#tape?.cut(begun.played?.cut(cancelled.reply, at) ?? at)
  }

  heard(bytes: Uint8Array, at: Millis): void {
    this.#record('user', bytes, 0, bytes.length, at)
  }

  sent(reply: ReplyId, bytes: Buffer, start: number, end: number, at: Millis): void {
    const begun = this.#begun
    begun?.timeline.sent(reply, at)
    begun?.played?.sent(reply, durationMs(begun.config.output.format.encoding, end - start), at - begun.zero)
    this.#record('agent', bytes, start, end, at)
  }

  suspended(): void {
    this.#ports.suspended(this.#keepsWords)
  }

  over(reason: EndReason | 'refused', at: Millis): void {
    const begun = this.#begun
    if (!begun) return
    begun.timeline.over(at)
    const end: SessionEnd = {
      closeReason: reason === 'refused' ? 'error' : reason,
      durationSeconds: (at - begun.zero) / 1000,
      endedAt: new Date(begun.zeroUnixMs + at - begun.zero),
    }
    if (this.#session) this.#ports.ended(this.#session, end, this.#keepsWords)
  }

  /** Nothing more is kept: the session was deleted while it runs. Whether there are files. */
  forget(): boolean {
    const had = this.#keepsWords
    this.#keepsWords = false
    this.#tape = undefined
    return had
  }

  #begin(at: Millis, effects: readonly Effect[], conversation: Conversation): void {
    const ready = effects.flatMap((effect) =>
      effect.type === 'send' && effect.event.type === 'session.ready' ? [effect.event] : [],
    )[0]
    if (!ready || conversation.phase !== 'live') return
    const { since: zero, start } = conversation
    const config = secretless(ready.config)
    const tell = (entry: TimelineEntry) => {
      if (this.#keepsWords) this.#ports.entry(entry)
    }
    const beganAt = this.#ports.now() - (at - zero)
    this.#begun = {
      zero,
      beganAt,
      // to the millisecond, as the timeline tells it
      zeroUnixMs: Math.round(start.startedAtUnixMs + zero),
      config,
      timeline: new Timeline(zero, config, tell),
      played: start.confirmsPlayout ? new Played() : undefined,
    }
    this.#keep(this.#begun)
  }

  #keep({ zeroUnixMs, beganAt, config }: Begun): void {
    const policy = this.#ports.policy(this.#asked)
    const { id, accountId } = this.#ports
    this.#session = {
      id,
      accountId,
      agentId: this.#agentId,
      config: policy.words ? config : undefined,
      retentionDays: policy.retentionDays,
      createdAt: new Date(zeroUnixMs),
    }
    this.#ports.begun(this.#session)
    this.#keepsWords = policy.words
    if (policy.words) {
      const sound = { input: config.input.format.encoding, output: config.output.format.encoding }
      const tape = this.#ports.open(
        { head: { session_id: id, started_at_unix_ms: zeroUnixMs }, sound: policy.sound ? sound : undefined },
        () => this.#ports.now() - beganAt,
      )
      if (policy.sound) this.#tape = tape
    }
  }

  #record(side: 'user' | 'agent', bytes: Uint8Array, start: number, end: number, at: Millis): void {
    const begun = this.#begun
    if (begun) this.#tape?.write(side, at - begun.zero, bytes, start, end)
  }
}

const completesReply = (effect: Effect): boolean =>
  effect.type === 'send' && effect.event.type === 'reply.done' && effect.event.status === 'completed'

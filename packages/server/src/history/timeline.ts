// The timeline of a session: folds what happens and what is ordered into turns. It reads no clock and writes no file.
import type { CallId, Conversation, Effect, Event, Live, Millis, ReplyId } from '@parley/conversation'
import type { ConfigEcho, ServerEvent } from '@parley/protocol'
import { changesBetween } from './config-changes.js'
import { secretless } from './secretless.js'
import type { TimelineDecision, TimelineEntry, Trigger } from './timeline-document.js'
import { type CallNotes, type SaidWords, type TurnNotes, turnOf } from './turn-notes.js'

interface Pending {
  readonly call: CallNotes
  readonly turn: TurnNotes
}

export class Timeline {
  readonly #zero: Millis
  readonly #write: (entry: TimelineEntry) => void
  #config: ConfigEcho
  /** The speech that goes on, until its words are known or it is forgotten. */
  #speech: { startedAt?: Millis; endedAt?: Millis; transcribedAt?: Millis } = {}
  /** Words that got no reply yet. */
  #said: SaidWords | undefined
  #askedAt: Millis | undefined
  #answeredAt: Millis | undefined
  #decisions: TimelineDecision[] = []
  #open: TurnNotes | undefined
  /** The last one that is over. */
  #latest: TurnNotes | undefined
  readonly #pending = new Map<CallId, Pending>()
  /** Calls of tools that the server runs: what a client says of one counts for nothing. */
  readonly #ofServer = new Set<CallId>()

  /** `zero`: when `session.ready` was sent, on the session's clock; all moments count from there. */
  constructor(zero: Millis, config: ConfigEcho, write: (entry: TimelineEntry) => void) {
    this.#zero = zero
    this.#config = secretless(config)
    this.#write = write
  }

  /** As `SessionObserver.stepped`. */
  stepped(event: Event, effects: readonly Effect[], conversation: Conversation): void {
    if (this.#pending.size > 0) this.#giveUpOverdue(event.at, conversation)
    this.#happened(event)
    for (const effect of effects) this.#ordered(effect, event.at, conversation)
  }

  /** A frame of the reply has left. */
  sent(reply: ReplyId, at: Millis): void {
    if (this.#open?.id === reply) this.#open.firstSentAt ??= at
  }

  over(at: Millis): void {
    if (this.#open) this.#finish('interrupted', at)
    const said = this.#said
    if (!said) return
    this.#said = undefined
    this.#tell({
      ...this.#blank(said.item, 'user_speech', said.endedAt ?? at),
      item: said.item,
      said,
      decidedAt: undefined,
      status: 'unanswered',
    })
  }

  #happened(event: Event): void {
    const open = 'reply' in event && this.#open?.id === event.reply ? this.#open : undefined
    switch (event.type) {
      case 'vad.started':
        this.#speech.startedAt ??= event.since
        return
      case 'vad.stopped':
        this.#speech.endedAt = event.since
        return
      case 'stt.final':
        this.#speech.transcribedAt = event.at
        return
      case 'client.askedReply':
        this.#askedAt = event.at
        return
      case 'llm.wrote':
      case 'llm.called':
        if (open) open.firstTokenAt ??= event.at
        return
      case 'tts.spoke':
        // the first frame may leave a moment before the session hears that its sound was made
        if (open) open.firstSoundAt ??= Math.min(event.at, open.firstSentAt ?? event.at)
        return
      case 'client.answered':
      case 'tool.answered':
        return this.#answered(event)
      default:
        return
    }
  }

  #ordered(effect: Effect, at: Millis, conversation: Conversation): void {
    switch (effect.type) {
      case 'note':
        return void (this.#open?.decisions ?? this.#decisions).push({ at_ms: this.#place(at), ...effect.decision })
      case 'listen':
        this.#speech = {}
        return
      case 'generate':
        if (this.#open?.trigger === 'reply_create' && effect.instructions !== undefined)
          this.#open.instructions = effect.instructions
        return
      case 'speak':
        if (this.#open?.id === effect.reply && effect.text !== '') this.#open.firstSentenceAt ??= at
        return
      case 'invoke':
        this.#ofServer.add(effect.callId)
        return
      case 'send':
        return this.#told(effect.event, at, conversation)
      default:
        return
    }
  }

  #told(event: ServerEvent, at: Millis, conversation: Conversation): void {
    switch (event.type) {
      case 'session.updated':
        return this.#configured(event.config, at)
      case 'transcript.user':
        return this.#userSaid(event.item_id, event.text)
      case 'reply.started':
        return this.#begin(event.reply_id, event.item_id, at, conversation)
      case 'transcript.agent.delta':
        if (this.#open) this.#open.words += event.delta
        return
      case 'transcript.agent':
        if (this.#open) this.#open.text = event.text
        return
      case 'tool.call':
        return this.#called(event, at)
      case 'reply.error':
        if (this.#open) this.#open.status = 'failed'
        return
      case 'reply.done':
        return this.#finish(this.#open?.status === 'failed' ? 'failed' : event.status, at)
      default:
        return
    }
  }

  #configured(config: ConfigEcho, at: Millis): void {
    const now = secretless(config)
    const changes = changesBetween(this.#config, now)
    this.#config = now
    if (Object.keys(changes).length > 0) this.#write({ change: { at_ms: this.#place(at), changes } })
  }

  /** Words that were collected before one reply are one turn. */
  #userSaid(item: string, text: string): void {
    const before = this.#said
    const { startedAt, endedAt, transcribedAt } = this.#speech
    this.#said = {
      item,
      text: before ? `${before.text} ${text}` : text,
      startedAt: before?.startedAt ?? startedAt,
      endedAt: endedAt ?? before?.endedAt,
      transcribedAt: transcribedAt ?? before?.transcribedAt,
    }
    this.#speech = {}
  }

  #begin(id: ReplyId, item: string, at: Millis, conversation: Conversation): void {
    const reply = conversation.phase === 'live' ? conversation.reply : undefined
    const said = reply?.kind === 'greeting' ? undefined : this.#said
    const trigger = this.#triggerOf(reply?.kind, said)
    const turn: TurnNotes = {
      ...this.#blank(id, trigger, this.#dueAt(trigger, said, reply?.answers) ?? at),
      item,
      said,
      decidedAt: at,
      status: 'in_progress',
    }
    if (said) this.#said = undefined
    this.#askedAt = undefined
    this.#answeredAt = undefined
    this.#open = turn
    this.#tell(turn)
  }

  #triggerOf(kind: string | undefined, said: SaidWords | undefined): Trigger {
    if (kind === 'greeting') return 'greeting'
    if (kind === 'requested') return 'reply_create'
    if (said) return 'user_speech'
    if (this.#answeredAt !== undefined) return 'tool_result'
    // an answer that is given again, or one to speech without words, answers the user all the same
    return kind === 'answer' || kind === 'recovery' ? 'user_speech' : 'tool_result'
  }

  /** Since when the reply is waited for. */
  #dueAt(trigger: Trigger, said: SaidWords | undefined, answers: Millis | undefined): Millis | undefined {
    switch (trigger) {
      case 'greeting':
        return this.#zero
      case 'user_speech':
        return said?.endedAt ?? answers
      case 'tool_result':
        return this.#answeredAt
      case 'reply_create':
        return this.#askedAt
    }
  }

  #called(event: Extract<ServerEvent, { type: 'tool.call' }>, at: Millis): void {
    // a call whose arguments were entered on a keypad is made when nobody speaks
    const turn = this.#open ?? this.#latest
    if (!turn) return
    const { call_id: callId, name, arguments: args } = event
    const call: CallNotes = { callId, name, arguments: args, dispatchedAt: at }
    turn.calls.push(call)
    this.#pending.set(callId, { call, turn })
    if (turn !== this.#open) this.#tell(turn)
  }

  #answered(event: Extract<Event, { type: 'client.answered' | 'tool.answered' }>): void {
    const pending = this.#pending.get(event.callId)
    if (!pending || (event.type === 'client.answered' && this.#ofServer.has(event.callId))) return
    this.#answeredAt = event.at
    this.#settle(event.callId, { text: event.result, at: event.at, isError: event.isError, timedOut: false })
  }

  /** The conversation goes on without the results that it does not wait for any more; what it told the model of them stands in their place. */
  #giveUpOverdue(at: Millis, conversation: Conversation): void {
    if (conversation.phase !== 'live') return
    for (const { callId, progress } of conversation.calls) {
      if (!this.#pending.has(callId) || progress.is !== 'over' || progress.how !== 'timed out') continue
      this.#answeredAt = at
      this.#settle(callId, { text: toldOf(callId, conversation), at, isError: true, timedOut: true })
    }
  }

  #settle(callId: CallId, answer: NonNullable<CallNotes['answer']>): void {
    const pending = this.#pending.get(callId)
    if (!pending) return
    this.#pending.delete(callId)
    this.#ofServer.delete(callId)
    pending.call.answer = answer
    if (pending.turn !== this.#open) this.#tell(pending.turn)
  }

  #finish(status: TurnNotes['status'], at: Millis): void {
    const turn = this.#open
    if (!turn) return
    this.#open = undefined
    this.#latest = turn
    turn.status = status
    turn.doneAt = at
    this.#tell(turn)
  }

  #blank(
    id: string,
    trigger: Trigger,
    dueAt: Millis,
  ): Pick<TurnNotes, 'id' | 'trigger' | 'dueAt' | 'decisions' | 'calls' | 'words'> {
    const decisions = this.#decisions
    this.#decisions = []
    return { id, trigger, dueAt, decisions, calls: [], words: '' }
  }

  #tell(turn: TurnNotes): void {
    this.#write({ turn: turnOf(turn, this.#zero) })
  }

  #place(at: Millis): number {
    return Math.max(0, Math.round(at - this.#zero))
  }
}

/** What the model reads as the result of the call. */
function toldOf(callId: CallId, { history, reply }: Live): string {
  const open = reply?.calls.find(({ called }) => called.callId === callId)
  return open?.text ?? history.findLast((item) => item.role === 'tool' && item.callId === callId)?.text ?? ''
}

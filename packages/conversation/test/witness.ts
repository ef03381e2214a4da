// Watches a conversation and objects when something happens that never may.
import assert from 'node:assert/strict'
import { type Conversation, type Effect, type Event, type Live, nextDeadline } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'
import { isHeld, untoldCalls } from '../dist/calls.js'
import { CallWitness } from './call-witness.js'
import { PhoneWitness } from './phone-witness.js'

interface OpenReply {
  readonly id: string
  readonly item: string
  clauses: number
  lastClause: boolean
  held: boolean
  cancelled: boolean
  deltas: string
  transcript: boolean
}

export class Witness {
  readonly #where: string
  #reply: OpenReply | undefined
  readonly #done = new Set<string>()
  readonly #items = new Set<string>()
  /** Whether the client was told that the user speaks. */
  #speech = false
  #userItem: string | undefined
  #userText = ''
  #turn = 1
  /** Words of the user that are neither answered nor reported. */
  #unanswered = false
  #ready = false
  #over = false
  readonly #calls = new CallWitness((holds, what) => this.#must(holds, what))

  readonly #phone = new PhoneWitness((holds, what) => this.#must(holds, what))

  constructor(where: string) {
    this.#where = where
  }

  sees(before: Conversation, event: Event, after: Conversation, effects: readonly Effect[]): void {
    this.#must(before.phase !== 'ended' || effects.length === 0, 'nothing follows the end')
    this.#calls.happened(event)
    this.#phone.happened(before, event)
    // a second connection is told once more that the session is ready
    if (event.type === 'connection.resumed' && before.phase === 'live') this.#ready = false
    for (const effect of effects) {
      this.#must(!this.#over, 'nothing follows the end')
      this.#order(effect, event)
      this.#calls.ordered(effect)
      this.#phone.ordered(effect, event, before)
    }
    this.#calls.stepped(effects, after)
    this.#must(!isSilentAnswer(before, event, effects), 'a model that leaves nothing is asked again or reported')
    this.#phone.stepped(after)
    this.#must(!((nextDeadline(after) ?? Number.POSITIVE_INFINITY) <= event.at), 'no deadline is left behind')
    this.#must((after.phase === 'ended') === this.#over, 'the end is ordered when it comes')
    if (after.phase !== 'live') return
    this.#must(after.reply?.id === this.#reply?.id, 'client and conversation agree on which reply is open')
    this.#must(after.turn === this.#turn, 'the recogniser knows which turn it is')
    const { user } = after
    this.#must(
      (user.is !== 'silent' && user.said.told !== undefined) === this.#speech,
      'the client knows whether the user speaks',
    )
    this.#must(!(this.#speech && this.#reply), 'the agent waits for the user to finish')
    this.#must(
      (after.reply?.playing.is === 'held') === (user.is === 'interjecting' && after.reply?.medium === 'audio'),
      'sound is held back exactly while an interjection is undecided',
    )
    this.#must(user.is !== 'holding' || after.reply !== undefined, 'a finished turn waits for nothing but a reply')
    this.#must(after.connection.is === 'up' || !after.reply, 'nobody is spoken to while nobody is connected')
    const isIdle = user.is === 'silent' && !after.reply && after.connection.is === 'up'
    this.#must(isIdle === (after.quietSince !== undefined), 'silence is noticed')
    this.#must(!(isIdle && this.#hasMoreToSay(after)), 'nothing owed stays unsaid while the floor is free')
  }

  /** An agent that hangs up has said what it had to say; one that waits in silence speaks only when it is asked to. */
  #hasMoreToSay(live: Live): boolean {
    if (live.ending !== undefined) return false
    if (live.entry?.stage === 'pressing') return live.owed?.is === 'answer' && !isHeld(live)
    if (isHeld(live)) return live.requested !== undefined
    return (
      live.entry?.stage === 'unasked' ||
      live.owed !== undefined ||
      live.requested !== undefined ||
      untoldCalls(live).length > 0
    )
  }

  /** The server is about to die. */
  died(): void {
    this.#calls.died()
    this.#phone.died()
  }

  /** The conversation came to rest. */
  rests(): void {
    this.#must(!this.#unanswered, 'words are answered or the failure is reported')
  }

  #order(effect: Effect, event: Event): void {
    switch (effect.type) {
      case 'send':
        this.#sent(effect.event, event)
        return
      case 'generate':
      case 'speak':
        this.#must(effect.reply === this.#reply?.id && !this.#reply.cancelled, 'only the open reply is worked on')
        if (effect.type === 'generate') {
          this.#calls.asked(effect.history)
          return
        }
        this.#must(
          effect.clause === this.#reply!.clauses && !this.#reply!.lastClause,
          'clauses are numbered without a gap',
        )
        this.#must(effect.text === effect.text.trim() && (effect.text !== '' || effect.last), 'clauses have words')
        this.#reply!.clauses++
        this.#reply!.lastClause = effect.last
        return
      case 'pause':
      case 'resume':
        this.#must(effect.reply === this.#reply?.id, 'only the open reply is held')
        this.#must(this.#reply!.held === (effect.type === 'resume'), 'pause and resume alternate')
        this.#reply!.held = effect.type === 'pause'
        return
      case 'cancel':
        this.#must(
          effect.reply === this.#reply?.id && !this.#reply.cancelled,
          'a reply is cancelled once, while it is open',
        )
        this.#reply!.cancelled = true
        return
      case 'listen':
        this.#must(effect.turn === this.#turn + 1, 'turns are counted one by one')
        this.#turn = effect.turn
        return
      case 'end':
        this.#must(
          effect.duration >= 0 && this.#reply === undefined && !this.#speech,
          'everything is closed before the end',
        )
        this.#over = true
        this.#unanswered = false
        return
      case 'close':
        this.#must(!this.#reply, 'every reply is closed')
        this.#over = true
        this.#unanswered = false
        return
      case 'note':
        this.#must(!JSON.stringify(effect).includes('John'), 'notes hold no words of the user')
        return
      case 'prepare':
        this.#must(!this.#ready, 'engines are prepared before the session is ready')
        return
      case 'load':
        this.#must(!this.#ready, 'an agent is loaded before the session is ready')
        return
      case 'deliver':
        this.#must(event.type === 'connection.resumed' && this.#ready, 'only a new connection is told of the past')
        // of an open turn it is told afresh
        if (effect.event.type === 'input.speech.started') this.#userText = ''
        if (effect.event.type === 'transcript.user.delta') this.#userText = effect.event.text
        return
      case 'report':
        this.#must(this.#reply !== undefined, 'only the engines of an open reply are found to have failed')
        return
      case 'reconfigure':
      case 'invoke':
      case 'abandon':
      case 'collect':
      case 'awaitKeys':
      case 'stopCollecting':
        return
    }
  }

  #sent(event: ServerEvent, cause: Event): void {
    switch (event.type) {
      case 'input.speech.started':
        this.#must(!this.#speech, 'speech starts once')
        this.#speech = true
        this.#userItem = undefined
        this.#userText = ''
        return
      case 'transcript.user.delta':
        this.#must(
          this.#speech && event.text !== this.#userText && event.text !== '',
          'a delta brings something new, within speech',
        )
        this.#isItem(event.item_id)
        this.#must(this.#userItem === undefined || this.#userItem === event.item_id, 'a turn has one item')
        this.#userItem = event.item_id
        this.#userText = event.text
        return
      case 'input.speech.stopped':
        this.#must(this.#speech, 'speech stops after it started')
        this.#speech = false
        return
      case 'transcript.user':
        this.#must(
          !this.#speech && event.item_id === this.#userItem,
          'the transcript follows the end of the speech that it is of',
        )
        this.#must(event.text === this.#userText && event.text !== '', 'the transcript is the last delta')
        this.#must(!this.#items.has(event.item_id), 'a turn has one transcript')
        this.#items.add(event.item_id)
        this.#userItem = undefined
        this.#unanswered = true
        return
      case 'reply.started':
        this.#must(this.#reply === undefined, 'one reply at a time')
        this.#must(!this.#done.has(event.reply_id) && !this.#items.has(event.item_id), 'identifiers are new')
        this.#must(/^resp_[0-9a-f]{32}$/.test(event.reply_id), 'the form of a reply id')
        this.#isItem(event.item_id)
        this.#reply = {
          id: event.reply_id,
          item: event.item_id,
          clauses: 0,
          lastClause: false,
          held: false,
          cancelled: false,
          deltas: '',
          transcript: false,
        }
        return
      case 'transcript.agent.delta':
        this.#must(this.#reply?.id === event.reply_id && this.#reply.item === event.item_id, 'deltas of the open reply')
        this.#must(!this.#reply!.transcript && /^\s*\S+\s*$/.test(event.delta), 'one word each, before the transcript')
        this.#must((event.end_ms ?? 0) >= (event.start_ms ?? 0), 'a word ends after it begins')
        this.#reply!.deltas += event.delta
        return
      case 'transcript.agent':
        this.#must(
          this.#reply?.id === event.reply_id && this.#reply.item === event.item_id,
          'the transcript of the open reply',
        )
        this.#must(event.text.trim() !== '' && !this.#reply!.transcript, 'a transcript has words, once')
        this.#must(
          event.interrupted || event.text === this.#reply!.deltas,
          'joined deltas are the text of a completed reply',
        )
        this.#must(event.interrupted === this.#reply!.cancelled, 'only a cancelled reply is interrupted')
        this.#reply!.transcript = true
        this.#items.add(event.item_id)
        return
      case 'reply.error':
        this.#must(this.#reply?.id === event.reply_id, 'an error of the open reply')
        this.#unanswered = false
        return
      case 'reply.done': {
        this.#must(this.#reply?.id === event.reply_id, 'a reply is done once')
        this.#must(!this.#reply!.held || this.#reply!.cancelled, 'no sound stays held back')
        this.#must(event.status === 'completed' || this.#reply!.cancelled, 'an interrupted reply is cancelled')
        if (event.status === 'completed' || this.#reply!.transcript || cause.type === 'client.cancelledReply')
          this.#unanswered = false
        this.#done.add(event.reply_id)
        this.#reply = undefined
        return
      }
      case 'session.ready':
        this.#must(!this.#ready, 'a session is ready once')
        this.#ready = true
        return
      case 'session.error':
      case 'session.updated':
        return
      case 'tool.call':
        this.#must(
          event.name === 'pay' || (this.#reply !== undefined && !this.#reply.cancelled),
          'a call is made within a reply',
        )
        return
      default:
        this.#must(false, `${event.type} is not sent in a live session`)
    }
  }

  #isItem(id: string): void {
    this.#must(/^msg_[0-9a-f]{32}$/.test(id), 'the form of an item id')
  }

  #must(holds: boolean, what: string): asserts holds {
    if (!holds) assert.fail(`${what} (${this.#where})`)
  }
}

/** A reply that the model closes, though there was neither a word in it nor a call. */
function isSilentAnswer(before: Conversation, event: Event, effects: readonly Effect[]): boolean {
  const reply = before.phase === 'live' ? before.reply : undefined
  if (!reply || event.type !== 'llm.finished' || reply.writing.is === 'finished' || reply.kind === 'filler')
    return false
  const isEmpty = reply.clauses.length === 0 && reply.rest.trim() === '' && reply.calls.length === 0
  const sent = effects.flatMap((effect) => (effect.type === 'send' ? [effect.event.type] : []))
  return isEmpty && sent.includes('reply.done') && !sent.includes('reply.error')
}

// Watches the calls of a conversation: each is made once, answered once, and never shown to the model without a result.
import type { Conversation, Effect, Event, Item, Millis } from '@parley/conversation'

type Must = (holds: boolean, what: string) => void

interface Seen {
  readonly isHold: boolean
  readonly until: Millis
  state: 'running' | 'answered' | 'timed out'
}

const TIMEOUT_MS: Readonly<Record<string, Millis>> = { look: 1000, stay: 4000, fetch: 3000, pay: 3000 }

export class CallWitness {
  readonly #must: Must
  readonly #calls = new Map<string, Seen>()
  /** Calls that the server was told to make, and has neither answered nor been told to forget. */
  readonly #invoked = new Set<string>()
  readonly #server = new Set<string>()
  #at: Millis = 0
  #complaint: boolean | undefined

  constructor(must: Must) {
    this.#must = must
  }

  happened(event: Event): void {
    this.#at = event.at
    for (const call of this.#calls.values())
      if (call.state === 'running' && call.until <= event.at) call.state = 'timed out'
    this.#complaint = undefined
    if (event.type === 'client.answered') this.#clientAnswered(event.callId)
    if (event.type === 'tool.answered' && this.#invoked.has(event.callId)) {
      const call = this.#calls.get(event.callId)
      if (call?.state === 'running') {
        call.state = 'answered'
        this.#invoked.delete(event.callId)
      }
    }
  }

  ordered(effect: Effect): void {
    if (effect.type === 'invoke') {
      this.#must(this.#calls.has(effect.callId) && !this.#server.has(effect.callId), 'a tool of the server runs once')
      this.#must(['fetch', 'pay'].includes(effect.name), 'the server runs its own tools only')
      this.#must(!('secret' in effect.arguments), 'secret digits are no part of what is ordered')
      this.#must(effect.name !== 'pay' || effect.arguments.code === '1234', 'a tool runs with what was entered')
      this.#server.add(effect.callId)
      this.#invoked.add(effect.callId)
    }
    if (effect.type === 'abandon')
      this.#must(this.#invoked.delete(effect.callId), 'only a tool that runs is abandoned, once')
    if (effect.type === 'send' && effect.event.type === 'tool.call') {
      const { call_id: id, name, arguments: args } = effect.event
      this.#made(id, name)
      this.#must(name !== 'pay' || args.secret === '[entered on the keypad]', 'nobody is told of secret digits')
    }
    if (effect.type === 'end' || effect.type === 'close')
      this.#must(this.#invoked.size === 0, 'no tool of the server runs on after the end')
  }

  stepped(effects: readonly Effect[], after: Conversation): void {
    const complained = effects.some((effect) => effect.type === 'send' && effect.event.type === 'session.error')
    if (after.phase === 'live' && this.#complaint !== undefined)
      this.#must(
        complained === this.#complaint,
        'the client is told of an answer that nobody waits for, and of no other',
      )
    const started = effects.flatMap((effect) =>
      effect.type === 'send' && effect.event.type === 'reply.started' ? [effect.event.reply_id] : [],
    )
    if (after.phase !== 'live' || after.reply === undefined || !started.includes(after.reply.id)) return
    const held = [...this.#calls.values()].some(({ isHold, state }) => isHold && state === 'running')
    this.#must(!held || after.reply.kind === 'requested', 'the agent is silent while a tool holds the conversation')
  }

  /** The server died, and with it the tools that it ran: they neither answer any more nor are abandoned. */
  died(): void {
    for (const id of this.#invoked) this.#calls.get(id)!.state = 'timed out'
    this.#invoked.clear()
  }

  /** What the model is shown. */
  asked(history: readonly Item[]): void {
    const results = new Set<string>()
    let missing: string[] = []
    for (const item of history) {
      if (item.role === 'tool') {
        this.#must(missing[0] === item.callId, 'every result follows its call, in the order of the calls')
        this.#must(!results.has(item.callId), 'a call has one result')
        results.add(item.callId)
        missing = missing.slice(1)
        this.#must(item.text.trim() !== '', 'a result has words')
        continue
      }
      this.#must(missing.length === 0, 'every call has its result')
      if (item.role === 'agent') missing = (item.calls ?? []).map(({ callId }) => callId)
      this.#must(item.text.trim() !== '' || missing.length > 0, 'the history has words')
    }
    this.#must(missing.length === 0, 'every call has its result')
  }

  #made(id: string, name: string): void {
    this.#must(id !== '' && !this.#calls.has(id), 'a call is made once, under an identifier of its own')
    this.#must(!name.startsWith('aai_') && name !== 'nothing', 'only tools of the agent are called')
    this.#calls.set(id, {
      isHold: name === 'stay',
      until: this.#at + (TIMEOUT_MS[name] ?? 120_000),
      state: 'running',
    })
  }

  #clientAnswered(id: string): void {
    const call = this.#calls.get(id)
    if (this.#server.has(id)) {
      this.#complaint = false
      return
    }
    this.#complaint = call === undefined || call.state === 'answered'
    if (call) call.state = 'answered'
  }
}

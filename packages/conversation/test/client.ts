// The client of a conversation whose connection is lost and resumed: keeps what reaches it, and objects to what makes no sense there.
import assert from 'node:assert/strict'
import type { Conversation, Effect, Event } from '@parley/conversation'
import type { ServerEvent } from '@parley/protocol'

export class Client {
  readonly #where: string
  #connection: 'up' | 'down' | 'new' = 'up'
  #reply: string | undefined
  #isSpeech = false
  /** The words of the user that the conversation has taken, by their item. */
  readonly #taken = new Map<string, string>()
  /** Those of them that reached the client. */
  readonly #told = new Map<string, string>()

  constructor(where: string) {
    this.#where = where
  }

  sees(event: Event, effects: readonly Effect[], after: Conversation): void {
    if (event.type === 'connection.lost') this.#connection = 'down'
    if (event.type === 'connection.resumed') this.#connect()
    for (const effect of effects) {
      if (effect.type !== 'send' && effect.type !== 'deliver') continue
      const { event: sent } = effect
      if (effect.type === 'send' && sent.type === 'transcript.user') this.#taken.set(sent.item_id, sent.text)
      if (this.#connection === 'new' && sent.type === 'session.ready') this.#connection = 'up'
      if (this.#connection === 'up') this.#hears(sent)
    }
    if (after.phase !== 'live' || after.connection.is === 'down') return
    assert.equal(this.#connection, 'up', `a resume is answered (${this.#where})`)
    assert.deepEqual(this.#told, this.#taken, `the client knows every turn of the user (${this.#where})`)
    assert.equal(this.#reply, after.reply?.id, `the client knows the open reply (${this.#where})`)
  }

  /** A new connection knows nothing of the one before. */
  #connect(): void {
    this.#connection = 'new'
    this.#reply = undefined
    this.#isSpeech = false
  }

  #hears(event: ServerEvent): void {
    switch (event.type) {
      case 'reply.started':
        assert.equal(this.#reply, undefined, `a reply begins while another is open (${this.#where})`)
        this.#reply = event.reply_id
        return
      case 'input.speech.started':
      case 'input.speech.stopped':
        assert.equal(this.#isSpeech, event.type === 'input.speech.stopped', `${event.type} twice (${this.#where})`)
        this.#isSpeech = !this.#isSpeech
        return
      case 'transcript.user.delta':
        assert.ok(this.#isSpeech, `a delta outside of speech (${this.#where})`)
        return
      case 'transcript.user':
        assert.ok(!this.#told.has(event.item_id), `a turn is told twice (${this.#where})`)
        this.#told.set(event.item_id, event.text)
        return
    }
    if (!('reply_id' in event)) return
    assert.equal(
      event.reply_id,
      this.#reply,
      `${event.type} of a reply that this connection never had (${this.#where})`,
    )
    if (event.type === 'reply.done') this.#reply = undefined
  }
}

// A client for telephones' own apps: every change of the settings sends all of them again, or the agent's id again; tool
// results wait for `reply.done`; the end is waited for (protocol.md 2.4, 2.7).
import { type Fields, object } from '../expect.js'
import type { Peer } from '../wire/peer.js'

type Handler = (args: Fields) => unknown

export class MobileClient {
  readonly errors: unknown[] = []
  readonly #peer: Peer
  readonly #settings: Fields
  #results: object[] = []

  constructor(peer: Peer, settings: Fields, tools: Readonly<Record<string, Handler>> = {}) {
    this.#peer = peer
    this.#settings = settings
    peer.on((frame) => {
      if (frame.type === 'session.error') this.errors.push(frame.code)
      if (frame.type === 'tool.call') {
        const result = tools[String(frame.name)]?.(object(frame.arguments, 'arguments'))
        this.#results.push({ type: 'tool.result', call_id: frame.call_id, result: JSON.stringify(result ?? null) })
      }
      if (frame.type === 'reply.done') for (const event of this.#results.splice(0)) peer.send(event)
    })
    peer.send({ type: 'session.update', session: settings })
  }

  async ready(): Promise<void> {
    await this.#peer.first('session.ready')
  }

  updateSession(changes: Fields): void {
    const session = 'agent_id' in this.#settings ? this.#settings : { ...this.#settings, ...changes }
    this.#peer.send({ type: 'session.update', session })
  }

  async end(): Promise<void> {
    this.#peer.send({ type: 'session.end' })
    await this.#peer.closing()
  }
}

// Peers of one test file, whose every frame is held against what all frames of all sessions must be like.
import { type Credentials, Peer } from './peer.js'
import type { TestServer } from './server.js'
import { assertConforms } from './trace.js'

export class Visitors {
  readonly #server: Pick<TestServer, 'url' | 'key'>
  readonly #peers: Peer[] = []

  constructor(server: Pick<TestServer, 'url' | 'key'>) {
    this.#server = server
  }

  async open(credentials: Credentials = { key: this.#server.key }): Promise<Peer> {
    const peer = await Peer.open(this.#server.url, credentials)
    this.#peers.push(peer)
    return peer
  }

  /** Open, and the first update sent. */
  async begun(session: unknown): Promise<Peer> {
    const peer = await this.open()
    peer.send({ type: 'session.update', session })
    return peer
  }

  /** Open, with a session that is ready. */
  async ready(session: unknown = { system_prompt: 'Be brief.' }): Promise<Peer> {
    const peer = await this.begun(session)
    await peer.first('session.ready')
    return peer
  }

  /** Throws when any frame that any of them was sent is not as it must be. */
  assertConform(): void {
    for (const { received } of this.#peers) assertConforms(received)
  }
}

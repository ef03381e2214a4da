// A command-line client: inline settings without types, a microphone that runs from the first message on, and any
// `session.error` is the end (protocol.md 2.3, 3.2).
import { Failure, show } from '../expect.js'
import type { Peer } from '../wire/peer.js'
import type { Frame } from '../wire/trace.js'

const OPEN_TIMEOUT_MS = 10_000
/** Blocks of 4096 samples. */
export const BLOCK_BYTES = 8192

export class TerminalClient {
  readonly printed: string[] = []
  readonly #peer: Peer
  #failure: Failure | undefined

  constructor(
    peer: Peer,
    settings: { readonly system_prompt: string; readonly greeting: string; readonly voice: string },
  ) {
    this.#peer = peer
    peer.on((frame) => this.#receive(frame))
    const { voice, ...session } = settings
    peer.send({ type: 'session.update', session: { ...session, output: { voice } } })
  }

  async ready(): Promise<void> {
    await this.#peer.first('session.ready', undefined, OPEN_TIMEOUT_MS)
  }

  /** Ctrl-C. Throws what the client would have shown as an error. */
  async stop(): Promise<void> {
    this.#peer.send({ type: 'session.end' })
    await this.#peer.first('session.ended')
    await this.#peer.closing()
    if (this.#failure) throw this.#failure
  }

  #receive(frame: Frame): void {
    if (frame.type === 'transcript.user') this.printed.push(`You: ${frame.text}`)
    if (frame.type === 'transcript.agent') this.printed.push(`Agent: ${frame.text}`)
    if (frame.type !== 'session.error') return
    this.#failure ??= new Failure(`the client hung up for ${show(frame)}`)
    this.#peer.send({ type: 'session.end' })
  }
}

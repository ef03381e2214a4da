// A bridge between Twilio Media Streams and the agent, with the telephone at its other end (protocol.md 10.1).
import { randomBytes } from 'node:crypto'
import type { Peer } from '../wire/peer.js'

const BYTES_PER_MS = 8
const ENCODING = { encoding: 'audio/pcmu' }

/** What the bridge sends to the telephone's side. */
export type Outgoing =
  | { readonly event: 'media'; readonly streamSid: string; readonly media: { readonly payload: string } }
  | { readonly event: 'clear' | 'mark'; readonly streamSid: string }

export class TelephoneBridge {
  readonly streamSid = `MZ${randomBytes(16).toString('hex')}`
  readonly outgoing: Outgoing[] = []
  /** All sound that was passed on, whether it was played or cleared. */
  readonly passed: Buffer[] = []
  /** How much sound each `clear` found waiting to be played. */
  readonly clearedMs: number[] = []
  #playedAt = 0
  readonly #peer: Peer

  /** The `start` of the stream: the socket of the agent is open. */
  constructor(peer: Peer, settings: { readonly system_prompt: string; readonly greeting: string }) {
    this.#peer = peer
    peer.on((frame) => {
      if (frame.type === 'reply.audio') this.#media(String(frame.data))
      if (frame.type === 'input.speech.started') this.#clear()
      if (frame.type === 'reply.done' && frame.status === 'interrupted') this.#clear()
      if (frame.type === 'reply.done' && frame.status === 'completed')
        this.outgoing.push({ event: 'mark', streamSid: this.streamSid })
    })
    peer.send({
      type: 'session.update',
      session: { ...settings, input: { format: ENCODING }, output: { format: ENCODING } },
    })
  }

  async ready(): Promise<void> {
    await this.#peer.first('session.ready')
  }

  /** The `stop` of the stream. */
  async stop(): Promise<void> {
    await this.#peer.end()
  }

  #media(payload: string): void {
    this.outgoing.push({ event: 'media', streamSid: this.streamSid, media: { payload } })
    const bytes = Buffer.from(payload, 'base64')
    this.passed.push(bytes)
    this.#playedAt = Math.max(this.#playedAt, performance.now()) + bytes.length / BYTES_PER_MS
  }

  #clear(): void {
    this.outgoing.push({ event: 'clear', streamSid: this.streamSid })
    this.clearedMs.push(Math.max(0, this.#playedAt - performance.now()))
    this.#playedAt = 0
  }
}

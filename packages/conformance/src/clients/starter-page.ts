// A browser page for talking to a stored agent: a token in the address, a microphone in frames of 128 samples, playback
// from a ring of 30 s, a transcript that is replaced and appended to as it comes (protocol.md 9).
import { must, show, string } from '../expect.js'
import type { Peer } from '../wire/peer.js'
import { soundOf } from '../wire/sound.js'
import type { Frame } from '../wire/trace.js'

const RING_MS = 30_000
const BYTES_PER_MS = 48
const CLOSES_ITSELF_AFTER_MS = 3_000
export const WORKLET_FRAME_BYTES = 256

export interface Line {
  readonly who: 'user' | 'agent'
  text: string
  isFinal: boolean
}

export class StarterPage {
  readonly lines: Line[] = []
  /** How often playback was emptied. */
  stops = 0
  /** When playback has played what it holds, on the clock of `performance.now()`. */
  #playedAt = 0
  readonly #peer: Peer
  readonly #byItem = new Map<unknown, Line>()

  constructor(peer: Peer, agentId: string) {
    this.#peer = peer
    peer.on((frame) => this.#receive(frame))
    peer.send({ type: 'session.update', session: { agent_id: agentId } })
  }

  /** How much sound is waiting to be played. */
  get waitingMs(): number {
    return Math.max(0, this.#playedAt - performance.now())
  }

  /** The button: the session is ended, and the page does not wait for more than three seconds. */
  async hangUp(): Promise<void> {
    this.#peer.send({ type: 'session.end' })
    await Promise.race([this.#peer.closed, new Promise((resolve) => setTimeout(resolve, CLOSES_ITSELF_AFTER_MS))])
    this.#peer.socket.close()
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case 'session.error':
        return void this.lines.push({ who: 'agent', text: `error: ${frame.code}: ${frame.message}`, isFinal: true })
      case 'session.ended':
        return this.#peer.socket.close()
      case 'input.speech.started':
        return this.#stop()
      case 'reply.done':
        if (frame.status === 'interrupted') this.#stop()
        return
      case 'reply.audio':
        return this.#play(soundOf(frame).length)
      case 'transcript.user.delta':
        return this.#replace('user', frame.item_id, frame.text, false)
      case 'transcript.user':
        return this.#replace('user', frame.item_id, frame.text, true)
      case 'transcript.agent.delta':
        return this.#append(frame)
      case 'transcript.agent':
        return this.#replace('agent', frame.reply_id, frame.text, true)
    }
  }

  #replace(who: Line['who'], id: unknown, text: unknown, isFinal: boolean): void {
    const line = this.#line(who, id)
    line.text = string(text, 'text')
    line.isFinal = isFinal
  }

  /** A space between two words only where neither brings one, and not before punctuation. */
  #append({ reply_id, delta }: Frame): void {
    const line = this.#line('agent', reply_id)
    if (line.isFinal) return
    const word = string(delta, 'delta')
    const needsSpace = line.text !== '' && !/\s$/.test(line.text) && !/^[\s.,!?;:'’)]/.test(word)
    line.text += `${needsSpace ? ' ' : ''}${word}`
  }

  #line(who: Line['who'], id: unknown): Line {
    const known = this.#byItem.get(id)
    if (known) return known
    const line: Line = { who, text: '', isFinal: false }
    this.#byItem.set(id, line)
    this.lines.push(line)
    return line
  }

  #play(bytes: number): void {
    this.#playedAt = Math.max(this.#playedAt, performance.now()) + bytes / BYTES_PER_MS
    must(this.waitingMs <= RING_MS, `the ring of the page overflows with ${show(this.waitingMs)} ms`)
  }

  #stop(): void {
    this.stops += 1
    this.#playedAt = 0
  }
}

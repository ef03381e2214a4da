// A library client: a fresh token in the header, and a session that is resumed after an abnormal end of its connection,
// with its unanswered tool calls, but never after its own end (protocol.md 1.2, 1.5, 2.6).
import { Failure, must, string } from '../expect.js'
import type { Peer } from '../wire/peer.js'

const FIRST_PAUSE_MS = 250
const MOST_ATTEMPTS = 5
const WITHIN_MS = 25_000
const FINAL = new Set<unknown>(['session_not_found', 'session_expired', 'session_forbidden', 'unauthorized'])

type Open = (authorization: string) => Promise<Peer>

export class AgentConnection {
  peer: Peer
  readonly sessionId: string
  readonly #open: Open
  #resumeToken: string
  /** Results that may not have arrived. */
  readonly #unsure = new Map<unknown, object>()
  #isEnded = false

  private constructor(open: Open, peer: Peer) {
    this.#open = open
    this.peer = peer
    const ready = peer.of('session.ready')[0]
    this.sessionId = string(ready?.session_id, 'session_id')
    this.#resumeToken = string(ready?.resume_token, 'resume_token')
  }

  static async connect(open: Open, token: string, agentId: string): Promise<AgentConnection> {
    const peer = await open(`Bearer ${token}`)
    peer.send({ type: 'session.update', session: { agent_id: agentId } })
    await peer.first('session.ready', undefined, 15_000)
    return new AgentConnection(open, peer)
  }

  answer(call_id: unknown, result: unknown): void {
    const event = { type: 'tool.result', call_id, result: JSON.stringify(result), is_error: false }
    this.#unsure.set(call_id, event)
    this.peer.send(event)
  }

  /** After the connection was lost: tries again with growing pauses, and sends again what may not have arrived. */
  async resume(): Promise<void> {
    must(!this.#isEnded, 'the session was ended by the client itself')
    const end = performance.now() + WITHIN_MS
    for (let attempt = 0; attempt < MOST_ATTEMPTS && performance.now() < end; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt))
      const peer = await this.#open(`Bearer ${this.#resumeToken}`)
      peer.send({ type: 'session.resume', session_id: this.sessionId })
      const frame = await Promise.race([peer.first('session.ready'), peer.first('session.error')])
      if (FINAL.has(frame.code)) throw new Failure(`the session could not be resumed: ${String(frame.code)}`)
      if (frame.type !== 'session.ready') continue
      must(
        peer.frames[0] === frame && frame.session_id === this.sessionId,
        'the first frame is no session.ready of this session',
      )
      this.#resumeToken = string(frame.resume_token, 'resume_token')
      this.peer = peer
      for (const event of this.#unsure.values()) peer.send(event)
      return
    }
    throw new Failure(`the session was not resumed in ${MOST_ATTEMPTS} attempts`)
  }

  async end(): Promise<void> {
    this.#isEnded = true
    await this.peer.end()
  }
}

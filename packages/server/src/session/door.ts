// What a connection speaks to: its first message opens a session or resumes one; from then on it speaks to that.
import type { Millis } from '@parley/conversation'
import { type Encoding, type Known, type Problem, sessionError } from '@parley/protocol'
import { eventOf, type SpokenFor } from './client-event.js'
import type { Clock } from './clock.js'
import type { Lobby } from './lobby.js'
import type { Line, Session, SessionLog } from './session.js'
import { NOT_FOUND, type Sessions, type Visitor } from './sessions.js'

export interface DoorPorts {
  readonly clock: Clock
  readonly sessions: Pick<Sessions, 'open' | 'find' | 'refusal'>
  /** What the settings of a session may use. */
  known(): Known
  readonly firstMessageWithin: Millis
  readonly lobby: Lobby
  /** Somebody was turned away. */
  refused(code: string): void
  readonly log: SessionLog
}

type State =
  | { readonly is: 'waiting' | 'looking'; readonly cancel: () => void }
  | { readonly is: 'inside'; readonly session: Session }
  | { readonly is: 'closed' }

/** How long the search for a session to resume may take (protocol.md 2.1). */
const FOUND_WITHIN: Millis = 5_000

export class Door {
  readonly #ports: DoorPorts
  readonly #line: Line
  readonly #visitor: Visitor
  #state: State

  constructor(ports: DoorPorts, line: Line, visitor: Visitor) {
    this.#ports = ports
    this.#line = line
    this.#visitor = visitor
    this.#state = { is: 'closed' }
    if (ports.lobby.isFull) this.#refuse(CROWDED)
    else this.#wait(ports.firstMessageWithin)
  }

  /** The encoding that sound comes in, once it is known. */
  get inputEncoding(): Encoding | undefined {
    return this.#state.is === 'inside' ? this.#state.session.inputEncoding : undefined
  }

  /** Sound; dropped without a word while there is no session to hear it (checklist 67). */
  hear(bytes: Uint8Array): void {
    if (this.#state.is === 'inside') this.#state.session.hear(bytes)
  }

  receive(event: SpokenFor): void {
    switch (this.#state.is) {
      case 'waiting':
        this.#state.cancel()
        return event.type === 'session.resume' ? this.#look(event.session_id) : this.#enter(event)
      case 'looking':
        return this.#line.send(sessionError(NOT_READY))
      case 'inside':
        return this.#state.session.dispatch(eventOf(event, this.#ports.known()))
      case 'closed':
        return
    }
  }

  /** The connection is gone. */
  lost(): void {
    const state = this.#state
    this.#state = { is: 'closed' }
    if (state.is === 'inside') state.session.detach(this.#line)
    else if (state.is !== 'closed') state.cancel()
  }

  #wait(within: Millis): void {
    this.#state = { is: 'waiting', cancel: this.#within(within, () => this.#refuse(silent(within))) }
  }

  #enter(event: SpokenFor): void {
    const { sessions, known } = this.#ports
    if ('resumes' in this.#visitor) return this.#refuse(UNAUTHORIZED)
    const refusal = sessions.refusal(this.#visitor)
    if (refusal) return this.#refuse(refusal)
    const session = sessions.open(this.#line, this.#visitor)
    this.#state = { is: 'inside', session }
    session.dispatch(eventOf(event, known()))
  }

  #look(sessionId: string): void {
    const looking = { is: 'looking', cancel: this.#within(FOUND_WITHIN, () => this.#refuse(FAILED, 1011)) } as const
    this.#state = looking
    this.#ports.sessions.find(sessionId, this.#visitor).then(
      (found) => {
        if (this.#state !== looking) return
        looking.cancel()
        if ('code' in found) return this.#refuse(found)
        this.#state = { is: 'inside', session: found }
        if (!found.attach(this.#line)) this.#refuse(NOT_FOUND)
      },
      (error) => {
        this.#ports.log('error', 'A session to resume could not be looked up.', { error: String(error) })
        if (this.#state !== looking) return
        looking.cancel()
        this.#refuse(FAILED, 1011)
      },
    )
  }

  #refuse(why: Problem, code: 1008 | 1011 = 1008): void {
    this.#state = { is: 'closed' }
    this.#ports.refused(why.code)
    this.#line.send(sessionError(why))
    this.#line.close(code, why.code)
  }

  /** In the lobby for at most `time`. Returns what ends the wait. */
  #within(time: Millis, overdue: () => void): () => void {
    const { clock, lobby } = this.#ports
    const leave = lobby.enter()
    const cancel = clock.wake(clock.now() + time, () => {
      leave()
      overdue()
    })
    return () => {
      cancel()
      leave()
    }
  }
}

const UNAUTHORIZED: Problem = { code: 'unauthorized', message: 'Authentication failed' }
const CROWDED: Problem = {
  code: 'at_capacity',
  message: 'Too many connections have not sent their first message yet. Try again in a moment.',
}
const FAILED: Problem = { code: 'internal_error', message: 'The session could not be looked up in time. Try again.' }
const NOT_READY: Problem = {
  code: 'invalid_value',
  message: 'The session is not resumed yet. Wait for session.ready, then send this again.',
}

const silent = (within: Millis): Problem => ({
  code: 'invalid_value',
  message: `No session.update came within ${within / 1000} s of connecting. Send session.update first.`,
})

// Hosts one conversation: tells it what happens, does what it orders. It decides nothing.
import {
  type Conversation,
  type Effect,
  type Event,
  type EventBody,
  lastWordsOfAgent,
  type Millis,
  nextDeadline,
  opening,
  revive,
  step,
} from '@parley/conversation'
import type { ServerEvent, SessionConfig } from '@parley/protocol'
import { type Engines, failureOf } from '../engines/engine.js'
import { Alarm } from './alarm.js'
import { Attachment } from './attachment.js'
import { acceptsDigits, completed } from './entered.js'
import { Intake } from './intake.js'
import { Keypad } from './keypad.js'
import { Organs, type OrgansPorts } from './organs.js'
import { LEAD_MS } from './playout.js'
import type { Departure, Line, SessionPorts, SessionStart, StoredAgent, StoredSession } from './ports.js'
import { SessionAgent } from './session-agent.js'
import { Stopwatch } from './stopwatch.js'
import { ToolRuns } from './tool-runs.js'
import { awaitedBefore } from './write-ahead.js'

export type {
  Channel,
  Departure,
  Line,
  SessionLog,
  SessionPorts,
  SessionStart,
  StoredAgent,
  StoredSession,
} from './ports.js'

export class Session {
  readonly id: string
  readonly #ports: SessionPorts
  readonly #openedAt: number
  readonly #stopwatch: Stopwatch
  readonly #intake: Intake
  readonly #keypad: Keypad
  #conversation: Conversation
  #inbox: Event[] = []
  #busy = false
  readonly #alarm: Alarm
  readonly #attachment: Attachment
  readonly #toolRuns: ToolRuns
  #organs: Organs | undefined
  readonly #agent: SessionAgent
  #config: SessionConfig | undefined
  #isOver = false

  private constructor(ports: SessionPorts, id: string, openedAt: number, conversation: Conversation) {
    this.id = id
    this.#ports = ports
    this.#openedAt = openedAt
    this.#attachment = new Attachment(ports.line)
    this.#alarm = new Alarm(ports.clock, () => this.dispatch({ type: 'clock.ticked' }))
    this.#stopwatch = new Stopwatch((times) => ports.measured?.(times))
    const dispatch = (event: EventBody) => this.dispatch(event)
    this.#agent = new SessionAgent({
      findAgent: (agentId) => ports.findAgent(agentId),
      log: ports.log,
      found: dispatch,
    })
    this.#keypad = new Keypad({
      clock: ports.clock,
      dispatch,
      accepts: (asked, digits) => acceptsDigits(this.#config?.tools ?? [], asked, digits),
    })
    this.#intake = new Intake({
      observers: ports.observers,
      now: this.#now,
      isHidden: () => this.#keypad.hidesSound,
      deaf: () => ports.log('warn', DEAF, { format: this.#config?.input.format }),
    })
    this.#toolRuns = new ToolRuns(id, dispatch)
    this.#conversation = conversation
  }

  /** A new session, whose first `session.update` is to come. */
  static open(ports: SessionPorts, { id, ...start }: SessionStart): Session {
    const startedAtUnixMs = ports.clock.unixMs()
    const conversation = opening({ ...start, sessionId: id, startedAtUnixMs, lead: LEAD_MS })
    const session = new Session(ports, id, ports.clock.now(), conversation)
    session.#setAlarm()
    return session
  }

  /** A session that another server held until it died, with its history and its settings; it waits to be resumed. */
  static revive(ports: SessionPorts, stored: StoredSession, agent: StoredAgent | undefined, engines: Engines): Session {
    const { start, config } = stored.conversation
    const age = ports.clock.unixMs() - start.startedAtUnixMs
    const [revived, effects] = revive(stored.conversation, stored.lostAt)
    const session = new Session(ports, start.sessionId, ports.clock.now() - age, revived)
    session.#intake.heardMs = stored.audioHeardMs
    session.#config = config
    if (stored.conversation.entry?.asked.sensitive) session.#keypad.passOverRest()
    if (stored.agentId !== undefined) session.#agent.remember(stored.agentId, agent, stored.history)
    session.#open(config, engines)
    for (const observer of ports.observers)
      observer.stepped?.({ type: 'connection.lost', at: stored.lostAt }, effects, revived)
    session.dispatch({ type: 'clock.ticked' })
    return session
  }

  /** Whether it is one that a connection can resume. */
  get isResumable(): boolean {
    return this.#conversation.phase === 'live' && !this.#isOver
  }

  get isConnected(): boolean {
    const conversation = this.#conversation
    return conversation.phase === 'live' ? conversation.connection.is === 'up' : conversation.phase === 'opening'
  }

  /** Another connection goes on with the session; one that is still there is closed. False when it is over by now. */
  attach(line: Line): boolean {
    // what is due by now is said on the old line
    this.dispatch({ type: 'clock.ticked' })
    if (!this.isResumable) return false
    this.#attachment.offer(line)
    this.dispatch({ type: 'connection.resumed' })
    return true
  }

  /** The line is closed, by whichever side; nothing happens when another has taken its place. */
  detach(line: Line): void {
    if (!this.#attachment.release(line)) return
    this.dispatch({ type: 'connection.lost' })
    this.#ports.left?.()
  }

  /** Lets go of everything without an end: the session goes on elsewhere, or after a restart. */
  suspend(): void {
    this.#leave('suspended', 1008, 'resumed elsewhere')
  }

  /** The encoding that sound comes in, once it is known. */
  get inputEncoding(): SessionConfig['input']['format']['encoding'] | undefined {
    return this.#config?.input.format.encoding
  }

  /** Sound in, as raw bytes of the input encoding: past the conversation, straight to the engines. Dropped before the session is ready (checklist 67). */
  hear(bytes: Uint8Array): void {
    try {
      this.#listen(bytes)
    } catch (error) {
      this.#broke(error)
    }
  }

  /** A key of the caller's telephone: a digit, `*` or `#`. Dropped before the session is ready, as sound is. */
  press(key: string): void {
    if (this.isResumable) this.#keypad.press(key)
  }

  /** Everything else in. What arrives while another event is handled waits its turn. */
  dispatch(body: EventBody): void {
    if (this.#isOver) return
    this.#inbox.push({ ...body, at: this.#now() })
    if (this.#busy) return
    this.#busy = true
    try {
      for (let event = this.#inbox.shift(); event; event = this.#inbox.shift()) this.#handle(event)
    } catch (error) {
      this.#broke(error)
    } finally {
      this.#busy = false
      this.#setAlarm()
    }
  }

  #handle(event: Event): void {
    this.#stopwatch.happened(event)
    if (event.type === 'vad.started') this.#intake.speech()
    if (event.type === 'engine.failed') this.#note(event)
    const [next, effects] = step(this.#conversation, event)
    this.#conversation = next
    for (const observer of this.#ports.observers) observer.stepped?.(event, effects, next)
    const stored = awaitedBefore(effects, this.#ports)
    // all that is said after a call stays behind it
    if (stored) void stored.then(this.#attachment.hold()).catch((error) => this.#broke(error))
    for (const effect of effects) {
      if (this.#isOver) return
      this.#perform(effect, stored)
    }
  }

  #note({
    engine,
    failure,
    fatal,
  }: Pick<Extract<Event, { type: 'engine.failed' }>, 'engine' | 'failure' | 'fatal'>): void {
    this.#ports.failed?.(engine)
    this.#ports.log(fatal ? 'error' : 'warn', failure.message, { engine, code: failure.code })
  }

  readonly #now = (): Millis => this.#ports.clock.now() - this.#openedAt

  #setAlarm(): void {
    const due = this.#isOver ? undefined : nextDeadline(this.#conversation)
    this.#alarm.set(due === undefined ? undefined : this.#openedAt + due)
  }

  #perform(effect: Effect, stored: Promise<void> | undefined): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.event)
      case 'deliver':
        return this.#attachment.send(effect.event)
      case 'load':
        return this.#agent.find(effect.agentId)
      case 'prepare':
        return this.#prepare(effect.config)
      case 'invoke':
        return this.#invoke(effect, stored)
      case 'abandon':
        return this.#toolRuns.abandon(effect.callId)
      case 'collect':
        return this.#keypad.collect(effect)
      case 'awaitKeys':
        return this.#keypad.awaitKeys()
      case 'stopCollecting':
        return this.#keypad.stopCollecting()
      case 'report':
        return this.#note({ ...effect, fatal: false })
      case 'note':
        return this.#ports.log('debug', effect.decision.what, { why: effect.decision.why, ...effect.decision.figures })
      case 'end':
        return this.#end(effect)
      case 'close':
        return this.#leave(reasonOf[effect.code], effect.code, effect.reason)
      default:
        if (effect.type === 'reconfigure') this.#config = effect.config
        if (effect.type === 'pause') this.#stopwatch.paused(this.#now())
        this.#organs?.perform(effect, this.#agent.parts)
        if (effect.type === 'cancel') this.#attachment.cancel(effect.reply)
    }
  }

  #send(event: ServerEvent): void {
    this.#stopwatch.sent(event, this.#now())
    this.#organs?.told(event)
    this.#attachment.send(event.type === 'session.ready' ? { ...event, resume_token: this.#ports.resumeToken } : event)
  }

  /** While the engines still load, the session waits for them; the conversation knows how long. */
  #prepare(config: SessionConfig): void {
    this.#config = config
    const { engines } = this.#ports.engines
    if (engines) return this.#begin(config, engines)
    this.#ports.engines.loaded.then(
      (loaded) => this.#begin(config, loaded),
      (error) => this.dispatch({ type: 'engine.failed', engine: 'llm', failure: failureOf(error), fatal: true }),
    )
  }

  #begin(config: SessionConfig, engines: Engines): void {
    if (this.#isOver) return
    this.#open(config, engines)
    this.dispatch({ type: 'engines.ready' })
  }

  #open(config: SessionConfig, engines: Engines): void {
    const { clock, wheel, observers } = this.#ports
    const ports: OrgansPorts = {
      clock,
      wheel,
      engines,
      sessionId: this.id,
      now: this.#now,
      dispatch: (event) => this.dispatch(event),
      warn: (message, fields) => this.#ports.log('warn', message, fields),
      volume: () => this.#config?.output.volume ?? null,
      sendFrame: (reply, bytes, start, end, isLast) => {
        this.#stopwatch.frameSent(reply, this.#now())
        this.#attachment.sendFrame(reply, bytes, start, end, isLast)
        for (const observer of observers) observer.sent?.(reply, bytes, start, end, this.#now())
      },
    }
    this.#organs = new Organs(ports, config)
    this.#remember(this.#organs)
    for (const observer of observers) observer.prepared?.(config, this.#agent.parts?.id, this.#agent.parts?.history)
  }

  /** Of a revived session the ear is at a later turn than the first, and the agent has spoken. */
  #remember({ ear }: Organs): void {
    const conversation = this.#conversation
    if (conversation.phase !== 'live') return
    ear.listen(conversation.turn)
    ear.agentSaid(lastWordsOfAgent(conversation.history))
  }

  #listen(bytes: Uint8Array): void {
    if (this.#organs && this.#config) this.#intake.take(bytes, this.#config.input.format.encoding, this.#organs.hear)
  }

  #invoke(order: Extract<Effect, { type: 'invoke' }>, after: Promise<void> | undefined): void {
    const whole = completed(order, this.#keypad.take(order.callId), this.#conversation)
    const agent = this.#agent.parts
    this.#toolRuns.invoke(order, whole, agent, after)
  }

  #end({ reason, duration }: Extract<Effect, { type: 'end' }>): void {
    const heardMs = this.#intake.heardMs
    this.#send({
      type: 'session.ended',
      session_duration_seconds: duration / 1000,
      audio_duration_seconds: heardMs > 0 ? heardMs / 1000 : null,
    })
    this.#leave(reason, 1000, reason)
  }

  /** A fault of ours ends the session in which it shows, and no other. */
  #broke(error: unknown): void {
    this.#ports.log('error', 'The session broke because of a fault in the server; please report it.', { error })
    const message = 'The session failed because of a fault in the server. Open a new session.'
    this.#attachment.send({ type: 'session.error', code: 'internal_error', message, session_id: this.id, param: null })
    this.#leave('error', 1011, 'internal error')
  }

  #leave(why: Departure, code: number, text: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inbox = []
    this.#organs?.close()
    this.#organs = undefined
    this.#toolRuns.close()
    this.#keypad.close()
    this.#agent.letGo()
    this.#setAlarm()
    this.#attachment[why === 'suspended' ? 'abandon' : 'close'](code, text)
    for (const observer of this.#ports.observers)
      if (why === 'suspended') observer.suspended?.(this.#now())
      else observer.over?.(why, this.#now())
    this.#ports.over(why)
  }
}

/** What a close without `session.ended` is counted as. */
const reasonOf = { 1000: 'participant_disconnected', 1008: 'refused', 1011: 'error' } as const

const DEAF = 'Ten seconds of loud sound and no speech in it: compare the declared input format with what is sent.'

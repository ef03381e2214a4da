// Hosts one conversation: tells it what happens, does what it orders. It decides nothing.
import {
  type Conversation,
  type Effect,
  type EndReason,
  type Event,
  type EventBody,
  lastWordsOfAgent,
  type Millis,
  nextDeadline,
  opening,
  revive,
  step,
} from '@parley/conversation'
import { durationMs, type ServerEvent, type SessionConfig } from '@parley/protocol'
import { type Engines, failureOf } from '../engines/engine.js'
import { Alarm } from './alarm.js'
import { Attachment } from './attachment.js'
import { Deafness } from './deafness.js'
import { earSettings } from './engine-inputs.js'
import { leastKept } from './keeping.js'
import { Organs, type OrgansPorts } from './organs.js'
import { LEAD_MS } from './playout.js'
import type { Departure, Line, SessionPorts, SessionStart, StoredAgent, StoredSession } from './ports.js'
import { Stopwatch } from './stopwatch.js'
import { ToolRuns } from './tool-runs.js'
import { awaitedBefore } from './write-ahead.js'
import type { FoundAgent } from './writer.js'

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
  readonly #deafness: Deafness
  #conversation: Conversation
  #inbox: Event[] = []
  #busy = false
  readonly #alarm: Alarm
  readonly #attachment: Attachment
  readonly #toolRuns: ToolRuns
  #organs: Organs | undefined
  #agent: FoundAgent | undefined
  #config: SessionConfig | undefined
  #audioHeardMs = 0
  #isOver = false

  private constructor(ports: SessionPorts, id: string, openedAt: number, conversation: Conversation) {
    this.id = id
    this.#ports = ports
    this.#openedAt = openedAt
    this.#attachment = new Attachment(ports.line)
    this.#alarm = new Alarm(ports.clock, () => this.dispatch({ type: 'clock.ticked' }))
    this.#stopwatch = new Stopwatch((times) => ports.measured?.(times))
    this.#deafness = new Deafness(() =>
      ports.log(
        'warn',
        'Ten seconds of loud sound and no speech in it: compare the declared input format with what is sent.',
        {
          format: this.#config?.input.format,
        },
      ),
    )
    this.#toolRuns = new ToolRuns(id, (event) => this.dispatch(event))
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
    session.#audioHeardMs = stored.audioHeardMs
    session.#config = config
    const history = leastKept(stored.history, agent?.history)
    if (stored.agentId !== undefined) session.#agent = { id: stored.agentId, ...partsOf(agent), history }
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
    if (event.type === 'vad.started') this.#deafness.speech()
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
        return this.#load(effect.agentId)
      case 'prepare':
        return this.#prepare(effect.config)
      case 'reconfigure':
        this.#config = effect.config
        return this.#organs?.ear.reconfigure(earSettings(effect.config))
      case 'listen':
        return this.#organs?.ear.listen(effect.turn)
      case 'generate':
        return this.#organs?.writer.write(effect, this.#agent)
      case 'collect':
      case 'stopCollecting':
        return
      case 'invoke':
        return this.#toolRuns.invoke(effect, this.#agent?.id, this.#agent?.tools, stored)
      case 'abandon':
        return this.#toolRuns.abandon(effect.callId)
      case 'speak':
        return this.#organs?.voice.speak(effect.reply, effect.clause, effect.text, effect.last)
      case 'pause':
        this.#stopwatch.paused(this.#now())
        return this.#organs?.voice.pause(effect.reply)
      case 'resume':
        return this.#organs?.voice.resume(effect.reply)
      case 'cancel':
        this.#organs?.writer.cancel(effect.reply)
        this.#organs?.voice.cancel(effect.reply)
        return this.#attachment.cancel(effect.reply)
      case 'report':
        return this.#note({ ...effect, fatal: false })
      case 'note':
        return this.#ports.log('debug', effect.decision.what, { why: effect.decision.why, ...effect.decision.figures })
      case 'end':
        return this.#end(effect.reason, effect.duration)
      case 'close':
        return this.#leave(reasonOf[effect.code], effect.code, effect.reason)
    }
  }

  #send(event: ServerEvent): void {
    this.#stopwatch.sent(event, this.#now())
    if (event.type === 'transcript.agent') this.#organs?.ear.agentSaid(event.text)
    if (event.type === 'transcript.agent' || event.type === 'reply.done') this.#organs?.voice.finish(event.reply_id)
    this.#attachment.send(event.type === 'session.ready' ? { ...event, resume_token: this.#ports.resumeToken } : event)
  }

  #load(agentId: string): void {
    this.#ports.findAgent(agentId).then(
      (agent) => {
        if (this.#isOver) return void agent?.tools?.close().catch(() => {})
        this.#agent = agent && { id: agentId, ...partsOf(agent) }
        const serverTools = agent?.tools?.names ?? []
        const phone = agent?.telephony
        const variables = agent?.variables
        this.dispatch({
          type: 'agent.found',
          config: agent?.config,
          serverTools,
          ...(phone && { phone }),
          ...(variables && { variables }),
        })
      },
      (error) => {
        this.#ports.log('error', 'The agent could not be read from the store.', { error: String(error) })
        this.dispatch({ type: 'agent.unreadable' })
      },
    )
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
    for (const observer of observers) observer.prepared?.(config, this.#agent?.id, this.#agent?.history)
  }

  /** Of a revived session the ear is at a later turn than the first, and the agent has spoken. */
  #remember({ ear }: Organs): void {
    const conversation = this.#conversation
    if (conversation.phase !== 'live') return
    ear.listen(conversation.turn)
    ear.agentSaid(lastWordsOfAgent(conversation.history))
  }

  #listen(bytes: Uint8Array): void {
    if (!this.#organs || !this.#config) return
    for (const observer of this.#ports.observers) observer.heard?.(bytes, this.#now())
    const length = durationMs(this.#config.input.format.encoding, bytes.length)
    this.#audioHeardMs += length
    this.#deafness.hear(this.#organs.hear(bytes), length)
  }

  #end(reason: EndReason, duration: Millis): void {
    this.#send({
      type: 'session.ended',
      session_duration_seconds: duration / 1000,
      audio_duration_seconds: this.#audioHeardMs > 0 ? this.#audioHeardMs / 1000 : null,
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
    this.#agent?.tools
      ?.close()
      .catch((error) => this.#ports.log('warn', 'A tool did not close in order.', { error: String(error) }))
    this.#setAlarm()
    this.#attachment[why === 'suspended' ? 'abandon' : 'close'](code, text)
    for (const observer of this.#ports.observers)
      if (why === 'suspended') observer.suspended?.(this.#now())
      else observer.over?.(why, this.#now())
    this.#ports.over(why)
  }
}

const partsOf = (agent: StoredAgent | undefined): Omit<FoundAgent, 'id'> => ({
  endpoint: agent?.endpoint,
  tools: agent?.tools,
  history: agent?.history,
})

/** What a close without `session.ended` is counted as. */
const reasonOf = { 1000: 'participant_disconnected', 1008: 'refused', 1011: 'error' } as const

// Hosts one conversation: tells it what happens, does what it orders. It decides nothing.
import {
  type Conversation,
  type Effect,
  type EndReason,
  type EngineKind,
  type Event,
  type EventBody,
  type Millis,
  nextDeadline,
  opening,
  step,
} from '@parley/conversation'
import { bytesPerSample, durationMs, type ServerEvent, type SessionConfig, sampleRateHz } from '@parley/protocol'
import { decoderFor, encoderFor } from '../audio/codec.js'
import type { Engines, LlmRequest } from '../engines/engine.js'
import { failureOf } from '../engines/engine.js'
import type { EngineSet } from '../engines/load.js'
import type { ServerTools } from '../tools/tool.js'
import type { Clock } from './clock.js'
import { Deafness } from './deafness.js'
import { Ear } from './ear.js'
import { earSettings } from './engine-inputs.js'
import type { SessionObserver } from './observer.js'
import { LEAD_MS, type PacingWheel, Playout, type SendFrame } from './playout.js'
import { Stopwatch, type TurnTimes } from './stopwatch.js'
import { ToolRuns } from './tool-runs.js'
import { Voice } from './voice.js'
import { type FoundAgent, Writer } from './writer.js'

/** The open line to the peer, whatever its kind. */
export interface Line {
  send(event: ServerEvent): void
  readonly sendFrame: SendFrame
  close(code: number, reason: string): void
}

export interface StoredAgent {
  readonly config: SessionConfig
  /** The agent's own model, with its key; never part of the config. */
  readonly endpoint?: NonNullable<LlmRequest['endpoint']>
  /** The tools that the server runs for it. */
  readonly tools?: ServerTools
}

export type SessionLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void

export interface SessionPorts {
  readonly clock: Clock
  readonly wheel: PacingWheel
  readonly engines: Pick<EngineSet, 'engines' | 'loaded'>
  readonly line: Line
  findAgent(id: string): Promise<StoredAgent | undefined>
  readonly log: SessionLog
  /** Those who follow the session without taking part in it. */
  readonly observers: readonly SessionObserver[]
  /** What a finished reply took, part by part. */
  measured?(times: TurnTimes): void
  /** An engine gave up, for this session or for a moment. */
  failed?(engine: EngineKind): void
  /** Called once, when the session is over and everything it held is let go. */
  over(reason: EndReason | 'refused'): void
}

export interface SessionStart {
  /** `sess_` and 32 hex digits. */
  readonly id: string
  readonly cap: Millis
  readonly firstMessageWithin: Millis
  readonly idleAfter?: Millis | undefined
  readonly defaultVoice: string
}

export class Session {
  readonly id: string
  readonly #ports: SessionPorts
  readonly #openedAt: number
  readonly #stopwatch: Stopwatch
  readonly #deafness: Deafness
  #conversation: Conversation
  #inbox: Event[] = []
  #busy = false
  #alarm: { readonly at: Millis; cancel(): void } | undefined
  #ear: Ear | undefined
  #voice: Voice | undefined
  #writer: Writer | undefined
  readonly #toolRuns: ToolRuns
  #hear: ((bytes: Uint8Array) => void) | undefined
  #agent: FoundAgent | undefined
  #config: SessionConfig | undefined
  #audioHeardMs = 0
  #isOver = false

  constructor(ports: SessionPorts, start: SessionStart) {
    this.id = start.id
    this.#ports = ports
    this.#openedAt = ports.clock.now()
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
    this.#toolRuns = new ToolRuns(start.id, (event) => this.dispatch(event))
    const { id: sessionId, ...limits } = start
    this.#conversation = opening({ ...limits, sessionId, startedAtUnixMs: ports.clock.unixMs(), lead: LEAD_MS })
    this.#setAlarm()
  }

  /** The encoding that sound comes in, once it is known. */
  get inputEncoding(): SessionConfig['input']['format']['encoding'] | undefined {
    return this.#config?.input.format.encoding
  }

  /** Sound in, as raw bytes of the input encoding: past the conversation, straight to the engines. Dropped before the session is ready (checklist 67). */
  hear(bytes: Uint8Array): void {
    try {
      this.#hear?.(bytes)
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
    for (const effect of effects) {
      if (this.#isOver) return
      this.#perform(effect)
    }
  }

  #note({ engine, failure, fatal }: Extract<Event, { type: 'engine.failed' }>): void {
    this.#ports.failed?.(engine)
    this.#ports.log(fatal ? 'error' : 'warn', failure.message, { engine, code: failure.code })
  }

  readonly #now = (): Millis => this.#ports.clock.now() - this.#openedAt

  #setAlarm(): void {
    const at = this.#isOver ? undefined : nextDeadline(this.#conversation)
    if (this.#alarm?.at === at) return
    this.#alarm?.cancel()
    if (at === undefined) {
      this.#alarm = undefined
      return
    }
    const ring = () => {
      this.#alarm = undefined
      this.dispatch({ type: 'clock.ticked' })
    }
    this.#alarm = { at, cancel: this.#ports.clock.wake(this.#openedAt + at, ring) }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.event)
      case 'load':
        return this.#load(effect.agentId)
      case 'prepare':
        return this.#prepare(effect.config)
      case 'reconfigure':
        this.#config = effect.config
        return this.#ear?.reconfigure(earSettings(effect.config))
      case 'listen':
        return this.#ear?.listen(effect.turn)
      case 'generate':
        return this.#writer?.write(effect, this.#agent)
      case 'invoke':
        return this.#toolRuns.invoke(effect, this.#agent?.id, this.#agent?.tools)
      case 'abandon':
        return this.#toolRuns.abandon(effect.callId)
      case 'speak':
        return this.#voice?.speak(effect.reply, effect.clause, effect.text, effect.last)
      case 'pause':
        this.#stopwatch.paused(this.#now())
        return this.#voice?.pause(effect.reply)
      case 'resume':
        return this.#voice?.resume(effect.reply)
      case 'cancel':
        this.#writer?.cancel(effect.reply)
        return this.#voice?.cancel(effect.reply)
      case 'note':
        return this.#ports.log('debug', effect.decision.what, { why: effect.decision.why, ...effect.decision.figures })
      case 'end':
        return this.#end(effect.reason, effect.duration)
      case 'close':
        return this.#over(reasonOf[effect.code], effect.code, effect.reason)
    }
  }

  #send(event: ServerEvent): void {
    this.#stopwatch.sent(event, this.#now())
    if (event.type === 'transcript.agent') this.#ear?.agentSaid(event.text)
    if (event.type === 'reply.done') this.#voice?.finish(event.reply_id)
    this.#ports.line.send(event)
  }

  #load(agentId: string): void {
    this.#ports.findAgent(agentId).then(
      (agent) => {
        this.#agent = agent && { id: agentId, endpoint: agent.endpoint, tools: agent.tools }
        this.dispatch({ type: 'agent.found', config: agent?.config, serverTools: agent?.tools?.names ?? [] })
      },
      (error) => {
        this.#ports.log('error', 'The agent could not be read from the store.', { error: String(error) })
      },
    )
  }

  /** While the engines still load, the session waits for them; the conversation knows how long. */
  #prepare(config: SessionConfig): void {
    this.#config = config
    const { engines } = this.#ports.engines
    if (engines) return this.#begin(config, engines)
    this.#ports.engines.loaded.then(
      (loaded) => {
        if (!this.#isOver) this.#begin(config, loaded)
      },
      (error) => this.dispatch({ type: 'engine.failed', engine: 'llm', failure: failureOf(error), fatal: true }),
    )
  }

  #begin(config: SessionConfig, engines: Engines): void {
    const { clock, wheel, line, observers } = this.#ports
    const dispatch = (event: EventBody) => this.dispatch(event)
    this.#writer = new Writer(engines.llm, this.id, dispatch)
    const { encoding } = config.output.format
    const playout = new Playout(
      clock,
      wheel,
      (sampleRateHz[encoding] * bytesPerSample[encoding]) / 1000,
      (reply, bytes, start, end) => {
        this.#stopwatch.frameSent(reply, this.#now())
        line.sendFrame(reply, bytes, start, end)
        for (const observer of observers) observer.sent?.(reply, bytes, start, end, this.#now())
      },
    )
    const encoder = () => encoderFor(encoding, engines.tts.sampleRateHz)
    const volume = () => this.#config?.output.volume ?? null
    this.#voice = new Voice(
      { tts: engines.tts, playout, dispatch, encoder, volume },
      config.output.voice,
      config.output.type === 'audio',
    )
    this.#ear = new Ear({ clock, engines, now: this.#now, dispatch }, earSettings(config))
    this.#hear = this.#listener(config, this.#ear, engines)
    for (const observer of observers) observer.prepared?.(config, this.#agent?.id)
    this.dispatch({ type: 'engines.ready' })
  }

  /** From the bytes of the wire to the sound that the ear takes; resampled only where an engine asks for another rate. */
  #listener(config: SessionConfig, ear: Ear, { vad, stt }: Engines): (bytes: Uint8Array) => void {
    const { encoding } = config.input.format
    const forVad = decoderFor(encoding, vad.sampleRateHz)
    const forStt = stt.sampleRateHz === vad.sampleRateHz ? undefined : decoderFor(encoding, stt.sampleRateHz)
    const { observers } = this.#ports
    return (bytes) => {
      for (const observer of observers) observer.heard?.(bytes, this.#now())
      const length = durationMs(encoding, bytes.length)
      this.#audioHeardMs += length
      const samples = forVad.push(bytes)
      this.#deafness.hear(samples, length)
      ear.hear(samples, forStt ? forStt.push(bytes) : samples)
    }
  }

  #end(reason: EndReason, duration: Millis): void {
    this.#send({
      type: 'session.ended',
      session_duration_seconds: duration / 1000,
      audio_duration_seconds: this.#audioHeardMs > 0 ? this.#audioHeardMs / 1000 : null,
    })
    this.#over(reason, 1000, reason)
  }

  /** A fault of ours ends the session in which it shows, and no other. */
  #broke(error: unknown): void {
    this.#ports.log('error', 'The session broke because of a fault in the server; please report it.', { error })
    const message = 'The session failed because of a fault in the server. Open a new session.'
    this.#ports.line.send({ type: 'session.error', code: 'internal_error', message, session_id: this.id, param: null })
    this.#over('error', 1011, 'internal error')
  }

  #over(reason: EndReason | 'refused', code: number, text: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#inbox = []
    this.#hear = undefined
    this.#writer?.close()
    this.#toolRuns.close()
    this.#agent?.tools
      ?.close()
      .catch((error) => this.#ports.log('warn', 'A tool did not close in order.', { error: String(error) }))
    this.#ear?.close()
    this.#voice?.close()
    this.#alarm?.cancel()
    this.#ports.line.close(code, text)
    for (const observer of this.#ports.observers) observer.over?.(reason, this.#now())
    this.#ports.over(reason)
  }
}

/** What a close without `session.ended` is counted as. */
const reasonOf = { 1000: 'participant_disconnected', 1008: 'refused', 1011: 'error' } as const

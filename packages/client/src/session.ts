// A conversation with an agent over one WebSocket: what is sent, what comes back, how it ends.
import type { ClientEvent, ConfigEcho, SessionPatch, TimedServerEvent } from '@parley/protocol'
import { decodeBase64, encodeBase64 } from './base64.js'
import { deferred } from './deferred.js'
import { Emitter } from './emitter.js'
import { SessionError } from './errors.js'
import { isBroken, isFinal, Retries } from './resume.js'
import { serverEvent } from './server-event.js'
import { asSessionError, lost, unanswered, unreachable } from './session-failures.js'
import { CLOSING, OPEN, prepareSocket, type Socket, type SocketOptions } from './socket.js'
import { fromWire, sampleRateHz, toWire } from './wire-audio.js'

/** Who is to speak: a stored agent, or settings given in place. */
export type Settings =
  | { readonly agentId: string; readonly session?: undefined }
  | { readonly agentId?: undefined; readonly session: SessionPatch }

export type ConnectOptions = SocketOptions &
  Settings & {
    /** How long the server may take to be ready, in ms; 15 s by default. */
    readonly timeoutMs?: number
    /** How much may wait to be sent, in bytes; sound beyond it is left out. Half a mebibyte by default, about 8 s of PCM. */
    readonly maxBufferedBytes?: number
    /** Whether a session whose connection broke is resumed, with up to five attempts within 25 s. True by default. */
    readonly resume?: boolean
  }

export interface ReadySession {
  readonly sessionId: string
  readonly config: ConfigEcho
  /** When the server ends the session by itself. */
  readonly expiresAt: Date
}

export interface AgentAudio {
  readonly replyId: string
  readonly samples: Int16Array<ArrayBuffer>
  readonly sampleRateHz: number
}

export interface Reconnecting {
  /** Counts from 1 after each loss. */
  readonly attempt: number
  readonly delayMs: number
}

export interface SessionClosed {
  /** WebSocket close code; 1006 where the connection broke or never was. */
  readonly code: number
  readonly reason: string
  /** Set unless the session was ended as agreed: by `session.ended`, `end` or `close`. */
  readonly error?: SessionError
}

type ServerEvents = { [Event in TimedServerEvent as Event['type']]: Event }
export type SessionEnded = ServerEvents['session.ended']
export type SessionEvents = ServerEvents & {
  /** Whatever the server sends, also what this version does not know. */
  event: TimedServerEvent
  /** The sound of `reply.audio`, decoded. */
  audio: AgentAudio
  /** The connection broke; an attempt to go on with the session is made in `delayMs`. 'resumed' or 'close' follows. */
  reconnecting: Reconnecting
  /** Another connection goes on with the session. The reply that was open is over, without an event. */
  resumed: ReadySession
  /** A `session.error`; the session goes on unless 'close' follows. */
  error: SessionError
  /** Once, and last. */
  close: SessionClosed
}

const TIMEOUT_MS = 15_000
const END_TIMEOUT_MS = 3_000
const MAX_BUFFERED_BYTES = 512 * 1024
/** How many messages are kept to be sent once the session is resumed. */
const MAX_UNSENT = 100
const NORMAL = 1000
const ABNORMAL = 1006

type Phase =
  | { readonly is: 'connecting' }
  | ({ readonly is: 'ready' } & ReadySession)
  | ({ readonly is: 'reconnecting'; readonly retries: Retries } & ReadySession)
  /** Over, though the socket may still be closing; `error` tells why, unless that was agreed. */
  | { readonly is: 'ended'; readonly error: SessionError | undefined }

/** Opens a session. Returns at once; `ready` tells how it went. */
export function connect(options: ConnectOptions): Session {
  return new Session(options)
}

export class Session extends Emitter<SessionEvents> {
  /** Rejects with `SessionError` when the server refuses, is away, or takes too long. */
  readonly ready: Promise<ReadySession>
  #phase: Phase = { is: 'connecting' }
  #socket: Socket | undefined
  /** The last `session.error`: why the server closes, if it closes. */
  #refusal: SessionError | undefined
  #droppedFrames = 0
  #resumeToken = ''
  /** Whether `session.end` was sent: nothing is resumed after it. */
  #saidGoodbye = false
  readonly #unsent: ClientEvent[] = []
  readonly #options: ConnectOptions
  readonly #maxBufferedBytes: number
  readonly #resolveReady: (ready: ReadySession) => void
  readonly #rejectReady: (error: SessionError) => void
  /** Of the answer that is waited for, or of the next attempt. */
  #deadline: ReturnType<typeof setTimeout>

  constructor(options: ConnectOptions) {
    super()
    const { promise, resolve, reject } = deferred<ReadySession>()
    this.ready = promise
    this.#resolveReady = resolve
    this.#rejectReady = reject
    // Whoever only listens to 'close' is told there; an unread rejection must not end a Node process.
    promise.catch(() => {})
    this.#options = options
    this.#maxBufferedBytes = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    this.#deadline = setTimeout(() => this.#conclude(unanswered(timeoutMs)), timeoutMs)
    const session = options.agentId === undefined ? options.session : { agent_id: options.agentId }
    void this.#open(options, { type: 'session.update', session })
  }

  get state(): 'connecting' | 'ready' | 'reconnecting' | 'ended' {
    return this.#phase.is
  }

  /** Pieces of sound left out because the connection could not carry them in time. */
  get droppedFrames(): number {
    return this.#droppedFrames
  }

  /**
   * Sends what the user's microphone hears: samples at the input encoding's rate, or bytes in that encoding.
   * Send silence too: it tells the end of a turn. Outside of a ready session the sound is dropped.
   */
  sendAudio(sound: Int16Array | Uint8Array): void {
    if (this.#phase.is !== 'ready' || this.#socket?.readyState !== OPEN || sound.length === 0) return
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) {
      this.#droppedFrames++
      return
    }
    const bytes = sound instanceof Int16Array ? toWire(this.#phase.config.input.format.encoding, sound) : sound
    this.#socket.send(`{"type":"input.audio","audio":"${encodeBase64(bytes)}"}`)
  }

  /** Changes settings from here on; 'session.updated' or 'error' answers. */
  update(session: SessionPatch): void {
    this.#send({ type: 'session.update', session })
  }

  /** Makes the agent speak now, with `instructions` for this reply alone. */
  createReply(instructions?: string): void {
    this.#send({ type: 'reply.create', ...(instructions === undefined ? {} : { instructions }) })
  }

  cancelReply(replyId: string): void {
    this.#send({ type: 'reply.cancel', reply_id: replyId })
  }

  /** Adds to what the agent knows, without a reply: as if the user had said it, or as a note of the system. */
  say(role: 'user' | 'system', content: string): void {
    this.#send({ type: 'conversation.message', role, content })
  }

  /** Answers a 'tool.call'. `result` is JSON text; anything but a string is made into it. */
  sendToolResult(callId: string, result: unknown, isError = false): void {
    const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null')
    this.#send({ type: 'tool.result', call_id: callId, result: text, is_error: isError })
  }

  /** Ends the session and waits for the server's account of it. Rejects with `SessionError` when none comes. */
  end(): Promise<SessionEnded> {
    const { promise, resolve, reject } = deferred<SessionEnded>()
    const patience = setTimeout(() => this.#conclude(unanswered(END_TIMEOUT_MS)), END_TIMEOUT_MS)
    const stop = [
      this.on('session.ended', resolve),
      this.on('close', ({ error }) => reject(error ?? new SessionError('closed', 'The session was closed already.'))),
    ]
    try {
      this.#send({ type: 'session.end' })
    } catch (error) {
      this.close()
      reject(error)
    }
    return promise.finally(() => {
      clearTimeout(patience)
      for (const off of stop) off()
    })
  }

  /** Ends the session without waiting, as when a page is left. One that is reconnecting is left to end by itself. */
  close(): void {
    if (this.#phase.is === 'ready' && this.#socket?.readyState === OPEN) this.#send({ type: 'session.end' })
    this.#conclude()
  }

  /** `first` is said as soon as the connection is open. */
  async #open(options: SocketOptions, first: ClientEvent): Promise<void> {
    try {
      const openSocket = await prepareSocket(options)
      if (this.#phase.is === 'ended') return
      const socket = openSocket()
      this.#socket = socket
      const current = () => this.#socket === socket
      socket.addEventListener('open', () => socket.send(JSON.stringify(first)))
      socket.addEventListener('message', ({ data }) => current() && this.#receive(data))
      socket.addEventListener('close', ({ code, reason }) => current() && this.#disconnected(code, reason))
      // Every error of a socket is followed by its close, which is told; `ws` insists on somebody hearing both.
      socket.addEventListener('error', () => {})
    } catch (error) {
      if (this.#phase.is === 'reconnecting') this.#disconnected(ABNORMAL, '')
      else this.#conclude(asSessionError(error))
    }
  }

  #receive(data: unknown): void {
    const event = serverEvent(data)
    if (!event || this.#phase.is === 'ended') return
    if (event.type === 'session.ready') this.#becomeReady(event)
    if (event.type === 'session.ended') this.#conclude()
    this.emit('event', event)
    // The table of events is keyed by `type`, so the event is the one that its name promises.
    this.emit(event.type, event as never)
    if (event.type === 'reply.audio') this.#hear(event)
    if (event.type === 'session.error') this.#refused(event)
  }

  #becomeReady(event: ServerEvents['session.ready']): void {
    const { is: before } = this.#phase
    if (before === 'ended') return
    clearTimeout(this.#deadline)
    const { session_id: sessionId, config, expires_at, resume_token } = event
    const ready = { sessionId, config, expiresAt: new Date(expires_at * 1000) }
    this.#resumeToken = resume_token
    this.#refusal = undefined
    this.#phase = { is: 'ready', ...ready }
    this.#resolveReady(ready)
    if (before !== 'reconnecting') return
    for (const unsent of this.#unsent.splice(0)) this.#send(unsent)
    this.emit('resumed', ready)
  }

  #hear({ reply_id: replyId, data }: ServerEvents['reply.audio']): void {
    if (this.#phase.is !== 'ready' || !this.has('audio')) return
    const { encoding } = this.#phase.config.output.format
    const samples = fromWire(encoding, decodeBase64(data))
    if (samples.length > 0) this.emit('audio', { replyId, samples, sampleRateHz: sampleRateHz[encoding] })
  }

  #refused({ code, message, param }: ServerEvents['session.error']): void {
    this.#refusal = new SessionError(code, message, param ?? undefined)
    // The server closes after it, and another attempt may do better.
    if (this.#phase.is === 'reconnecting' && !isFinal(this.#refusal)) return
    this.emit('error', this.#refusal)
    // Before the session is ready there is nothing to go on with, whether or not the server closes.
    if (this.#phase.is !== 'ready') this.#conclude(this.#refusal)
  }

  /** The session is over for this side; 'close' follows when the socket has closed. */
  #conclude(error?: SessionError): void {
    const { is: before } = this.#phase
    if (before === 'ended') return
    clearTimeout(this.#deadline)
    this.#phase = { is: 'ended', error }
    this.#rejectReady(error ?? new SessionError('closed', 'The session was closed before it was ready.'))
    const socket = this.#socket
    // Of one that has closed already no event will come.
    if (socket && socket.readyState <= CLOSING) socket.close(NORMAL)
    else this.emit('close', { code: ABNORMAL, reason: '', ...(error ? { error } : {}) })
  }

  #disconnected(code: number, reason: string): void {
    const phase = this.#phase
    if (phase.is === 'reconnecting') return this.#retry(phase, code, reason)
    const mayResume = this.#options.resume !== false && !this.#saidGoodbye && isBroken(code, this.#refusal)
    if (phase.is === 'ready' && mayResume) {
      const retries = new Retries(() => performance.now())
      return this.#retry({ ...phase, is: 'reconnecting', retries }, code, reason)
    }
    this.#closed(code, reason, phase.is === 'connecting' ? unreachable(code) : lost(code, reason))
  }

  /** `failure`: why, unless the session was over already or the server has said it. */
  #closed(code: number, reason: string, failure: SessionError): void {
    clearTimeout(this.#deadline)
    if (this.#phase.is !== 'ended') {
      this.#phase = { is: 'ended', error: this.#refusal ?? failure }
      this.#rejectReady(this.#refusal ?? failure)
    }
    const { error } = this.#phase
    this.emit('close', { code, reason, ...(error ? { error } : {}) })
  }

  #retry(phase: Extract<Phase, { is: 'reconnecting' }>, code: number, reason: string): void {
    const { retries, sessionId } = phase
    clearTimeout(this.#deadline)
    const delayMs = retries.next()
    if (delayMs === undefined) return this.#closed(code, reason, lost(code, reason))
    this.#phase = phase
    this.#refusal = undefined
    this.#deadline = setTimeout(() => this.#resume(sessionId, retries), delayMs)
    this.emit('reconnecting', { attempt: retries.made, delayMs })
  }

  /** The token of the session itself is the best credential: nobody has to be asked for it. */
  #resume(sessionId: string, retries: Retries): void {
    const { url, WebSocket } = this.#options
    const returning = { url, token: this.#resumeToken, ...(WebSocket && { WebSocket }) }
    const patienceMs = Math.min(this.#options.timeoutMs ?? TIMEOUT_MS, retries.leftMs)
    this.#deadline = setTimeout(() => this.#forsake(), patienceMs)
    void this.#open(this.#resumeToken === '' ? this.#options : returning, {
      type: 'session.resume',
      session_id: sessionId,
    })
  }

  /** An attempt that is not answered: its socket may take long to close, and is nobody's from here on. */
  #forsake(): void {
    this.#socket?.close()
    this.#socket = undefined
    this.#disconnected(ABNORMAL, '')
  }

  #send(event: ClientEvent): void {
    if (this.#phase.is === 'connecting')
      throw new SessionError('not_ready', `${event.type} was sent too early. Await session.ready first.`)
    if (this.#phase.is === 'reconnecting' && this.#unsent.length < MAX_UNSENT) return void this.#unsent.push(event)
    if (this.#phase.is !== 'ready' || this.#socket?.readyState !== OPEN)
      throw new SessionError('closed', `${event.type} was not sent: the session is over.`)
    if (event.type === 'session.end') this.#saidGoodbye = true
    this.#socket.send(JSON.stringify(event))
  }
}

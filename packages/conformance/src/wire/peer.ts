// A client on a real socket that says what it likes and waits for what it expects.
import WebSocket from 'ws'
import { Failure, show } from '../expect.js'
import { bytesPerMs, soundOf } from './sound.js'
import { type Frame, outputEncoding, type Received, type Trace } from './trace.js'

const PATIENCE_MS = 20_000
const QUIET_MS = 150
const ANSWER_WITHIN_MS = 3_000

export interface Closed {
  readonly code: number
  readonly reason: string
}

export interface Credentials {
  readonly authorization?: string
  readonly token?: string
  /** Further query parameters: `a=b&c=d`. */
  readonly query?: string
}

type Matches = (frame: Frame) => boolean

interface Waiting {
  readonly matches: Matches
  readonly take: (received: Received) => void
  readonly refuse: (why: string) => void
}

export class Peer implements Trace {
  readonly item: number
  readonly socket: WebSocket
  readonly received: Received[] = []
  readonly closed: Promise<Closed>
  readonly #soundBytes = new Map<unknown, number>()
  #waiting: Waiting[] = []
  #listeners: ((frame: Frame) => void)[] = []

  private constructor(item: number, socket: WebSocket) {
    this.item = item
    this.socket = socket
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        for (const { refuse } of this.#waiting) refuse(`the connection was closed with ${code}`)
        this.#waiting = []
        resolve({ code, reason: String(reason) })
      }),
    )
    socket.on('message', (data, isBinary) => this.#receive(String(data), isBinary))
  }

  /** Rejects with a `Failure` when the upgrade does not succeed. */
  static open(item: number, url: string, { authorization, token, query = '' }: Credentials): Promise<Peer> {
    const parameters = [query, token === undefined ? '' : `token=${encodeURIComponent(token)}`].filter(Boolean)
    const address = `${url.replace(/^http/, 'ws')}/v1/ws${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
    const socket = new WebSocket(address, {
      headers: authorization === undefined ? {} : { authorization },
      handshakeTimeout: PATIENCE_MS,
      perMessageDeflate: false,
    })
    const peer = new Peer(item, socket)
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(peer))
      socket.on('error', (error) => reject(new Failure(`the connection failed: ${error.message}`)))
    })
  }

  get frames(): readonly Frame[] {
    return this.received.map(({ frame }) => frame)
  }

  of(type: string): readonly Frame[] {
    return this.frames.filter((frame) => frame.type === type)
  }

  /** How much sound of this reply has come so far. */
  soundMsOf(reply: unknown): number {
    return (this.#soundBytes.get(reply) ?? 0) / bytesPerMs[outputEncoding(this)]
  }

  /** The types of all frames, with runs of one type as one. */
  get course(): readonly string[] {
    return this.frames.map(({ type }) => type).filter((type, index, types) => type !== types[index - 1])
  }

  send(event: object): void {
    this.sendText(JSON.stringify(event))
  }

  sendText(text: string): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(text)
  }

  /** Calls `listener` for every frame from now on. */
  on(listener: (frame: Frame) => void): void {
    this.#listeners.push(listener)
  }

  /** The next frame of this type that comes from now on. */
  next(type: string, matches: Matches = () => true, withinMs = PATIENCE_MS): Promise<Frame> {
    const found = this.nextReceived(type, matches, withinMs).then(({ frame }) => frame)
    // whoever waits sees the rejection; one that is not awaited any more is nobody's
    found.catch(() => {})
    return found
  }

  nextReceived(type: string, matches: Matches = () => true, withinMs = PATIENCE_MS): Promise<Received> {
    const found = new Promise<Received>((resolve, reject) => {
      const refuse = (why: string) => {
        clearTimeout(timer)
        this.#waiting = this.#waiting.filter((other) => other !== waiting)
        reject(
          new Failure(
            `no ${type}: ${why}; the last frames were ${this.course.slice(-6).join(', ') || 'none'}${this.#lastError()}`,
          ),
        )
      }
      const timer = setTimeout(() => refuse(`none within ${withinMs / 1000} s`), withinMs)
      const waiting: Waiting = {
        matches: (frame) => frame.type === type && matches(frame),
        take: (received) => {
          clearTimeout(timer)
          resolve(received)
        },
        refuse,
      }
      this.#waiting.push(waiting)
      if (this.socket.readyState === WebSocket.CLOSED) refuse('the connection is closed')
    })
    found.catch(() => {})
    return found
  }

  /** The first frame of this type, whether it has come already or not. */
  first(type: string, matches: Matches = () => true, withinMs = PATIENCE_MS): Promise<Frame> {
    const known = this.frames.find((frame) => frame.type === type && matches(frame))
    return known ? Promise.resolve(known) : this.next(type, matches, withinMs)
  }

  /** Waits until the server has had time to say whatever it has to say to what was sent. */
  async settled(): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) return
    const answered = new Promise((resolve) => this.socket.once('pong', resolve))
    this.socket.ping()
    await Promise.race([answered, this.closed])
    await pause(QUIET_MS)
  }

  /** All that comes in answer to `event`, from the first frame after it to where it is quiet again. */
  async answersTo(event: object | string): Promise<readonly Frame[]> {
    const before = this.received.length
    if (typeof event === 'string') this.sendText(event)
    else this.send(event)
    const late = performance.now() + ANSWER_WITHIN_MS
    while (this.received.length === before && this.isOpen && performance.now() < late) await pause(10)
    await this.settled()
    return this.frames.slice(before)
  }

  /** The end of the connection, which the server is expected to bring about. */
  async closing(withinMs = PATIENCE_MS): Promise<Closed> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Failure(`the connection stayed open for ${withinMs / 1000} s`)), withinMs)
    })
    return Promise.race([this.closed, late]).finally(() => clearTimeout(timer))
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN
  }

  /** `session.end`, and the end of the connection, in good order. */
  async end(): Promise<void> {
    this.send({ type: 'session.end' })
    await this.closing()
  }

  /** As when the network is lost. */
  drop(): void {
    this.socket.terminate()
  }

  #receive(text: string, isBinary: boolean): void {
    const received: Received = { at: performance.now(), text, isBinary, frame: parsed(text) }
    this.received.push(received)
    const { type, reply_id } = received.frame
    if (type === 'reply.audio')
      this.#soundBytes.set(reply_id, (this.#soundBytes.get(reply_id) ?? 0) + soundOf(received.frame).length)
    for (const listener of this.#listeners) listener(received.frame)
    this.#waiting = this.#waiting.filter(({ matches, take }) => {
      if (!matches(received.frame)) return true
      take(received)
      return false
    })
  }

  #lastError(): string {
    const error = this.of('session.error').at(-1)
    return error ? `; the last error was ${show({ code: error.code, message: error.message, param: error.param })}` : ''
  }
}

/** What is no JSON object with a type is kept as a frame without one, for the rules to complain about. */
function parsed(text: string): Frame {
  try {
    const value: unknown = JSON.parse(text)
    // True: the two conditions before are what a frame is.
    if (typeof value === 'object' && value !== null && 'type' in value) return value as Frame
  } catch {}
  return { type: '' }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

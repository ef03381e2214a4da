// The media side of a call: one stream between a caller's telephone and a server, in real time.
import type { PhoneClock } from './clock.js'
import type { MediaMessages } from './messages.js'
import { type Frame, type LineQuality, Mouth } from './mouth.js'
import { Playback, type Span } from './playback.js'

/** The socket as the stream needs it. */
export interface MediaSocket {
  send(text: string): void
  /** In good order. */
  close(): void
  /** At once, as when a cable is pulled. */
  cut(): void
}

/** What happened on the stream. `at`: ms since it began. */
export type StreamEvent = { readonly at: number } & (
  | { readonly what: 'media'; readonly bytes: number; readonly waitingMs: number }
  | { readonly what: 'mark'; readonly name: string }
  /** The sound before it was played. */
  | { readonly what: 'reached'; readonly name: string }
  /** `droppedMs`: how much was thrown away; `marks`: those that came back because of it. */
  | { readonly what: 'clear'; readonly droppedMs: number; readonly marks: readonly string[] }
  | { readonly what: 'dtmf'; readonly digit: string }
  | { readonly what: 'wrong'; readonly why: string }
  /** `why`: the code and the reason with which the server closed. */
  | { readonly what: 'ended'; readonly by: StreamEnd; readonly why?: string }
)

/** `company`: it sent `stop`. `server`: the server closed the socket. `cut`: the connection was lost. */
export type StreamEnd = 'company' | 'server' | 'cut'

export interface StreamOptions {
  readonly id: string
  readonly clock: PhoneClock
  readonly messages: MediaMessages
  readonly quality?: LineQuality | undefined
}

export class Stream {
  readonly id: string
  readonly events: StreamEvent[] = []
  /** Resolves when it is over. */
  readonly ended: Promise<StreamEnd>
  /** When it began, by its clock. */
  readonly begunAt: number
  readonly #clock: PhoneClock
  readonly #messages: MediaMessages
  readonly #socket: MediaSocket
  readonly #mouth: Mouth
  readonly #playback = new Playback()
  /** Recorded, and still on their way to the server. */
  readonly #pending: Frame[] = []
  #frameAlarm: (() => void) | undefined
  #markAlarm: (() => void) | undefined
  #count = 0
  #chunks = 0
  #end: StreamEnd | undefined
  #over: (end: StreamEnd) => void = () => {}

  constructor(socket: MediaSocket, { id, clock, messages, quality }: StreamOptions) {
    this.id = id
    this.#clock = clock
    this.#messages = messages
    this.#socket = socket
    this.#mouth = new Mouth(quality)
    this.ended = new Promise((resolve) => {
      this.#over = resolve
    })
    this.begunAt = clock.now()
    this.#write(messages.connected())
    this.#tell((number) => messages.start(number))
    this.#flow()
  }

  /** What the caller has heard so far: mu-law at 8 kHz, from the beginning of the stream, silence included. */
  get heard(): Uint8Array {
    this.#play()
    return this.#playback.line
  }

  /** Which parts of the sound that the server sent have been heard, and when. */
  get spans(): readonly Span[] {
    this.#play()
    return this.#playback.spans
  }

  /** All sound that the server has sent, heard or not. */
  get sent(): Uint8Array {
    return this.#playback.sent
  }

  /** Ms since it began. */
  get now(): number {
    return this.#clock.now() - this.begunAt
  }

  get isOver(): boolean {
    return this.#end !== undefined
  }

  /** The caller says this (mu-law, 8 kHz), after what is still being said. Returns when it begins and ends, in ms since the stream began. */
  say(sound: Uint8Array): { readonly begins: number; readonly ends: number } {
    return this.#mouth.say(sound)
  }

  hush(): void {
    this.#mouth.hush()
  }

  /** The caller presses a key: `0` to `9`, `*` or `#`. */
  press(digit: string): void {
    if (!/^[0-9*#]$/.test(digit)) throw new Error(`There is no key ${digit} on a telephone.`)
    if (this.isOver) return
    this.events.push({ at: this.now, what: 'dtmf', digit })
    this.#tell((number) => this.#messages.dtmf(number, digit))
  }

  /** The company ends the stream: the caller has hung up, or the call goes elsewhere. */
  stop(): void {
    if (this.isOver) return
    this.#tell((number) => this.#messages.stop(number))
    this.#finish('company')
    this.#socket.close()
  }

  /** The connection breaks without a word. */
  cut(): void {
    if (this.isOver) return
    this.#finish('cut')
    this.#socket.cut()
  }

  /** To be called with every message of the server. */
  receive(text: string): void {
    if (this.isOver) return
    this.#play()
    const message = this.#messages.read(parsed(text))
    switch (message.is) {
      case 'media': {
        this.#playback.add(message.sound)
        const waitingMs = this.#playback.waiting / 8
        this.events.push({ at: this.now, what: 'media', bytes: message.sound.length, waitingMs })
        break
      }
      case 'mark':
        this.#playback.mark(message.name)
        this.events.push({ at: this.now, what: 'mark', name: message.name })
        this.#play()
        break
      case 'clear': {
        const droppedMs = this.#playback.waiting / 8
        const marks = this.#playback.clear()
        this.events.push({ at: this.now, what: 'clear', droppedMs, marks })
        for (const name of marks) this.#tell((number) => this.#messages.mark(number, name))
        break
      }
      case 'wrong':
        this.events.push({ at: this.now, what: 'wrong', why: message.why })
    }
    this.#awaitMark()
  }

  /** To be called when the socket has closed. */
  closed(end: 'server' | 'cut', why: string): void {
    this.#finish(end, why)
  }

  #finish(end: StreamEnd, why?: string): void {
    if (this.#end) return
    this.#play()
    this.#end = end
    this.#markAlarm?.()
    this.#frameAlarm?.()
    this.events.push({ at: this.now, what: 'ended', by: end, ...(why !== undefined && { why }) })
    this.#over(end)
  }

  #play(): void {
    if (this.isOver) return
    for (const { name, at } of this.#playback.playTo(this.now)) {
      this.events.push({ at, what: 'reached', name })
      this.#tell((number) => this.#messages.mark(number, name))
    }
  }

  #awaitMark(): void {
    this.#markAlarm?.()
    this.#markAlarm = undefined
    const at = this.#playback.nextMarkAt()
    if (at === undefined || this.isOver) return
    this.#markAlarm = this.#clock.wake(this.begunAt + at, () => {
      this.#play()
      this.#awaitMark()
    })
  }

  /** Records what is due and sends what has arrived, in order. A late timer makes up for what it missed. */
  #flow(): void {
    while (this.#mouth.due <= this.now) {
      const frame = this.#mouth.record()
      if (frame) this.#pending.push(frame)
    }
    while (this.#pending[0] && this.#pending[0].leaves <= this.now) {
      const { timestamp, sound } = this.#pending.shift()!
      this.#tell((number) => this.#messages.media(number, ++this.#chunks, timestamp, sound))
    }
    const next = Math.min(this.#mouth.due, this.#pending[0]?.leaves ?? Number.POSITIVE_INFINITY)
    this.#frameAlarm = this.#clock.wake(this.begunAt + next, () => this.#flow())
  }

  #tell(message: (number: number) => unknown): void {
    this.#count += 1
    this.#write(message(this.#count))
  }

  #write(message: unknown): void {
    this.#socket.send(JSON.stringify(message))
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    // an object that is not null has fields, if unknown ones
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

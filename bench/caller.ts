// Simulated callers: each sends sound in real time, silence included, and notes what it is sent and when.
import WebSocket from 'ws'

export const SAMPLE_RATE_HZ = 24_000
const FRAME_MS = 50
const FRAME_SAMPLES = (SAMPLE_RATE_HZ * FRAME_MS) / 1000
const TICK_MS = 5
/** A sample from which a reply can be heard. */
const AUDIBLE = 300

export interface Seen {
  readonly at: number
  readonly event: { readonly type: string; readonly [field: string]: unknown }
}

interface Utterance {
  readonly frames: readonly string[]
  /** Where its acoustic beginning and end lie, in ms from the first frame's beginning. */
  readonly begins: number
  readonly ends: number
}

/** Sound as it is sent, with the edges of the speech in it found once. */
export function utterance(samples: Int16Array): Utterance {
  const frames: string[] = []
  for (let start = 0; start < samples.length; start += FRAME_SAMPLES) {
    const frame = new Int16Array(FRAME_SAMPLES)
    frame.set(samples.subarray(start, start + FRAME_SAMPLES))
    frames.push(frameOf(frame))
  }
  const { first, last } = edges(samples)
  return { frames, begins: (first / SAMPLE_RATE_HZ) * 1000, ends: (last / SAMPLE_RATE_HZ) * 1000 }
}

/** The first and the last 10 ms that hold a thirtieth of the loudest. */
function edges(samples: Int16Array): { first: number; last: number } {
  const window = SAMPLE_RATE_HZ / 100
  const levels = Array.from({ length: Math.floor(samples.length / window) }, (_, index) =>
    Math.sqrt(
      samples.subarray(index * window, (index + 1) * window).reduce((sum, value) => sum + value * value, 0) / window,
    ),
  )
  const threshold = levels.reduce((most, level) => Math.max(most, level), 0) / 30
  return {
    first: levels.findIndex((level) => level > threshold) * window,
    last: (levels.findLastIndex((level) => level > threshold) + 1) * window,
  }
}

const frameOf = (samples: Int16Array): string =>
  `{"type":"input.audio","audio":"${Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64')}"}`
const SILENT_FRAME = frameOf(new Int16Array(FRAME_SAMPLES))

export class Caller {
  readonly socket: WebSocket
  readonly seen: Seen[] = []
  /** By reply: when its first frame came, when it was first audible, when its last frame came. */
  readonly heard = new Map<string, { first: number; audible: number | undefined; last: number; frames: number }>()
  framesIn = 0
  framesOut = 0
  #due = 0
  #speech: readonly string[] = []
  #spoken = 0
  #waiting: { matches: (event: Seen['event']) => boolean; resolve: (seen: Seen) => void }[] = []

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => this.#receive(String(data)))
  }

  static async connect(url: string, key: string, session: Readonly<Record<string, unknown>>): Promise<Caller> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, {
      headers: { authorization: key },
      perMessageDeflate: false,
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    const caller = new Caller(socket)
    const ready = caller.next((event) => event.type === 'session.ready')
    socket.send(JSON.stringify({ type: 'session.update', session }))
    await ready
    caller.#due = performance.now()
    callers.add(caller)
    turn()
    return caller
  }

  /** Speaks from the next frame on. Resolves with the moments at which the speech began and ended to sound. */
  say({ frames, begins, ends }: Utterance): { began: number; ended: number } {
    this.#speech = frames
    this.#spoken = 0
    // a frame leaves when its last sample has been recorded
    const starts = this.#due - FRAME_MS
    return { began: starts + begins, ended: starts + ends }
  }

  /** The first that matches, whether it has come already or not. */
  async first(matches: (event: Seen['event']) => boolean): Promise<Seen> {
    return this.seen.find(({ event }) => matches(event)) ?? this.next(matches)
  }

  next(matches: (event: Seen['event']) => boolean, within = 30_000): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Nothing came within ${within} ms: ${JSON.stringify(this.seen.slice(-5))}`)),
        within,
      )
      this.#waiting.push({
        matches,
        resolve: (seen) => {
          clearTimeout(timer)
          resolve(seen)
        },
      })
    })
  }

  async end(): Promise<void> {
    callers.delete(this)
    const closed = new Promise<void>((resolve) => this.socket.once('close', () => resolve()))
    this.socket.send('{"type":"session.end"}')
    await closed
  }

  /** The line breaks, without a word. */
  vanish(): void {
    callers.delete(this)
    this.socket.terminate()
  }

  /** Sends the frames that are due. */
  flow(now: number): void {
    while (this.#due <= now) {
      this.#due += FRAME_MS
      this.socket.send(this.#speech[this.#spoken] ?? SILENT_FRAME)
      this.#spoken += 1
      this.framesOut += 1
    }
  }

  #receive(text: string): void {
    const at = performance.now()
    if (text.startsWith('{"type":"reply.audio"')) return this.#hear(text, at)
    const seen = { at, event: JSON.parse(text) as Seen['event'] }
    this.seen.push(seen)
    this.#waiting = this.#waiting.filter(({ matches, resolve }) => {
      if (!matches(seen.event)) return true
      resolve(seen)
      return false
    })
  }

  #hear(text: string, at: number): void {
    this.framesIn += 1
    const reply = text.slice(text.indexOf('"resp_') + 1, text.indexOf('","data"'))
    const known = this.heard.get(reply)
    const heard = known ?? { first: at, audible: undefined, last: at, frames: 0 }
    if (!known) this.heard.set(reply, heard)
    heard.last = at
    heard.frames += 1
    if (heard.audible !== undefined) return
    const bytes = Buffer.from(text.slice(text.indexOf('"data":"') + 8, text.lastIndexOf('","timestamp"')), 'base64')
    for (let index = 0; index + 1 < bytes.length; index += 2) {
      if (Math.abs(bytes.readInt16LE(index)) < AUDIBLE) continue
      // frames are played one after another from the first one on
      heard.audible = Math.max(at, heard.first + (heard.frames - 1) * 20) + index / 48
      return
    }
  }
}

const callers = new Set<Caller>()
let timer: NodeJS.Timeout | undefined

/** One timer for all callers, as long as there are any. */
function turn(): void {
  timer ??= setInterval(() => {
    const now = performance.now()
    for (const caller of callers) caller.flow(now)
    if (callers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }, TICK_MS)
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

// A peer on a real socket that says what it likes and waits for what it expects.
import WebSocket from 'ws'

export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

/** A message as it came. */
export interface Received {
  /** On the clock of `performance.now()`. */
  readonly at: number
  readonly text: string
  readonly isBinary: boolean
  readonly frame: Frame
}

export interface Credentials {
  readonly key?: string
  readonly token?: string
  /** More parameters of the address, such as `a=b`. */
  readonly query?: string
}

export class Peer {
  readonly socket: WebSocket
  readonly frames: Frame[] = []
  readonly received: Received[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  #waiting: { matches: (frame: Frame) => boolean; resolve: (frame: Frame) => void }[] = []

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    )
    socket.on('message', (data, isBinary) => {
      const text = String(data)
      // the server speaks JSON objects with a type; a test fails on anything else
      const frame = JSON.parse(text) as Frame
      this.frames.push(frame)
      this.received.push({ at: performance.now(), text, isBinary, frame })
      this.#waiting = this.#waiting.filter(({ matches, resolve }) => {
        if (!matches(frame)) return true
        resolve(frame)
        return false
      })
    })
  }

  static async open(url: string, { key, token, query = '' }: Credentials = {}): Promise<Peer> {
    const parameters = [query, token === undefined ? '' : `token=${encodeURIComponent(token)}`].filter(Boolean)
    const address = `${url.replace(/^http/, 'ws')}/v1/ws${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`
    const peer = new Peer(new WebSocket(address, { headers: key ? { authorization: key } : {} }))
    await new Promise<void>((resolve, reject) => {
      peer.socket.once('open', () => resolve())
      peer.socket.once('error', reject)
    })
    return peer
  }

  /** Open, with a session that is ready. */
  static async ready(
    url: string,
    key: string,
    session: Readonly<Record<string, unknown>> = { system_prompt: 'Be brief.' },
  ): Promise<Peer> {
    const peer = await Peer.open(url, { key })
    peer.send({ type: 'session.update', session })
    await peer.next('session.ready')
    return peer
  }

  send(event: unknown): void {
    this.socket.send(JSON.stringify(event))
  }

  /** The next frame of this type that comes from now on. */
  next(type: string, where: (frame: Frame) => boolean = () => true, withinMs = 10_000): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `No ${type} within ${withinMs} ms; the last were ${this.frames.slice(-5).map((frame) => frame.type)}`,
            ),
          ),
        withinMs,
      )
      this.#waiting.push({
        matches: (frame) => frame.type === type && where(frame),
        resolve: (frame) => {
          clearTimeout(timer)
          resolve(frame)
        },
      })
    })
  }

  /** The first frame of this type, whether it has come already or not. */
  async first(type: string): Promise<Frame> {
    return this.of(type)[0] ?? this.next(type)
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type)
  }

  /** Waits until the server has answered a ping: whatever it had to say before has then come. */
  async settled(): Promise<void> {
    const pong = new Promise((resolve) => this.socket.once('pong', resolve))
    this.socket.ping()
    await pong
  }

  /** Shows that the session is alive and well: it is asked for a reply and gives one. */
  async converses(): Promise<void> {
    const done = this.next('reply.done')
    this.send({ type: 'reply.create' })
    await done
  }

  async end(): Promise<void> {
    this.send({ type: 'session.end' })
    await this.closed
  }
}

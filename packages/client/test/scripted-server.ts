// A server on loopback that says over a real WebSocket only what a test tells it to.
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClientEvent } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'

/** One line as the server sees it: what came over it, and what to say. */
export class Line {
  readonly received: ClientEvent[] = []
  readonly #waiting = new Set<() => void>()

  constructor(
    readonly request: IncomingMessage,
    readonly socket: WebSocket,
  ) {
    socket.on('message', (data) => {
      this.received.push(JSON.parse(String(data)))
      for (const look of this.#waiting) look()
    })
  }

  /** Resolves with the first event of `type`, whether it has come or is to come. */
  async heard<Type extends ClientEvent['type']>(type: Type): Promise<Extract<ClientEvent, { type: Type }>> {
    const find = () => this.received.find((event) => event.type === type)
    while (!find())
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
      })
    return find() as Extract<ClientEvent, { type: Type }>
  }

  say(type: string, fields: object = {}): void {
    this.socket.send(JSON.stringify({ type, ...fields, timestamp: 1_790_000_000.5 }))
  }

  /** Answers the first update as a server does that accepts it. */
  async accept(format: object = { encoding: 'audio/pcm', sample_rate: 24_000 }): Promise<void> {
    await this.heard('session.update')
    const config = { id: 'sess_1', input: { format }, output: { format } }
    this.say('session.updated', { config })
    this.#ready(config)
  }

  /** Answers a resume as a server does that still has the session. */
  async resume(): Promise<void> {
    await this.heard('session.resume')
    const format = { encoding: 'audio/pcm', sample_rate: 24_000 }
    this.#ready({ id: 'sess_1', input: { format }, output: { format } })
  }

  #ready(config: object): void {
    this.say('session.ready', { session_id: 'sess_1', config, expires_at: 1_790_010_800, resume_token: 'parley_rt_1' })
  }
}

export class ScriptedServer {
  private constructor(
    readonly url: string,
    readonly lines: readonly Line[],
    readonly close: () => Promise<void>,
    readonly line: () => Promise<Line>,
  ) {}

  static async start(
    rest: RequestListener = (_, response) => void response.writeHead(404).end(),
  ): Promise<ScriptedServer> {
    const http = createServer(rest)
    const sockets = new WebSocketServer({ server: http })
    const lines: Line[] = []
    const waiting: ((line: Line) => void)[] = []
    sockets.on('connection', (socket, request) => {
      const line = new Line(request, socket)
      lines.push(line)
      waiting.shift()?.(line)
    })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const close = async () => {
      for (const { socket } of lines) socket.terminate()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
    const next = () => new Promise<Line>((resolve) => waiting.push(resolve))
    return new ScriptedServer(`http://127.0.0.1:${port}`, lines, close, next)
  }
}

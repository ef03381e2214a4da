// A small HTTP server on the loopback that answers chat completions as each test tells it to.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
  /** Resolves when the client has torn the request down, or the answer is complete. */
  readonly closed: Promise<unknown>
  readonly answer: Answer
}
/** Answers request number `count`, from 0. */
export type Script = (request: Received, count: number) => Promise<void> | void

export class Answer {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** Anything at all, as it is. */
  raw(text: string, contentType = 'text/event-stream'): this {
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': contentType })
    this.#response.write(text)
    return this
  }

  event(data: unknown): this {
    return this.raw(`data: ${JSON.stringify(data)}\n\n`)
  }

  delta(delta: unknown, finishReason: string | null = null): this {
    return this.event({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finishReason }] })
  }

  says(...pieces: readonly string[]): this {
    for (const content of pieces) this.delta({ content })
    return this
  }

  /** Calls number `index` of this answer. */
  calls(index: number, id: string, name: string, args: Readonly<Record<string, unknown>> = {}): this {
    const call = { index, id, type: 'function', function: { name, arguments: JSON.stringify(args) } }
    return this.delta({ tool_calls: [call] })
  }

  done(finishReason = 'stop'): void {
    this.delta({}, finishReason).raw('data: [DONE]\n\n')
    this.#response.end()
  }

  end(): void {
    this.#response.end()
  }

  refuse(status: number, error: unknown = { message: 'no' }, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers })
    this.#response.end(JSON.stringify({ error }))
  }

  /** The line goes dead, after what was written has left. */
  breakOff(): void {
    this.#response.write(': the end\n\n', () => this.#response.socket?.destroy())
  }
}

export interface FakeServer {
  readonly baseUrl: string
  readonly requests: readonly Received[]
  /** Waits for the request with this number, from 0. */
  request(count: number): Promise<Received>
  stop(): Promise<void>
}

/** `keepAlive`: whether a connection is kept for another request; where it is not, one that stays open is somebody's mistake. */
export async function fakeServer(script: Script, { keepAlive = true } = {}): Promise<FakeServer> {
  const requests: Received[] = []
  let arrived = () => {}
  const server = createServer((incoming, response) => {
    let text = ''
    if (!keepAlive) response.shouldKeepAlive = false
    const closed = once(response, 'close')
    incoming.setEncoding('utf8')
    incoming.on('data', (piece: string) => {
      text += piece
    })
    incoming.on('end', () => {
      const body: Record<string, unknown> = JSON.parse(text)
      const answer = new Answer(response)
      const received = { url: incoming.url ?? '', headers: incoming.headers, body, closed, answer }
      requests.push(received)
      arrived()
      void script(received, requests.length - 1)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // the server listens on TCP, so its address is not a path
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    async request(count) {
      while (requests.length <= count) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      return requests[count]!
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

// The suite's own HTTP server: what it tells a server to call (models, tools, webhooks) is answered here, by script.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { Failure } from '../expect.js'
import type { Facts } from '../facts.js'

const MOST_BYTES = 1_000_000

/** A request that the server under test made. */
export interface Call {
  readonly method: string
  /** What follows the address of the endpoint, with the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly at: number
}

export type Answering = (call: Call, response: ServerResponse) => Promise<void> | void

export interface Endpoint {
  readonly url: string
  readonly calls: readonly Call[]
  /** Waits until this many calls have come. */
  called(times?: number, withinMs?: number): Promise<readonly Call[]>
}

export class Callbacks {
  readonly #server: Server
  readonly #base: string
  readonly #endpoints = new Map<string, (request: IncomingMessage, path: string, response: ServerResponse) => void>()

  private constructor(server: Server, base: string) {
    this.#server = server
    this.#base = base
    server.on('request', (request, response) => {
      const [, id = '', rest = ''] = /^\/([0-9a-f]+)(.*)$/.exec(request.url ?? '') ?? []
      const endpoint = this.#endpoints.get(id)
      if (endpoint) return endpoint(request, rest, response)
      response.writeHead(404).end()
    })
  }

  static async start(facts: Facts): Promise<Callbacks> {
    const server = createServer()
    server.listen(facts.callbackPort)
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : facts.callbackPort
    return new Callbacks(server, facts.callbackUrl?.replace(/\/$/, '') ?? `http://${facts.callbackHost}:${port}`)
  }

  /** A new address, which nobody can guess. */
  endpoint(answering: Answering): Endpoint {
    const id = randomBytes(8).toString('hex')
    const calls: Call[] = []
    const waiting: (() => void)[] = []
    this.#endpoints.set(id, (request, path, response) => {
      const parts: Buffer[] = []
      let length = 0
      request.on('data', (part: Buffer) => {
        length += part.length
        if (length <= MOST_BYTES) parts.push(part)
      })
      request.on('end', () => {
        const call: Call = {
          method: request.method ?? '',
          path,
          query: new URL(path || '/', 'http://suite').searchParams,
          headers: request.headers,
          text: Buffer.concat(parts).toString(),
          at: performance.now(),
        }
        calls.push(call)
        for (const wake of waiting.splice(0)) wake()
        void answering(call, response)
      })
    })
    return {
      url: `${this.#base}/${id}`,
      calls,
      async called(times = 1, withinMs = 20_000) {
        const end = performance.now() + withinMs
        while (calls.length < times) {
          const left = end - performance.now()
          if (left <= 0)
            throw new Failure(`the server made ${calls.length} requests, not ${times}, within ${withinMs / 1000} s`)
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, left)
            waiting.push(() => {
              clearTimeout(timer)
              resolve()
            })
          })
        }
        return calls
      },
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Answers every call with this body as JSON. */
export const answersWith =
  (body: unknown, status = 200): Answering =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

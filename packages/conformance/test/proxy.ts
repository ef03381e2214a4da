// A server that is not what it should be: everything passes through to a good one, but for one thing that is spoiled.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import WebSocket, { WebSocketServer } from 'ws'

export type Frame = { readonly type: string; readonly [field: string]: unknown }

/** What goes to the client in place of a frame: frames, or text or bytes as they are. */
export type Outgoing = Frame | string | Buffer

export interface Answer {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed where it is JSON. */
  readonly body: unknown
}

/** The connection to the client, for what is more than changing frames. */
export interface Line {
  later(outgoing: Outgoing, afterMs: number): void
  /** Closes it once what was sent has left. */
  close(): void
}

/** One thing that is wrong. */
export interface Corruption {
  /** For each connection: what becomes of each frame of the server. */
  readonly frames?: (line: Line) => (frame: Frame, text: string) => readonly Outgoing[]
  /** The frame that is sent before the client has said anything. */
  readonly greets?: Frame
  /** What becomes of a close code of the server. */
  readonly closes?: (code: number) => number
  /** Whether the upgrade of a stranger is refused. */
  readonly refusesStrangers?: boolean
  readonly rest?: (answer: Answer) => Answer
}

export interface Proxy {
  readonly url: string
  close(): Promise<void>
}

export async function startProxy(target: string, key: string, corruption: Corruption): Promise<Proxy> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer((incoming, response) => passRequest(target, incoming, response, corruption))
  server.on('upgrade', (incoming, stream, head) => {
    const isKnown =
      `${incoming.headers.authorization} ${incoming.url}`.includes(key) || /token=(?!wrong)/.test(incoming.url ?? '')
    if (corruption.refusesStrangers && !isKnown) {
      stream.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(incoming, stream, head, (socket) => passSocket(target, incoming, socket, corruption))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function passSocket(target: string, incoming: IncomingMessage, client: WebSocket, corruption: Corruption): void {
  const { authorization } = incoming.headers
  const upstream = new WebSocket(`${target.replace('http', 'ws')}${incoming.url}`, {
    headers: authorization === undefined ? {} : { authorization },
    perMessageDeflate: false,
  })
  const send = (outgoing: Outgoing) => {
    if (client.readyState !== WebSocket.OPEN) return
    client.send(typeof outgoing === 'string' || Buffer.isBuffer(outgoing) ? outgoing : JSON.stringify(outgoing))
  }
  const spoil = corruption.frames?.({
    later: (outgoing, afterMs) => void setTimeout(() => send(outgoing), afterMs),
    close: () => setImmediate(() => client.close(1000)),
  })
  if (corruption.greets) send(corruption.greets)
  const waiting: string[] = []
  client.on('message', (data) => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(String(data))
    else waiting.push(String(data))
  })
  upstream.on('open', () => {
    for (const text of waiting) upstream.send(text)
  })
  upstream.on('message', (data) => {
    const text = String(data)
    // the server behind it conforms: its frames are objects with a type
    for (const outgoing of spoil ? spoil(JSON.parse(text) as Frame, text) : [text]) send(outgoing)
  })
  upstream.on('close', (code) => {
    if (code === 1006 || code === 1005) return client.terminate()
    client.close(corruption.closes ? corruption.closes(code) : code)
  })
  upstream.on('error', () => client.terminate())
  client.on('error', () => {})
  client.on('close', () => upstream.terminate())
}

function passRequest(
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  corruption: Corruption,
): void {
  const { method = 'GET', url: path = '/' } = incoming
  const onward = request(`${target}${path}`, { method, headers: incoming.headers }, (answer) => {
    const parts: Buffer[] = []
    answer.on('data', (part: Buffer) => parts.push(part))
    answer.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const headers: Record<string, string> = {}
      for (const [name, value] of Object.entries(answer.headers))
        if (name !== 'content-length') headers[name] = String(value)
      const whole: Answer = { method, path, status: answer.statusCode ?? 500, headers, body: parsed(text) }
      const spoiled = corruption.rest?.(whole) ?? whole
      response.writeHead(spoiled.status, spoiled.headers)
      response.end(typeof spoiled.body === 'string' ? spoiled.body : JSON.stringify(spoiled.body))
    })
  })
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

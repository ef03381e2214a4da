// A server for the page on loopback: its files under a strict policy, a small REST store, and a socket that a test speaks for.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { ClientEvent } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'

const dist = new URL('../dist/', import.meta.url)
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** At least as strict as any server's: files of the page's own origin, and no submitting anywhere. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'none'"
const FRAME_MS = 20
const LEAD_MS = 200

const format = { encoding: 'audio/pcm', sample_rate: 24_000 }
const config = { id: 'sess_1', input: { format }, output: { format } }

/** The server's end of one conversation. */
export class Line {
  readonly received: ClientEvent[] = []
  readonly #waiting = new Set<() => void>()
  #replies = 0

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
    this.socket.send(JSON.stringify({ type, ...fields, timestamp: Date.now() / 1000 }))
  }

  async accept(): Promise<void> {
    await this.heard('session.update')
    this.say('session.updated', { config })
    this.ready()
  }

  /** Answers an update that was accepted, or a resume. */
  ready(): void {
    const expires_at = Math.round(Date.now() / 1000) + 3600
    this.say('session.ready', { session_id: 'sess_1', config, expires_at, resume_token: 'parley_rt_1' })
  }

  /** A turn of the user as the server reports it. */
  userSaid(text: string, item_id = `msg_${text}`): void {
    this.say('input.speech.started')
    this.say('transcript.user.delta', { item_id, text: text.slice(0, text.length / 2) })
    this.say('input.speech.stopped')
    this.say('transcript.user', { item_id, text })
  }

  /**
   * Speaks `text` as a tone, sent in time with its playing as a server does: at most 200 ms ahead.
   * Resolves with whether it was heard to its end or cut short by `interrupt`.
   */
  async speak(text: string, durationMs: number, interrupt?: AbortSignal): Promise<'completed' | 'interrupted'> {
    const reply_id = `resp_${++this.#replies}`
    const item_id = `msg_${reply_id}`
    this.say('reply.started', { reply_id, item_id })
    const words = text.split(/(?<= )/)
    for (const [index, delta] of words.entries()) {
      const start_ms = Math.round((durationMs * index) / words.length)
      this.say('transcript.agent.delta', { reply_id, item_id, delta, start_ms, end_ms: start_ms + 100 })
    }
    const began = performance.now()
    for (let sent = 0; sent < durationMs && !interrupt?.aborted; sent += FRAME_MS) {
      while (sent - LEAD_MS > performance.now() - began) await new Promise((resolve) => setTimeout(resolve, 5))
      if (interrupt?.aborted) break
      this.say('reply.audio', { reply_id, data: tone(sent, FRAME_MS).toString('base64') })
    }
    const interrupted = interrupt?.aborted ?? false
    const share = interrupted ? Math.min(1, (performance.now() - began) / durationMs) : 1
    const heard = words
      .slice(0, Math.ceil(words.length * share))
      .join('')
      .trim()
    this.say('transcript.agent', { reply_id, item_id, text: heard, interrupted })
    const status = interrupted ? 'interrupted' : 'completed'
    this.say('reply.done', { reply_id, status })
    return status
  }
}

/** Half-loud 440 Hz, from `startMs` of a continuous tone, as PCM. */
function tone(startMs: number, lengthMs: number): Buffer {
  const samples = Buffer.alloc(24 * lengthMs * 2)
  for (let index = 0; index < 24 * lengthMs; index++) {
    const seconds = startMs / 1000 + index / 24_000
    samples.writeInt16LE(Math.round(12_000 * Math.sin(2 * Math.PI * 440 * seconds)), index * 2)
  }
  return samples
}

interface StoredAgent {
  readonly [field: string]: unknown
  readonly id: string
}

export class PageServer {
  agents: StoredAgent[] = []
  keyless = true
  key = 'the-right-key'
  /** Credential and console header of every REST request. */
  readonly asked: { readonly line: string; readonly key: string | undefined; readonly console: string | undefined }[] =
    []
  readonly #http = createServer((request, response) => void this.#answer(request, response))
  readonly #sockets = new WebSocketServer({ server: this.#http, path: '/v1/ws' })
  readonly #lines: Line[] = []
  readonly #waiting: ((line: Line) => void)[] = []

  static async start(): Promise<PageServer> {
    const server = new PageServer()
    server.#sockets.on('connection', (socket, request) => {
      const line = new Line(request, socket)
      server.#lines.push(line)
      server.#waiting.shift()?.(line)
    })
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** The next conversation that is begun. */
  line(): Promise<Line> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async close(): Promise<void> {
    for (const { socket } of this.#lines) socket.terminate()
    this.#sockets.close()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url)
    if (pathname === '/console/config') return send(response, 200, { keyless: this.keyless })
    if (pathname === '/readyz') return send(response, 200, readiness)
    if (!pathname.startsWith('/v1/')) return await sendFile(response, pathname)
    const key = request.headers.authorization?.replace('Bearer ', '')
    this.asked.push({
      line: `${request.method} ${pathname}`,
      key,
      console: request.headers['x-parley-console']?.toString(),
    })
    if (!this.keyless && key !== this.key)
      return send(response, 401, { code: 'unauthorized', message: 'The key is not valid.' })
    const body = await read(request)
    if (pathname === '/v1/voices') return send(response, 200, { voices })
    if (pathname === '/v1/tokens') return send(response, 201, { token: 'one-session', expires_at: '' })
    this.#agent(request.method ?? '', pathname.split('/')[3], body, response)
  }

  #agent(method: string, id: string | undefined, body: object, response: ServerResponse): void {
    if (method === 'POST') send(response, 201, this.#store({ ...body, id: `agent_${this.agents.length + 1}` }))
    else if (id === undefined)
      send(response, 200, { agents: this.agents, has_more: false, response_metadata: { next_cursor: '' } })
    else
      this.#known(
        method,
        this.agents.find((agent) => agent.id === id),
        body,
        response,
      )
  }

  #known(method: string, agent: StoredAgent | undefined, body: object, response: ServerResponse): void {
    if (!agent) send(response, 404, { code: 'agent_not_found', message: 'Agent not found' })
    else if (method === 'GET') send(response, 200, agent)
    else if (method === 'PUT') send(response, 200, this.#store({ ...agent, ...body }))
    else {
      this.agents = this.agents.filter((each) => each !== agent)
      response.writeHead(204).end()
    }
  }

  #store(agent: StoredAgent): StoredAgent {
    this.agents = [agent, ...this.agents.filter(({ id }) => id !== agent.id)]
    return agent
  }
}

export const guide: StoredAgent = {
  id: 'agent_guide',
  name: 'Parley guide',
  system_prompt: 'You show a newcomer what Parley can do. You answer in one or two short sentences.',
  greeting: 'Welcome to Parley.',
  voice: { voice_id: 'alba' },
}

const voices = [
  { voice_id: 'alba', language: 'en-US', accent: 'US English', sample_text: 'Good morning, how may I help you?' },
  { voice_id: 'paul', language: 'en-GB', accent: 'British English', sample_text: 'Lovely weather, is it not?' },
]
const engine = (kind: string, name: string, description: string) => ({ kind, name, description, ready: true })
const readiness = {
  ready: true,
  engines: [
    engine('vad', 'silero', 'Silero v6, finds speech in sound.'),
    engine('stt', 'moonshine', 'Moonshine tiny, English.'),
    engine('turn', 'text', 'Judges from the words whether a turn is over.'),
    engine('llm', 'dialogue', "Built-in dialogue rules that answer from the agent's prompt; not a language model."),
    engine('tts', 'flite', 'Flite, a small synthetic voice.'),
  ],
}

async function read(request: IncomingMessage): Promise<object> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return pieces.length === 0 ? {} : JSON.parse(Buffer.concat(pieces).toString())
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function sendFile(response: ServerResponse, pathname: string): Promise<void> {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1)
  try {
    const data = await readFile(new URL(name, dist))
    const type = types[extname(name)] ?? 'text/plain'
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(data)
  } catch {
    response.writeHead(404).end()
  }
}

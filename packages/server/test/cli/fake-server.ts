// A server on loopback for the tests of the command: REST with agents in memory, and a scripted agent over the WebSocket.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { systemClock } from '../../dist/session/clock.js'
import { FakeAgent, type FakeAgentScript } from './fake-agent.js'

type Json = Record<string, unknown>
export interface FakeServer {
  readonly url: string
  readonly key: string
  readonly agents: Map<string, Json>
  readonly requests: readonly { readonly method: string; readonly url: string; readonly body: Json | undefined }[]
  readonly sessions: readonly FakeAgent[]
  close(): Promise<void>
}

export async function startFakeServer(script: FakeAgentScript = {}): Promise<FakeServer> {
  const key = 'fake-key-0123456789abcdef'
  const agents = new Map<string, Json>()
  const requests: { method: string; url: string; body: Json | undefined }[] = []
  const sessions: FakeAgent[] = []
  const isAuthorized = ({ headers: { authorization } }: IncomingMessage) =>
    authorization === key || authorization === `Bearer ${key}`

  const http = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const text = Buffer.concat(pieces).toString()
    const body = text === '' ? undefined : (JSON.parse(text) as Json)
    const { method = 'GET', url = '/' } = request
    requests.push({ method, url, body })
    const { status, answer } = route(
      method,
      new URL(url, `http://${request.headers.host}`),
      body,
      isAuthorized(request),
      agents,
    )
    respond(response, status, answer)
  })

  const sockets = new WebSocketServer({ server: http, path: '/v1/ws' })
  sockets.on('connection', (socket, request) => {
    if (!isAuthorized(request)) {
      const error = { type: 'session.error', code: 'unauthorized', message: 'Authentication failed' }
      socket.send(JSON.stringify({ ...error, param: null, session_id: null, timestamp: 1 }))
      return socket.close(1008)
    }
    const agent = new FakeAgent(
      systemClock(),
      (event) => socket.send(JSON.stringify(event)),
      (code) => socket.close(code),
      script,
    )
    sessions.push(agent)
    socket.on('message', (data) => agent.receive(String(data)))
    socket.on('close', () => agent.stop())
  })

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    agents,
    requests,
    sessions,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

interface Routed {
  readonly status: number
  readonly answer?: unknown
}

const problem = (status: number, code: string, message: string): Routed => ({
  status,
  answer: { code, message, param: null, request_id: 'req_1', errors: null, detail: message },
})

function route(
  method: string,
  url: URL,
  body: Json | undefined,
  isAuthorized: boolean,
  agents: Map<string, Json>,
): Routed {
  if (url.pathname === '/healthz') return { status: 200, answer: { status: 'ok' } }
  if (url.pathname === '/v1/artifacts/address') return { status: 200, answer: {} }
  if (!isAuthorized) return problem(401, 'unauthorized', 'Unauthorized')
  if (url.pathname === '/v1/token') {
    const expires = Number(url.searchParams.get('expires_in_seconds'))
    return { status: 200, answer: { token: `token${url.search}`, expires_in_seconds: expires } }
  }
  if (url.pathname === '/v1/voices')
    return {
      status: 200,
      answer: { voices: [{ voice_id: 'alba', language: 'en-US', accent: 'US English', sample_text: 'Hello.' }] },
    }
  if (url.pathname.startsWith('/v1/sessions')) return sessionAnswer(method, url)
  if (/^\/v1\/(keys|accounts)/.test(url.pathname)) return keysAndAccounts(method, url.pathname)
  if (url.pathname === '/v1/agents' && method === 'POST') return created(body!, agents)
  if (url.pathname === '/v1/agents')
    return {
      status: 200,
      answer: { agents: [...agents.values()], has_more: false, response_metadata: { next_cursor: '' } },
    }
  const id = url.pathname.replace('/v1/agents/', '')
  const agent = agents.get(id)
  if (!agent) return problem(404, 'agent_not_found', 'Agent not found')
  if (method === 'PUT') Object.assign(agent, body)
  if (method !== 'DELETE') return { status: 200, answer: agent }
  agents.delete(id)
  return { status: 204 }
}

/** One session that has ended, whatever id is asked for. */
function sessionAnswer(method: string, url: URL): Routed {
  if (method === 'DELETE') return { status: 204 }
  const session = {
    id: url.pathname.split('/')[3] ?? 'sess_1',
    agent_id: null,
    status: 'completed',
    public_close_reason: 'client_end',
    duration_seconds: 3.5,
    created_at: '2026-09-24T00:52:06.150269',
    ended_at: '2026-09-24T00:52:09.650269',
  }
  if (url.pathname === '/v1/sessions')
    return { status: 200, answer: { sessions: [session], has_more: false, response_metadata: { next_cursor: '' } } }
  const artifact = { type: 'audio', url: `${url.origin}/v1/artifacts/address`, content_type: 'audio/ogg' }
  return { status: 200, answer: { ...session, config: {}, artifacts: [artifact] } }
}

/** One of each, which may be made, listed and deleted as often as one likes. */
function keysAndAccounts(method: string, path: string): Routed {
  if (method === 'DELETE') return { status: 204 }
  const created_at = '2026-09-24T00:52:06.150Z'
  const account = { id: `acct_${'0'.repeat(32)}`, name: 'Second', created_at }
  const key = {
    id: `key_${'0'.repeat(32)}`,
    name: 'Fake',
    prefix: 'parley_sk_fake',
    scopes: ['tokens'],
    max_sessions: null,
    created_at,
    last_used_at: null,
    expires_at: null,
  }
  const [name, entry] = path === '/v1/keys' ? ['keys', key] : ['accounts', account]
  if (method === 'POST')
    return { status: 201, answer: { ...entry, ...(name === 'keys' && { key: 'parley_sk_fake-key' }) } }
  return { status: 200, answer: { [name]: [entry], has_more: false, response_metadata: { next_cursor: '' } } }
}

function created(body: Json, agents: Map<string, Json>): Routed {
  if ((body.voice as Json).voice_id === 'nobody')
    return problem(422, 'validation_error', "voice: Invalid voice 'nobody'. Must be one of: alba")
  const id = `agent_${agents.size + 1}`
  const format = { encoding: 'audio/pcm', sample_rate: 24_000 }
  const dates = { created_at: '2026-09-24T00:52:06.150269', updated_at: '2026-09-24T00:52:06.150269' }
  const defaults = {
    greeting: null,
    input: { format, keyterms: null },
    output: { format, voice: 'alba' },
    tools: [],
    llm: [],
  }
  const agent = { id, ...defaults, ...body, ...dates }
  agents.set(id, agent)
  return { status: 201, answer: agent }
}

function respond(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1' })
  response.end(answer === undefined ? '' : JSON.stringify(answer))
}

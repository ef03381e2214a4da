// Tools that the server runs for a stored agent, over a real socket: a model that calls them, a web server that answers
// (checklist 135-141, 168).
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { type FakeServer, fakeServer, type Received } from '../engines/openai-server.js'
import type { Frame, Peer } from '../helpers/peer.js'
import { startTestServer, type TestServer } from '../helpers/server.js'
import { Visitors } from '../helpers/visitors.js'
import { type WebServer, webServer } from '../net/web-server.js'
import { testMcpServer } from '../tools/mcp-server.js'

const SECRET = 'Bearer s3cret-of-the-shop'
const ORDER = { order_id: '4711' }

let web: WebServer
let model: FakeServer
let server: TestServer
let visitors: Visitors
/** The tool that the model calls in the conversation that runs, and with what. */
let call: { readonly name: string; readonly arguments: object }
/** Lets the web server answer; it waits where a test has set it. */
let gate: Promise<void>
/** How many requests the model had had before the test. */
let earlier: number

before(async () => {
  web = await webServer(async ({ url }, response) => {
    await gate
    const { pathname } = new URL(url, 'http://x')
    if (pathname === '/long') return void response.end('x'.repeat(10_000))
    if (pathname === '/moved') return void response.writeHead(302, { location: '/elsewhere' }).end()
    if (pathname === '/failing') return void response.writeHead(503).end('out of order')
    if (pathname === '/dropped') return void response.destroy()
    response.end('{"state":"baked"}')
  })
  model = await fakeServer(({ answer, body }) => {
    if (resultsIn(body).length > 0) return answer.says('It is ', 'on its way.').done()
    const { name } = call
    const asked = { name, arguments: JSON.stringify(call.arguments) }
    answer.delta({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: asked }] }).done('tool_calls')
  })
  server = await startTestServer({
    PARLEY_LLM: 'openai',
    OPENAI_BASE_URL: model.baseUrl,
    PARLEY_LLM_MODEL: 'tiny',
    PARLEY_TTS_OPTIONS: JSON.stringify({ msPerCharacter: 15 }),
  })
  visitors = new Visitors(server)
})
beforeEach(() => {
  gate = Promise.resolve()
  web.received.length = 0
  earlier = model.requests.length
})
after(async () => {
  await server.close()
  await Promise.all([model.stop(), web.close()])
})

interface ToolMessage {
  readonly role: string
  readonly content: string
}

const resultsIn = (body: Received['body']): readonly ToolMessage[] =>
  (body.messages as readonly ToolMessage[]).filter(({ role }) => role === 'tool')

/** What the model was told of the tool, once it was. */
const told = (): string => {
  const last = model.requests.slice(earlier).findLast(({ body }) => resultsIn(body).length > 0)
  return resultsIn(last!.body).at(-1)!.content
}

async function rest(
  method: string,
  path: string,
  body?: object,
): Promise<{ readonly text: string; readonly id: string }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { authorization: server.key, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert.ok(response.ok, text)
  return { text, id: JSON.parse(text).id }
}

interface Request {
  readonly path: string
  readonly method?: string
  readonly parameters?: object
}

/** A stored agent with one tool, `use_it`. */
const agentWith = ({ path, method = 'POST', parameters }: Request) =>
  rest('POST', '/v1/agents', {
    name: 'Baker',
    system_prompt: 'You bake.',
    voice: { voice_id: 'alba' },
    tools: [
      {
        name: 'use_it',
        description: 'Does it.',
        ...(parameters && { parameters: { type: 'object', properties: parameters } }),
        http: { url: web.url + path, http_method: method, headers: [{ name: 'Authorization', value: SECRET }] },
      },
    ],
  })

const orderId = { order_id: { type: 'string' } }

/** A session of the agent, in which the user has named the order. */
async function begun(agentId: string): Promise<Peer> {
  const peer = await visitors.ready({ agent_id: agentId })
  peer.send({ type: 'conversation.message', role: 'user', content: `Where is my order 4711?` })
  return peer
}

/** Asks for a reply and waits until the one about the tool's answer is over. */
async function replied(peer: Peer): Promise<Frame> {
  const spoken = peer.next('transcript.agent', ({ text }) => text === 'It is on its way.', 20_000)
  peer.send({ type: 'reply.create' })
  const frame = await spoken
  if (!peer.of('reply.done').some(({ reply_id }) => reply_id === frame.reply_id)) await peer.next('reply.done')
  return frame
}

/** One whole call of `use_it`; nothing of it may be an error to the client. */
async function used(request: Request, args: object = {}): Promise<Peer> {
  call = { name: 'use_it', arguments: args }
  const peer = await begun((await agentWith(request)).id)
  await replied(peer)
  await peer.end()
  assert.deepEqual(peer.of('session.error'), [])
  return peer
}

describe('the request', () => {
  test('by GET merges the arguments into the query that is there (135)', async () => {
    await used({ path: '/orders?src=voice', method: 'GET', parameters: orderId }, ORDER)
    assert.deepEqual(
      web.received.map(({ method, url, body }) => [method, url, body]),
      [['GET', '/orders?src=voice&order_id=4711', '']],
    )
    assert.equal(told(), '{"state":"baked"}')
  })

  test('by POST sends the arguments object, {} when there are none (136)', async () => {
    await used({ path: '/orders', parameters: orderId }, ORDER)
    await used({ path: '/orders' })
    assert.deepEqual(
      web.received.map(({ method, body }) => [method, body]),
      [
        ['POST', '{"order_id":"4711"}'],
        ['POST', '{}'],
      ],
    )
  })

  test('has the headers of the tool, and says which session and agent it is for (Q23)', async () => {
    const peer = await used({ path: '/orders' })
    const { headers } = web.received[0]!
    const [ready] = peer.of('session.ready')
    assert.equal(headers.authorization, SECRET)
    assert.equal(headers['x-session-id'], ready?.session_id)
    assert.match(String(headers['x-agent-id']), /^agent_[0-9a-f]{32}$/)
  })
})

describe('the response', () => {
  test('beyond 8 KiB is cut (137)', async () => {
    await used({ path: '/long' })
    assert.equal(told(), 'x'.repeat(8192))
  })

  test('that leads elsewhere is not followed (138)', async () => {
    await used({ path: '/moved', method: 'GET' })
    assert.deepEqual(
      web.received.map(({ url }) => url),
      ['/moved'],
    )
    assert.equal(JSON.parse(told()).status, 302)
  })

  test('that is a failure, or does not come, is told to the model and not to the client (139)', async () => {
    await used({ path: '/failing' })
    assert.deepEqual(JSON.parse(told()), { error: 'tool_failed', status: 503, body: 'out of order' })
    await used({ path: '/dropped' })
    assert.deepEqual(JSON.parse(told()), { error: 'tool_unreachable' })
  })
})

test('the client is told of the call, and its own answer to it is ignored (140)', async () => {
  call = { name: 'use_it', arguments: ORDER }
  const peer = await begun((await agentWith({ path: '/orders', parameters: orderId })).id)
  let open = () => {}
  gate = new Promise((resolve) => {
    open = resolve
  })
  const called = peer.next('tool.call')
  const spoken = replied(peer)
  const { call_id, name, arguments: args } = await called
  assert.deepEqual([name, args], ['use_it', ORDER])
  peer.send({ type: 'tool.result', call_id, result: '{"state":"burnt"}' })
  await peer.settled()
  open()
  await spoken
  assert.equal(told(), '{"state":"baked"}')
  await peer.end()
  assert.deepEqual(peer.of('session.error'), [])
})

test('no header of a tool is ever seen again, in an echo or an answer (141)', async () => {
  const created = await agentWith({ path: '/orders?src=voice', method: 'GET' })
  const peer = await visitors.ready({ agent_id: created.id })
  peer.send({ type: 'session.update', session: { output: { volume: 50 } } })
  await peer.first('session.updated')
  const read = await rest('GET', `/v1/agents/${created.id}`)
  const listed = await rest('GET', '/v1/agents')
  const changed = await rest('PUT', `/v1/agents/${created.id}`, { name: 'Other' })
  const seen = [...peer.received, created, read, listed, changed].map(({ text }) => text).join('\n')
  assert.ok(!seen.includes('s3cret'))
  const echo = {
    url: `${web.url}/orders?src=voice`,
    method: 'GET',
    headers_ciphertext: '',
    headers_encrypted_data_key: '',
    headers_kms_key_id: '',
  }
  for (const frame of [...peer.of('session.ready'), ...peer.of('session.updated')]) {
    const { tools } = frame.config as { tools: readonly { http: unknown }[] }
    assert.deepEqual(
      tools.map(({ http }) => http),
      [echo],
    )
  }
  await peer.end()
})

test('the model is offered the tools, and chooses by itself (168)', async () => {
  await used({ path: '/orders', parameters: orderId }, ORDER)
  const { body } = model.requests[earlier]!
  assert.deepEqual([body.stream, body.stream_options, body.tool_choice], [true, { include_usage: true }, 'auto'])
  const parameters = { type: 'object', properties: orderId }
  assert.deepEqual(body.tools, [
    { type: 'function', function: { name: 'use_it', description: 'Does it.', parameters } },
  ])
})

test('tools of a server of the Model Context Protocol are tools like others', async () => {
  const mcp = await testMcpServer((tools) => {
    tools.registerTool('weigh', { description: 'Weighs.' }, async () => ({
      content: [{ type: 'text', text: '700 g' }],
    }))
  })
  const { id } = await rest('POST', '/v1/agents', {
    name: 'Baker',
    system_prompt: 'You bake.',
    voice: { voice_id: 'alba' },
    parley: { mcp_servers: [{ name: 'scales', url: mcp.url, headers: [{ name: 'X-Key', value: SECRET }] }] },
  })
  call = { name: 'scales_weigh', arguments: {} }
  const peer = await begun(id)
  const { tools } = peer.of('session.ready')[0]!.config as { tools: readonly { name: string; http: unknown }[] }
  assert.deepEqual(
    tools.map(({ name, http }) => [name, http]),
    [['scales_weigh', null]],
  )
  await replied(peer)
  assert.equal(told(), '700 g')
  await peer.end()
  await server.until(() => mcp.sessions() === 0)
  assert.ok(!peer.received.some(({ text }) => text.includes('s3cret')))
  await mcp.close()
})

test('every frame was as all frames must be', () => visitors.assertConform())

// Tools of servers of the Model Context Protocol, against real ones.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { z } from 'zod'
import { createGuard } from '../../dist/net/guard.js'
import { systemClock, VirtualClock } from '../../dist/session/clock.js'
import type { McpServer } from '../../dist/tools/mcp-server.js'
import { mcpTools } from '../../dist/tools/mcp-tools.js'
import type { ToolPorts, ToolReport } from '../../dist/tools/ports.js'
import { type WebServer, webServer } from '../net/web-server.js'
import { type TestMcpServer, testMcpServer } from './mcp-server.js'

let crm: TestMcpServer
let odd: WebServer
const text = (...texts: readonly string[]) => ({ content: texts.map((text) => ({ type: 'text' as const, text })) })
let called = () => {}

before(async () => {
  crm = await testMcpServer((server) => {
    server.registerTool(
      'find_customer',
      { description: 'Finds a customer by name.', inputSchema: { name: z.string(), limit: z.number().optional() } },
      async ({ name, limit }) => text(`Customer ${name}`, `limit ${limit}`),
    )
    server.registerTool('list.all!', { description: 'Lists.' }, async () => text('ü'.repeat(10_000)))
    server.registerTool('list_all_', { description: 'Lists, too.' }, async () => ({
      content: [
        { type: 'image' as const, data: 'AAAA', mimeType: 'image/png' },
        { type: 'resource' as const, resource: { uri: 'file:///a', text: 'inside' } },
      ],
    }))
    server.registerTool('fail', {}, async () => ({ ...text('No such customer.'), isError: true }))
    server.registerTool('wait', {}, async (extra) => {
      called()
      await new Promise((resolve) => extra.signal.addEventListener('abort', resolve))
      return text('too late')
    })
  })
  odd = await webServer(({ url, headers }, response) => {
    if (url === '/silent') return
    if (url === '/moved') return void response.writeHead(307, { location: crm.url }).end()
    if (url === '/page') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    response.writeHead(401).end(`Wrong: ${headers.authorization}`)
  })
})
after(async () => {
  await guard.close()
  await Promise.all([crm.close(), odd.close()])
})
beforeEach(() => {
  crm.requests.length = 0
  logged.length = 0
  reports.length = 0
})

const guard = createGuard({ allowPrivate: true })
const logged: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[] = []
const reports: ToolReport[] = []
const ports: ToolPorts = {
  guard,
  clock: systemClock(),
  report: (report) => void reports.push(report),
  log: (_level, message, fields) => void logged.push({ message, fields }),
}
const server = (more: Partial<McpServer> = {}): McpServer => ({
  name: 'crm',
  url: crm.url,
  headers: {},
  tools: undefined,
  ...more,
})
const never = new AbortController().signal
const run = (name: string, args: Readonly<Record<string, unknown>> = {}) => ({
  callId: 'c',
  name,
  arguments: args,
  sessionId: 'sess_1',
  agentId: 'agent_1',
})

describe('the tools of a server', () => {
  it('are declared as an agent would have declared them, by names that models take', async () => {
    const { definitions, tools } = await mcpTools([server()], [], ports)
    assert.deepEqual(tools.names, ['crm_find_customer', 'crm_list_all_', 'crm_list_all__2', 'crm_fail', 'crm_wait'])
    const [first] = definitions
    assert.deepEqual(
      { ...first, parameters: Object.keys(Object(first?.parameters.properties)) },
      {
        type: 'function',
        name: 'crm_find_customer',
        description: 'Finds a customer by name.',
        parameters: ['name', 'limit'],
        timeout_seconds: 120,
        execution_mode: 'interactive',
        http: null,
        response_instructions: null,
        deployment_id: null,
        session_update: null,
        image_tag: null,
      },
    )
    assert.deepEqual(first?.parameters.required, ['name'])
    await tools.close()
  })

  it('are those that the agent asks for, and have no name that another tool has', async () => {
    const servers = [server({ tools: ['fail', 'nothing'] }), server({ name: 'other', tools: ['fail'] })]
    const { tools } = await mcpTools(servers, ['crm_fail'], ports)
    assert.deepEqual(tools.names, ['crm_fail_2', 'other_fail'])
    await tools.close()
    const long = await mcpTools([server({ name: 'n'.repeat(32), tools: ['find_customer'] })], [], ports)
    assert.ok(long.tools.names.every((name) => name.length <= 64))
    await long.tools.close()
  })

  it('are as many as an agent may have', async () => {
    const { tools } = await mcpTools(
      [server()],
      Array.from({ length: 126 }, (_, index) => `t${index}`),
      ports,
    )
    assert.equal(tools.names.length, 2)
    await tools.close()
  })

  it('are asked for with the headers of the agent, on one connection that ends with the session', async () => {
    const open = crm.sessions()
    const { tools } = await mcpTools([server({ headers: { Authorization: 'Bearer k' } })], [], ports)
    assert.equal(crm.sessions(), open + 1)
    await tools.run(run('crm_fail'), never)
    await tools.close()
    assert.equal(crm.sessions(), open)
    assert.deepEqual(
      crm.requests.map(({ what }) => what),
      ['POST initialize', 'POST notifications/initialized', 'POST tools/list', 'POST tools/call', 'DELETE'],
    )
    for (const { headers } of crm.requests) {
      assert.equal(headers.authorization, 'Bearer k')
      assert.match(String(headers['user-agent']), /^Parley\//)
    }
  })
})

describe('a call', () => {
  it('gives the text of the answer', async () => {
    const { tools } = await mcpTools([server()], [], ports)
    assert.deepEqual(await tools.run(run('crm_find_customer', { name: 'Ada', limit: 2 }), never), {
      result: 'Customer Ada\nlimit 2',
      isError: false,
    })
    assert.deepEqual(await tools.run(run('crm_list_all_'), never), { result: 'ü'.repeat(4096), isError: false })
    assert.deepEqual(await tools.run(run('crm_list_all__2'), never), { result: '[image]\ninside', isError: false })
    assert.deepEqual(await tools.run(run('crm_fail'), never), { result: 'No such customer.', isError: true })
    const wrong = await tools.run(run('crm_find_customer', { name: 7 }), never)
    assert.equal(wrong.isError, true)
    assert.deepEqual(
      reports.map(({ kind, tool, outcome, fields }) => [kind, tool, outcome, fields.server]),
      [
        ['mcp', 'crm_find_customer', 'answered', 'crm'],
        ['mcp', 'crm_list_all_', 'answered', 'crm'],
        ['mcp', 'crm_list_all__2', 'answered', 'crm'],
        ['mcp', 'crm_fail', 'failed', 'crm'],
        ['mcp', 'crm_find_customer', 'failed', 'crm'],
      ],
    )
    await tools.close()
  })

  it('that nobody waits for any more is given up, here and there', async () => {
    const { tools } = await mcpTools([server()], [], ports)
    const stop = new AbortController()
    const began = new Promise<void>((resolve) => {
      called = resolve
    })
    const answer = tools.run(run('crm_wait'), stop.signal)
    await began
    stop.abort()
    assert.equal((await answer).isError, true)
    assert.equal(reports[0]?.outcome, 'abandoned')
    await tools.close()
    assert.ok(crm.requests.some(({ what }) => what === 'POST notifications/cancelled'))
  })

  it('to a server that has gone is a failure in few words', async () => {
    const gone = await testMcpServer((server) => void server.registerTool('t', {}, async () => text('there')))
    const { tools } = await mcpTools([server({ url: gone.url })], [], ports)
    assert.equal((await tools.run(run('crm_t'), never)).result, 'there')
    await gone.close()
    assert.deepEqual(await tools.run(run('crm_t'), never), { result: '{"error":"tool_unreachable"}', isError: true })
    await tools.close()
  })
})

describe('a server that was started again', () => {
  let runs = 0
  let restarted: TestMcpServer
  before(async () => {
    restarted = await testMcpServer((server) => {
      server.registerTool('count', {}, async () => {
        runs += 1
        return text(`run ${runs}`)
      })
    })
  })
  after(() => restarted.close())
  beforeEach(() => {
    runs = 0
    restarted.requests.length = 0
  })
  const opened = async () => (await mcpTools([server({ url: restarted.url })], [], ports)).tools
  const initialized = () => restarted.requests.filter(({ what }) => what === 'POST initialize').length

  it('is connected to once more, by however many calls at once, and each call is made once', async () => {
    const tools = await opened()
    restarted.restart()
    const answers = await Promise.all([1, 2, 3].map(() => tools.run(run('crm_count'), never)))
    assert.deepEqual(answers.map(({ result }) => result).sort(), ['run 1', 'run 2', 'run 3'])
    assert.equal(initialized(), 2)
    restarted.restart()
    assert.equal((await tools.run(run('crm_count'), never)).result, 'run 4')
    await tools.close()
    assert.equal(restarted.sessions(), 0)
  })

  it('and says so with 404 is connected to as well', async () => {
    const tools = await opened()
    restarted.answerNext((response) => response.writeHead(404).end())
    assert.equal((await tools.run(run('crm_count'), never)).result, 'run 1')
    assert.equal(initialized(), 2)
    await tools.close()
  })

  it('is not asked again for a call that it may have made', async () => {
    const tools = await opened()
    for (const respond of [
      (response: ServerResponse) => response.socket?.destroy(),
      (response: ServerResponse) => response.writeHead(500).end(),
    ]) {
      restarted.answerNext(respond)
      assert.equal((await tools.run(run('crm_count'), never)).result, '{"error":"tool_unreachable"}')
    }
    assert.deepEqual([runs, initialized()], [0, 1])
    await tools.close()
  })

  it('and stays away is tried once more, not again and again', async () => {
    const tools = await opened()
    restarted.restart()
    for (let count = 0; count < 2; count++) {
      const from = restarted.requests.length
      restarted.answerNext((response) => {
        restarted.answerNext((next) => next.writeHead(503).end())
        response.writeHead(404).end()
      })
      assert.equal((await tools.run(run('crm_count'), never)).isError, true)
      assert.deepEqual(
        restarted.requests.slice(from).map(({ what }) => what),
        ['POST tools/call', 'POST initialize'],
      )
    }
    await tools.close()
  })
})

describe('a server that cannot be asked', () => {
  it('is left out with a warning that holds nothing of what it wrote, and the others are there', async () => {
    const headers = { Authorization: 'Bearer hidden' }
    const servers = [
      server({ name: 'denied', url: `${odd.url}/denied`, headers }),
      server({ name: 'page', url: `${odd.url}/page`, headers }),
      server({ name: 'moved', url: `${odd.url}/moved`, headers }),
      server({ name: 'metadata', url: 'http://169.254.169.254/mcp', headers }),
      server({ tools: ['fail'] }),
    ]
    const { tools } = await mcpTools(servers, [], ports)
    assert.deepEqual(tools.names, ['crm_fail'])
    await tools.close()
    assert.deepEqual(Object.fromEntries(logged.map(({ fields }) => [fields.server, fields.reason])), {
      denied: 'It answered with status 401',
      page: 'It did not answer as a server of this protocol does',
      moved: 'It answered with status 307',
      metadata: 'URL host 169.254.169.254 is not a public address',
    })
    assert.doesNotMatch(JSON.stringify(logged), /hidden/)
    assert.ok(
      crm.requests.every(({ headers }) => headers.authorization === undefined),
      'no redirect was followed',
    )
  })

  it('is not waited for longer than three seconds', async () => {
    const clock = new VirtualClock()
    const asked = mcpTools([server({ url: `${odd.url}/silent` })], [], { ...ports, clock })
    while (!odd.received.some(({ url }) => url === '/silent')) await new Promise((resolve) => setImmediate(resolve))
    await clock.to(3000)
    assert.deepEqual((await asked).tools.names, [])
    assert.deepEqual(logged[0]?.fields, { server: 'crm', reason: 'It did not answer within 3 s' })
    assert.equal(clock.pending, 0)
  })

  it('is not asked at all when its address is private and private ones are not allowed', async () => {
    const strict = createGuard({ allowPrivate: false })
    const { tools } = await mcpTools([server()], [], { ...ports, guard: strict })
    assert.deepEqual([tools.names, crm.requests], [[], []])
    await strict.close()
  })
})

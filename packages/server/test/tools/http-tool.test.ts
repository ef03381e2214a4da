// Tools with an HTTP address, against a real server (protocol section 7.5; checklist 135-139).
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createGuard } from '../../dist/net/guard.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { type HttpTool, httpTools } from '../../dist/tools/http-tool.js'
import type { ToolReport } from '../../dist/tools/ports.js'
import { version } from '../../dist/version.js'
import { type WebServer, webServer } from '../net/web-server.js'

let web: WebServer
before(async () => {
  web = await webServer(({ url, headers }, response) => {
    const { pathname } = new URL(url, 'http://x')
    const status = Number(pathname.slice(1))
    if (pathname === '/silent') return
    if (pathname === '/long') return void response.end('é'.repeat(5000))
    if (pathname === '/long-failure') return void response.writeHead(500).end('x'.repeat(20_000))
    if (pathname === '/nul') return void response.end('a\0b')
    if (pathname === '/moved') return void response.writeHead(307, { location: '/200' }).end('over there')
    if (pathname === '/repeats') return void response.writeHead(401).end(`Wrong: ${headers.authorization}`)
    response.writeHead(status || 200).end(status === 204 || status === 404 ? '' : `body of ${status || 200}`)
  })
})
after(() => web.close())
beforeEach(() => {
  web.received.length = 0
  reports.length = 0
})

const guard = createGuard({ allowPrivate: true })
after(() => guard.close())
const reports: ToolReport[] = []
const clock = new VirtualClock()
const ports = { guard, clock, report: (report: ToolReport) => void reports.push(report), log: () => {} }

async function run(tool: Partial<HttpTool> & { readonly path: string }, args: Readonly<Record<string, unknown>> = {}) {
  const { path, ...more } = tool
  const url = web.url + path
  const tools = httpTools([{ name: 'look_up', url, method: 'POST', headers: {}, timeoutMs: 20_000, ...more }], ports)
  return tools.run(
    { callId: 'c', name: 'look_up', arguments: args, sessionId: 'sess_1', agentId: 'agent_1' },
    new AbortController().signal,
  )
}

describe('a request', () => {
  it('by GET or DELETE has its arguments behind the query of the address, as Python writes them (135)', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      await run(
        { path: '/orders?src=voice&tag=a%20b', method },
        { order_id: '7 & 8', open: true, none: null, tag: 'c', list: [1, 'a'], of: { b: 1.5 } },
      )
      const { method: used, url, body } = web.received.at(-1)!
      assert.equal(used, method)
      assert.equal(body, '')
      assert.ok(url.startsWith('/orders?src=voice&tag=a%20b&order_id=7+%26+8&open=True&none=None&tag=c&'), url)
      const query = new URL(url, 'http://x').searchParams
      assert.deepEqual(query.getAll('tag'), ['a b', 'c'])
      assert.deepEqual([query.get('list'), query.get('of')], ["[1, 'a']", "{'b': 1.5}"])
    }
  })

  it('by GET without arguments or query has none', async () => {
    await run({ path: '/orders', method: 'GET' })
    await run({ path: '/orders#part', method: 'GET' }, { a: '?' })
    assert.deepEqual(
      web.received.map(({ url }) => url),
      ['/orders', '/orders?a=%3F'],
    )
  })

  it('by POST, PUT or PATCH has its arguments as JSON, {} when there are none (136)', async () => {
    for (const method of ['POST', 'PUT', 'PATCH'] as const) {
      await run({ path: '/orders?src=voice', method }, { order_id: 7, deep: { a: [true] } })
      await run({ path: '/orders', method })
      const [full, empty] = web.received.splice(0)
      assert.deepEqual(
        [full!.method, full!.url, JSON.parse(full!.body)],
        [method, '/orders?src=voice', { order_id: 7, deep: { a: [true] } }],
      )
      assert.equal(empty!.body, '{}')
    }
  })

  it('says who asks, and sends the headers of the tool as they are', async () => {
    await run({ path: '/', headers: { Authorization: 'Bearer k', 'X-Shop': 'Ünion' } })
    const { headers } = web.received[0]!
    assert.equal(headers['content-type'], 'application/json')
    assert.equal(headers['user-agent'], `Parley/${version}`)
    assert.deepEqual([headers['x-session-id'], headers['x-agent-id']], ['sess_1', 'agent_1'])
    assert.deepEqual([headers.authorization, headers['x-shop']], ['Bearer k', 'Ünion'])
  })

  it('lets the tool have its own words for what the server would say, but not for how its bytes are to be read', async () => {
    await run({
      path: '/',
      headers: {
        'Content-Type': 'text/x',
        'User-Agent': 'Me',
        'X-Session-ID': 'mine',
        'Content-Length': '1',
        'Transfer-Encoding': 'chunked',
        Connection: 'upgrade',
        Expect: '100-continue',
      },
    })
    const { headers, body } = web.received[0]!
    assert.deepEqual(
      [headers['content-type'], headers['user-agent'], headers['x-session-id']],
      ['text/x', 'Me', 'mine'],
    )
    assert.deepEqual([headers['content-length'], headers['transfer-encoding'], body], ['2', undefined, '{}'])
  })
})

describe('an answer', () => {
  it('is the body of the response, whatever it is', async () => {
    assert.deepEqual(await run({ path: '/201' }), { result: 'body of 201', isError: false })
    assert.deepEqual(await run({ path: '/204' }), { result: '{"status":204}', isError: false })
    assert.deepEqual(await run({ path: '/nul' }), { result: 'ab', isError: false }, 'NUL cannot be stored')
  })

  it('is cut at 8 KiB (137)', async () => {
    const { result, isError } = await run({ path: '/long' })
    assert.equal(isError, false)
    assert.equal(result, 'é'.repeat(4096))
    assert.equal(reports[0]!.fields.truncated, true)
  })

  it('is a failure, with its body, when the status is one', async () => {
    assert.deepEqual(await run({ path: '/503' }), {
      result: '{"error":"tool_failed","status":503,"body":"body of 503"}',
      isError: true,
    })
    assert.deepEqual(await run({ path: '/404' }), { result: '{"error":"tool_failed","status":404}', isError: true })
    const { result } = await run({ path: '/long-failure' })
    assert.equal(JSON.parse(result).body.length, 8192)
  })

  it('that repeats a secret in its complaint gives it to nobody', async () => {
    const { result } = await run({ path: '/repeats', headers: { Authorization: 'Bearer hidden' } })
    assert.equal(JSON.parse(result).body, 'Wrong: [secret]')
  })

  it('is a failure when the response leads elsewhere, which is not followed (138)', async () => {
    for (const method of ['GET', 'POST'] as const) {
      const { result, isError } = await run({ path: '/moved', method })
      assert.deepEqual([JSON.parse(result).status, isError], [307, true])
    }
    assert.deepEqual(
      web.received.map(({ url }) => url),
      ['/moved', '/moved'],
    )
  })

  it('is a failure in few words when there is no response', async () => {
    const gone = await webServer(() => {})
    await gone.close()
    assert.deepEqual(await run({ path: '/', url: gone.url }), { result: '{"error":"tool_unreachable"}', isError: true })
    assert.deepEqual(await run({ path: '/', url: 'http://169.254.169.254/' }), {
      result: '{"error":"tool_address_refused"}',
      isError: true,
    })
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['unreachable', 'refused'],
    )
  })

  it('is not waited for beyond the time of the tool', async () => {
    const late = createGuard({ allowPrivate: true, clock })
    const tools = httpTools([{ name: 't', url: `${web.url}/silent`, method: 'GET', headers: {}, timeoutMs: 15_000 }], {
      ...ports,
      guard: late,
    })
    const answer = tools.run(
      { callId: 'c', name: 't', arguments: {}, sessionId: 's', agentId: undefined },
      new AbortController().signal,
    )
    const began = clock.now()
    await clock.to(began + 15_000)
    assert.deepEqual(await answer, { result: '{"error":"tool_timeout","seconds":15}', isError: true })
    assert.equal(reports[0]!.outcome, 'timeout')
    assert.ok(!('x-agent-id' in (web.received[0]?.headers ?? {})))
    await late.close()
  })

  it('is given at once when nobody waits for it any more', async () => {
    const tools = httpTools(
      [{ name: 't', url: `${web.url}/silent`, method: 'GET', headers: {}, timeoutMs: 20_000 }],
      ports,
    )
    const stop = new AbortController()
    const answer = tools.run({ callId: 'c', name: 't', arguments: {}, sessionId: 's', agentId: undefined }, stop.signal)
    stop.abort()
    assert.equal((await answer).isError, true)
    assert.equal(reports[0]!.outcome, 'abandoned')
  })
})

it('a report tells method, host, path, status and time, and nothing secret or said', async () => {
  await run(
    { path: '/repeats?key=hidden', method: 'GET', headers: { authorization: 'Bearer hidden' } },
    { name: 'hidden' },
  )
  assert.deepEqual(reports, [
    {
      kind: 'http',
      sessionId: 'sess_1',
      tool: 'look_up',
      outcome: 'failed',
      durationMs: 0,
      fields: { method: 'GET', url: `${web.url}/repeats`, status: 401 },
    },
  ])
})

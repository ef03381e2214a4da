// What the server says of itself, and its manners: health, metrics, the page, methods, other sites.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Readiness, VoiceList } from '@parley/protocol'
import type { HttpPorts } from '../../dist/http/ports.js'
import { createMetrics } from '../../dist/observe/metrics.js'
import type { Store } from '../../dist/storage/store.js'
import { answerOf, apiKey, testApp } from './app.js'

/** A database that answers nothing but whether it is there, and knows no key. Any other use fails the test that causes it. */
const database = (ping: () => Promise<void> = async () => {}): Store =>
  ({ keys: { find: async () => undefined }, ping }) as unknown as Store

const app = (environment = {}, ports: Partial<HttpPorts> = {}, ping?: () => Promise<void>) =>
  testApp(database(ping), environment, ports).app
const ask = async (
  from: ReturnType<typeof app>,
  method: 'GET' | 'HEAD' | 'OPTIONS' | 'PATCH' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  headers = {},
) => answerOf(await from.inject({ method, url, headers }))

describe('health', () => {
  it('is there as soon as the server answers, and needs no key', async () => {
    const answer = await ask(app(), 'GET', '/healthz')
    assert.deepEqual([answer.status, answer.body], [200, { status: 'ok' }])
  })

  const engines = (ready: boolean) => () => [
    { kind: 'stt' as const, name: 'moonshine', ready, description: 'hears' },
    { kind: 'vad' as const, name: 'silero', ready: true, description: 'listens' },
  ]

  it('is readiness only when every engine has loaded', async () => {
    const loading = await ask(app({}, { engines: engines(false) }), 'GET', '/readyz')
    assert.deepEqual([loading.status, loading.body], [503, { ready: false, engines: engines(false)() }])
    const loaded = await ask(app({}, { engines: engines(true) }), 'GET', '/readyz')
    assert.deepEqual([loaded.status, loaded.body], [200, { ready: true, engines: engines(true)() }])
    Readiness.parse(loaded.body)
  })

  it('is no readiness while the server is stopping, or cannot reach its database', async () => {
    assert.equal((await ask(app({}, { engines: engines(true), accepting: () => false }), 'GET', '/readyz')).status, 503)
    const unreachable = app({}, { engines: engines(true) }, () => Promise.reject(new Error('gone')))
    assert.equal((await ask(unreachable, 'GET', '/readyz')).status, 503)
  })
})

describe('what else the server tells', () => {
  it('names every voice with its language and something to say', async () => {
    const { body } = await ask(app(), 'GET', '/v1/voices', { authorization: apiKey })
    const alba = VoiceList.parse(body).voices.find(({ voice_id }) => voice_id === 'alba')
    assert.deepEqual(alba, { voice_id: 'alba', language: 'en-US', accent: 'US English', sample_text: 'I am alba.' })
  })

  it('tells a request for the WebSocket that is none to upgrade (12)', async () => {
    const answer = await ask(app(), 'GET', '/v1/ws?token=secret')
    assert.deepEqual([answer.status, answer.headers.upgrade], [426, 'websocket'])
  })

  it('gives its description', async () => {
    assert.deepEqual((await ask(app(), 'GET', '/openapi.json')).body, { openapi: '3.1.0' })
  })

  it('gives its figures to everybody, to who has a key, or to nobody', async () => {
    const metrics = createMetrics()
    metrics.sessionOpened()
    metrics.sessionOpened()
    metrics.sessionEnded('client_end')
    metrics.sessionRefused('at_capacity')
    metrics.requestRefused(429)
    metrics.bargeIn()
    metrics.engineFailed('stt')
    metrics.replied(420)
    metrics.traffic.framesIn += 3
    metrics.traffic.bytesOut += 1000
    for (const read of [1, 2]) {
      const { status, text, headers } = await ask(app({}, { metrics }), 'GET', '/metrics')
      assert.equal(status, 200, `read ${read}`)
      assert.match(String(headers['content-type']), /^text\/plain/)
      for (const line of [
        'parley_sessions_active 1',
        'parley_sessions_opened_total 2',
        'parley_sessions_ended_total{reason="client_end"} 1',
        'parley_sessions_refused_total{code="at_capacity"} 1',
        'parley_requests_refused_total{status="429"} 1',
        'parley_barge_ins_total 1',
        'parley_engine_failures_total{kind="stt"} 1',
        'parley_frames_received_total 3',
        'parley_sent_bytes_total 1000',
        'parley_reply_latency_seconds_bucket{le="0.4"} 0',
        'parley_reply_latency_seconds_bucket{le="0.5"} 1',
        'parley_reply_latency_seconds_sum 0.42',
      ])
        assert.ok(text.split('\n').includes(line), line)
      assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m)
    }
    const locked = app({ HOST: '0.0.0.0' })
    assert.equal((await ask(locked, 'GET', '/metrics')).status, 401)
    assert.equal((await ask(locked, 'GET', '/metrics', { authorization: apiKey })).status, 200)
    assert.equal((await ask(app({ PARLEY_METRICS: 'off' }), 'GET', '/metrics')).status, 404)
  })
})

describe('paths and methods', () => {
  it('answer what is nowhere with the envelope', async () => {
    for (const url of ['/nowhere', '/v1/nothing', '/v1/agents/a/b', '/']) {
      const { status, body, headers } = await ask(app(), 'GET', url)
      assert.deepEqual([status, body.code, headers['x-request-id']], [404, 'not_found', body.request_id], url)
    }
    const unreadable = await ask(app(), 'GET', '/v1/agents/%zz')
    assert.equal(unreadable.body.code, 'invalid_request')
    assert.equal(unreadable.headers['x-request-id'], unreadable.body.request_id)
  })

  it('answer a method that a path does not have with those that it has', async () => {
    const cases = [
      ['PATCH', '/v1/agents/agent_1', 'GET, HEAD, PUT, DELETE, OPTIONS'],
      ['DELETE', '/v1/agents', 'POST, GET, HEAD, OPTIONS'],
      ['HEAD', '/v1/tokens', 'POST, OPTIONS'],
      ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ] as const
    for (const [method, url, allow] of cases) {
      const { status, headers, text } = await ask(app(), method, url)
      assert.deepEqual([status, String(headers.allow).split(', ').sort()], [405, allow.split(', ').sort()], url)
      if (method !== 'HEAD') assert.equal(JSON.parse(text).code, 'method_not_allowed')
    }
  })

  it('tell their methods when asked, and answer HEAD like GET without the body', async () => {
    const options = await ask(app(), 'OPTIONS', '/v1/tokens')
    assert.deepEqual([options.status, options.headers.allow, options.text], [204, 'POST, OPTIONS', ''])
    const head = await ask(app(), 'HEAD', '/healthz')
    assert.deepEqual([head.status, head.text], [200, ''])
  })

  it('give every answer an id of its own, whatever the client says', async () => {
    const { headers } = await ask(app(), 'GET', '/healthz', { 'x-request-id': 'forged\tid' })
    assert.match(String(headers['x-request-id']), /^req_[0-9a-f]{32}$/)
    assert.deepEqual([headers['cache-control'], headers['x-content-type-options']], ['no-store', 'nosniff'])
  })
})

describe('pages of other sites', () => {
  const origin = 'https://shop.example'
  const preflight = {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization',
  }

  it('may not read, unless the operator names their origin', async () => {
    for (const environment of [{}, { PARLEY_CORS_ORIGINS: 'https://other.example' }]) {
      const closed = app(environment)
      assert.notEqual((await ask(closed, 'GET', '/healthz', { origin })).headers['access-control-allow-origin'], origin)
      assert.notEqual(
        (await ask(closed, 'OPTIONS', '/v1/agents', preflight)).headers['access-control-allow-origin'],
        origin,
      )
    }
    const open = app({ PARLEY_CORS_ORIGINS: `https://other.example, ${origin}` })
    const allowed = await ask(open, 'OPTIONS', '/v1/agents', preflight)
    assert.deepEqual([allowed.status, allowed.headers['access-control-allow-origin']], [204, origin])
    assert.match(String(allowed.headers['access-control-allow-methods']), /PUT/)
    assert.equal((await ask(open, 'GET', '/v1/agents', { origin })).headers['access-control-allow-origin'], origin)
  })
})

describe('the page', () => {
  let pageDir: string
  before(() => {
    pageDir = mkdtempSync(join(tmpdir(), 'parley-page-'))
    mkdirSync(join(pageDir, 'worklets'))
    writeFileSync(join(pageDir, 'index.html'), '<!doctype html><title>Parley</title>')
    writeFileSync(join(pageDir, 'worklets', 'capture.js'), 'registerProcessor()')
    writeFileSync(join(pageDir, '.stamp'), 'private')
  })
  after(() => rmSync(pageDir, { recursive: true }))

  it('is served at the root, with its scripts, and may use no more than it needs', async () => {
    const page = await ask(app({}, { pageDir }), 'GET', '/')
    assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8'])
    const policy = String(page.headers['content-security-policy'])
    for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.split('; ').includes(rule), rule)
    assert.doesNotMatch(policy, /unsafe|\*/)
    assert.equal(page.headers['permissions-policy'], 'microphone=(self), camera=(), geolocation=()')
    assert.equal(page.headers['cache-control'], 'no-cache')
    assert.equal(page.headers['referrer-policy'], 'same-origin')
    const worklet = await ask(app({}, { pageDir }), 'GET', '/worklets/capture.js')
    assert.match(String(worklet.headers['content-type']), /javascript/)
  })

  it('shows no file that is hidden or lies elsewhere', async () => {
    for (const url of ['/.stamp', '/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/missing.js'])
      assert.ok([400, 403, 404].includes((await ask(app({}, { pageDir }), 'GET', url)).status), url)
    assert.equal((await ask(app({}, { pageDir }), 'GET', '/missing.js')).body.code, 'not_found')
  })

  it('is not there when the operator wants none', async () => {
    for (const url of ['/', '/console/config'])
      assert.equal((await ask(app({ PARLEY_CONSOLE: 'off' }, { pageDir }), 'GET', url)).status, 404, url)
  })
})

describe('a fault of the server', () => {
  it('is a 500 that says nothing of it; the log has it under the id of the request', async () => {
    const server = testApp(
      database(),
      {},
      {
        engines: () => {
          throw new Error('the inner workings')
        },
      },
    )
    const { status, body } = answerOf(await server.app.inject('/readyz'))
    assert.deepEqual([status, body.code, body.message], [500, 'internal_error', 'The server failed. Try again'])
    assert.doesNotMatch(JSON.stringify(body), /inner workings/)
    const line = server
      .logged()
      .split('\n')
      .find((entry) => entry.includes('inner workings'))
    assert.equal(JSON.parse(line!).request_id, body.request_id)
  })
})

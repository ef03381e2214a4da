// Pre-connect requests against a real server (protocol section 7.6).
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { createGuard } from '../../dist/net/guard.js'
import { beforeAnswer, type PreConnectRequest } from '../../dist/phone/before-answer.js'
import { VirtualClock } from '../../dist/session/clock.js'
import { type WebServer, webServer } from '../net/web-server.js'

const found = {
  customer: { name: 'Ada', tier: null, visits: 3, isNew: false, notes: ['a', 'b'] },
  results: [{ id: 'r0' }, { id: 'r1' }],
}

/** What the server answers, by path. */
const answers: Readonly<Record<string, string>> = {
  '/found': JSON.stringify(found),
  '/list': '[{"id":"first"}]',
  '/greets': '{"greeting":"Hello {{name}}, welcome back."}',
  '/greets-again': '{"greeting":"  Good day.\\u0000 "}',
  '/greets-badly': '{"greeting":{"text":"Hi"}}',
  '/greets-with-nothing': '{"greeting":" "}',
  '/rejects': '{"reject":true,"customer":{"name":"Mallory"}}',
  '/rejects-nearly': '{"reject":"true"}',
  '/empty': '',
  '/blank': ' \n',
  '/text': 'Ada',
  '/string': '"Ada"',
  '/nothing': 'null',
  '/long': JSON.stringify({ customer: { name: 'Ada' }, more: 'x'.repeat(8192) }),
  '/just-fits': `{"customer":{"name":"Ada"},"more":"${'x'.repeat(8192 - 37)}"}`,
  '/hostile': '{"__proto__":{"name":"Eve"},"customer":{"name":"A\\u0000da\\ud800"}}',
}

let web: WebServer
let waiting: (() => void) | undefined
before(async () => {
  web = await webServer(({ url }, response) => {
    const { pathname } = new URL(url, 'http://x')
    if (pathname === '/silent') return waiting?.()
    if (pathname === '/moved') return void response.writeHead(302, { location: '/found' }).end(answers['/found'])
    const answer = answers[pathname]
    response.writeHead(answer === undefined ? 503 : 200).end(answer ?? answers['/found'])
  })
})
after(() => web.close())
beforeEach(() => {
  web.received.length = 0
  logged.length = 0
})

const clock = new VirtualClock()
const guard = createGuard({ allowPrivate: true, clock })
after(() => guard.close())
const logged: { level: string; fields: Readonly<Record<string, unknown>> }[] = []
const log = (level: string, _message: string, fields: Readonly<Record<string, unknown>>) => {
  logged.push({ level, fields })
}
const ask = beforeAnswer({ guard, clock, log })

const call = { id: 'call_1', agentId: 'agent_1', direction: 'inbound', from: '+15550100', to: '+15550199' } as const
const name = { name: 'name', path: 'customer.name', default: undefined }

const request = (path: string, more: Partial<PreConnectRequest> = {}): PreConnectRequest => ({
  url: web.url + path,
  method: 'POST',
  headers: {},
  sends: [],
  returns: [name],
  timeoutMs: 800,
  mayOverrideGreeting: false,
  isGate: false,
  ...more,
})

const made = (
  requests: readonly PreConnectRequest[],
  facts: Partial<typeof call> | object = {},
  signal?: AbortSignal,
) => ask({ ...call, ...facts }, requests, signal ?? new AbortController().signal)

describe('before a call is answered', () => {
  it('nothing is asked where nobody wants it', async () => {
    assert.deepEqual(await made([]), { reject: false, variables: {}, greeting: undefined })
  })

  it('what is asked for is sent as JSON, with the headers of the agent, and what is not known is left out', async () => {
    const sends = ['caller_number', 'dialed_number', 'direction', 'agent_id', 'session_id']
    await made([request('/found?src=voice', { sends, headers: { Authorization: 'Bearer k', 'X-Agent-Id': 'mine' } })])
    const [{ method, url, headers, body }] = web.received as [(typeof web.received)[number]]
    assert.deepEqual([method, url], ['POST', '/found?src=voice'])
    assert.deepEqual(JSON.parse(body), {
      caller_number: '+15550100',
      dialed_number: '+15550199',
      direction: 'inbound',
      agent_id: 'agent_1',
    })
    assert.deepEqual(
      [headers['content-type'], headers.authorization, headers['x-call-id'], headers['x-agent-id']],
      ['application/json', 'Bearer k', 'call_1', 'mine'],
    )
  })

  it('nothing is sent that was not asked for', async () => {
    await made([request('/found'), request('/found', { method: 'PUT', sends: ['caller_number'] })], {
      from: 'anonymous',
    })
    assert.deepEqual(
      web.received.map(({ method, body }) => [method, body]),
      [
        ['POST', '{}'],
        ['PUT', '{}'],
      ],
    )
  })

  it('a GET has it in its query', async () => {
    await made([request('/found?a=1', { method: 'GET', sends: ['caller_number'] })])
    assert.deepEqual(
      web.received.map(({ method, url, body }) => [method, url, body]),
      [['GET', '/found?a=1&caller_number=%2B15550100', '']],
    )
  })

  it('a later request may send what an earlier one captured, which goes over what the carrier says', async () => {
    const returns = [name, { name: 'caller_number', path: 'results.1.id', default: undefined }]
    await made([request('/found', { returns }), request('/found', { sends: ['name', 'caller_number', 'nobody'] })])
    assert.deepEqual(JSON.parse(web.received[1]!.body), { name: 'Ada', caller_number: 'r1' })
  })
})

describe('a response', () => {
  const captured = async (path: string, paths: Readonly<Record<string, string>>) =>
    (
      await made([
        request(path, {
          returns: Object.entries(paths).map(([name, place]) => ({ name, path: place, default: undefined })),
        }),
      ])
    ).variables

  it('is read by dotted paths; what is there becomes text, and what is not has no name', async () => {
    assert.deepEqual(
      await captured('/found', {
        name: 'customer.name',
        id: 'results.0.id',
        visits: 'customer.visits',
        is_new: 'customer.isNew',
        notes: 'customer.notes',
        tier: 'customer.tier',
        beyond: 'results.2.id',
        within: 'customer.name.length',
        inherited: 'customer.toString',
        sort: 'results.map',
        prototype: 'results.__proto__.length',
      }),
      { name: 'Ada', id: 'r0', visits: '3', is_new: 'false', notes: '["a","b"]' },
    )
    assert.deepEqual(await captured('/list', { id: '0.id' }), { id: 'first' })
  })

  it('is data, whatever it holds', async () => {
    assert.deepEqual(await captured('/hostile', { name: 'customer.name', other: 'name' }), { name: 'Ada' })
  })

  it('may be 8 KiB long', async () => {
    assert.equal(Buffer.byteLength(answers['/just-fits']!), 8192)
    assert.deepEqual((await made([request('/just-fits')])).variables, { name: 'Ada' })
  })

  it('may bring a greeting, if the agent allows it; the last one counts, and it is said as it is', async () => {
    const greets = (path: string) => request(path, { mayOverrideGreeting: true })
    assert.equal((await made([request('/greets')])).greeting, undefined)
    assert.equal((await made([greets('/greets')])).greeting, 'Hello {{name}}, welcome back.')
    assert.equal((await made([greets('/greets'), greets('/greets-again')])).greeting, 'Good day.')
    assert.equal((await made([greets('/greets-again'), greets('/greets-badly')])).greeting, 'Good day.')
    assert.equal((await made([greets('/greets-again'), request('/greets')])).greeting, 'Good day.')
    assert.equal((await made([greets('/greets-with-nothing')])).greeting, undefined)
  })

  it('may refuse the call, and nothing more is asked then', async () => {
    const { reject } = await made([request('/rejects'), request('/found')])
    assert.equal(reject, true)
    assert.equal(web.received.length, 1)
    assert.equal(logged[0]!.fields.refuses, true)
    assert.equal((await made([request('/found'), request('/rejects')])).reject, true)
    assert.equal((await made([request('/rejects-nearly')])).reject, false)
  })
})

describe('a failure', () => {
  const otherwise = { name: 'tier', path: 'customer.tier', default: 'silver' }
  const failures: readonly (readonly [path: string, outcome: RegExp])[] = [
    ['/503', /^status 503$/],
    ['/moved', /^status 302$/],
    ['/empty', /^the response is empty$/],
    ['/blank', /^the response is empty$/],
    ['/text', /^the response is not JSON$/],
    ['/string', /neither an object nor a list/],
    ['/nothing', /neither an object nor a list/],
    ['/long', /longer than 8192 bytes/],
  ]

  for (const [path, outcome] of failures)
    it(`costs its values and nothing more; a default takes their place: ${path}`, async () => {
      const result = await made([
        request(path, { returns: [name, otherwise], mayOverrideGreeting: true }),
        request('/found', { returns: [{ ...name, name: 'other' }], sends: ['tier'] }),
      ])
      assert.deepEqual(result, { reject: false, variables: { tier: 'silver', other: 'Ada' }, greeting: undefined })
      assert.deepEqual(JSON.parse(web.received[1]!.body), { tier: 'silver' })
      assert.match(String(logged[0]!.fields.outcome), outcome)
      assert.deepEqual(
        logged.map(({ level }) => level),
        ['warn', 'info'],
      )
    })

  it('refuses the call where the request is a gate', async () => {
    assert.equal((await made([request('/503', { isGate: true }), request('/found')])).reject, true)
    assert.equal(web.received.length, 1)
    assert.equal((await made([request('/found', { isGate: true })])).reject, false)
  })

  it('comes after 800 ms of silence at the latest, sooner where the agent wants it', async () => {
    for (const [timeoutMs, within] of [
      [10_000, 800],
      [200, 200],
    ] as const) {
      const asked = new Promise<void>((resolve) => {
        waiting = resolve
      })
      const due = clock.now() + within
      const result = made([request('/silent', { timeoutMs })])
      await asked
      await clock.to(due - 1)
      assert.equal(logged.length, 0)
      await clock.to(due)
      assert.deepEqual(await result, { reject: false, variables: {}, greeting: undefined })
      assert.equal(logged.splice(0)[0]!.fields.ms, within)
    }
  })

  it('comes at once when the caller hangs up', async () => {
    const hungUp = new AbortController()
    waiting = () => hungUp.abort()
    assert.deepEqual(await made([request('/silent'), request('/found')], {}, hungUp.signal), {
      reject: false,
      variables: {},
      greeting: undefined,
    })
    assert.equal(web.received.length, 1)
  })

  it('is an address of the network that the server stands in', async () => {
    const strict = createGuard({ allowPrivate: false })
    const result = await beforeAnswer({ guard: strict, clock, log })(
      call,
      [request('/found')],
      new AbortController().signal,
    )
    assert.deepEqual(result.variables, {})
    assert.equal(web.received.length, 0)
    await strict.close()
  })
})

it('the log tells of each request where it went and what came of it, and nothing of what was sent or found', async () => {
  await made([
    request('/found?token=hidden', { headers: { Authorization: 'hidden' }, sends: ['caller_number'] }),
    request('/503'),
  ])
  assert.deepEqual(logged[0], {
    level: 'info',
    fields: {
      call: 'call_1',
      agent: 'agent_1',
      request: 0,
      method: 'POST',
      url: `${web.url}/found`,
      outcome: 'answered',
      ms: 0,
    },
  })
  assert.doesNotMatch(JSON.stringify(logged), /hidden|Ada|15550100/)
})

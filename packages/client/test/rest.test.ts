// The REST methods against a fetch that answers as told: requests, errors, and when a request is sent again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, rest } from '@parley/client'
import { routes } from '@parley/protocol/routes'

interface Asked {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A fetch that gives `answers` in turn (an Error is a broken connection), and what it was asked. */
function scripted(...answers: (Response | Error)[]) {
  const asked: Asked[] = []
  const waits: number[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const { method, headers, body } = init
    asked.push({
      url: String(url),
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === 'string' ? JSON.parse(body) : undefined,
    })
    const answer = answers.shift() ?? new Error('nothing is left to answer')
    if (answer instanceof Error) throw answer
    return answer
  }
  const wait = async (ms: number) => void waits.push(ms)
  return { asked, waits, api: rest({ url: 'https://voice.example.com/', key: 'secret', fetch, wait }) }
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers })

test('an agent is created with the key in the header and JSON in the body', async () => {
  const { api, asked } = scripted(json({ id: 'agent_1', name: 'Guide' }, 201))
  const agent = { name: 'Guide', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
  assert.equal((await api.agents.create(agent)).id, 'agent_1')
  assert.deepEqual(asked, [
    {
      url: 'https://voice.example.com/v1/agents',
      method: 'POST',
      headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
      body: agent,
    },
  ])
})

test('each method asks as the table of routes says', async () => {
  const ok = () => json({ voices: [] })
  const none = () => new Response(null, { status: 204 })
  const { api, asked } = scripted(ok(), ok(), ok(), ok(), none(), ok(), ok(), ok(), ok(), none())
  await api.agents.create({ name: 'Guide', system_prompt: '', voice: { voice_id: 'alba' } })
  await api.agents.list({ limit: 10, cursor: 'a b' })
  await api.agents.get('agent/1')
  await api.agents.update('agent_1', { greeting: null })
  assert.equal(await api.agents.delete('agent_1'), undefined)
  await api.tokens.create({ expires_in_seconds: 30 })
  assert.deepEqual(await api.voices.list(), [])
  await api.sessions.list({ status: 'completed', agent_id: 'agent_1' })
  await api.sessions.get('sess_1')
  assert.equal(await api.sessions.delete('sess_1'), undefined)

  const { createAgent, listAgents, getAgent, updateAgent, deleteAgent, createToken, listVoices } = routes
  const { listSessions, getSession, deleteSession } = routes
  const expected = [
    [createAgent, ''],
    [listAgents, '', '?limit=10&cursor=a+b'],
    [getAgent, 'agent%2F1'],
    [updateAgent, 'agent_1'],
    [deleteAgent, 'agent_1'],
    [createToken, ''],
    [listVoices, ''],
    [listSessions, '', '?status=completed&agent_id=agent_1'],
    [getSession, 'sess_1'],
    [deleteSession, 'sess_1'],
  ] as const
  assert.deepEqual(
    asked.map(({ method, url }) => `${method} ${url}`),
    expected.map(
      ([{ method, path }, id, query = '']) => `${method} https://voice.example.com${path.replace(':id', id)}${query}`,
    ),
  )
  assert.deepEqual(asked[3]?.body, { greeting: null })
  assert.deepEqual(asked[5]?.body, { expires_in_seconds: 30 })
})

test('an error carries what the envelope says (checklist 145, 160)', async () => {
  const envelope = { code: 'validation_error', message: 'voice: Invalid voice', param: 'voice', request_id: 'req_1' }
  const { api } = scripted(json(envelope, 422))
  await assert.rejects(api.agents.get('agent_1'), (error: unknown) => {
    assert.ok(error instanceof ApiError)
    const { status, code, message, param, requestId } = error
    assert.deepEqual({ code, message, param, request_id: requestId }, envelope)
    assert.equal(status, 422)
    return true
  })
})

test('the older bare detail and an answer that is no JSON are understood too', async () => {
  const older = scripted(json({ detail: 'Invalid API key' }, 401))
  await assert.rejects(older.api.agents.list(), { code: 'unauthorized', message: 'Invalid API key' })
  const proxy = scripted(
    new Response('<html>', { status: 404, statusText: 'Not Found', headers: { 'x-request-id': 'r' } }),
  )
  await assert.rejects(proxy.api.agents.list(), {
    status: 404,
    message: 'The server answered 404 Not Found',
    requestId: 'r',
  })
})

test('reading is tried again, later each time, and then given up', async () => {
  const { api, asked, waits } = scripted(json({}, 502), new TypeError('fetch failed'), json({}, 500))
  await assert.rejects(api.agents.list(), { status: 500 })
  assert.equal(asked.length, 3)
  assert.deepEqual(waits, [250, 500])
})

test('writing is not repeated when it may have happened', async () => {
  for (const answer of [json({}, 500), new TypeError('fetch failed'), json({}, 503)]) {
    const { api, asked } = scripted(answer, json({}))
    await assert.rejects(api.agents.delete('agent_1'))
    assert.equal(asked.length, 1)
  }
})

test('a server that says when to come back is asked again then, also to write', async () => {
  const { api, waits } = scripted(json({}, 429, { 'retry-after': '2' }), json({ token: 't', expires_at: '' }, 201))
  assert.equal((await api.tokens.create()).token, 't')
  assert.deepEqual(waits, [2000])
})

test('a wait of more than a minute is not waited for', async () => {
  const { api, waits } = scripted(json({}, 429, { 'retry-after': '61' }), json({}))
  await assert.rejects(api.agents.list(), { status: 429 })
  assert.deepEqual(waits, [])
})

test('a server that is away is an error with a code, not a bare TypeError', async () => {
  const { api } = scripted(new TypeError('fetch failed'))
  await assert.rejects(api.tokens.create(), { name: 'ApiError', status: 0, code: 'unreachable' })
})

test('what is wrong with the request itself is not sent again', async () => {
  const { api, asked } = scripted(json({}, 404), json({}))
  await assert.rejects(api.agents.get('agent_1'), { status: 404 })
  assert.equal(asked.length, 1)
})

// Stored agents over REST (protocol sections 6.1 to 6.3).
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { AgentRecord } from '@parley/protocol'
import { sessionConfigOf } from '../../dist/http/agent-view.js'
import { defaultAccountId } from '../../dist/storage/store.js'
import { agentsApp, minimal } from './agents-app.js'
import { type Answer, answerOf, apiKey, testApp } from './app.js'

const tool = (name: string, headers: object[] = []) => ({
  name,
  description: 'Looks an order up.',
  http: { url: 'https://shop.example/orders', http_method: 'GET', headers },
})
const llm = { base_url: 'https://models.example/v1', model: 'large', api_key: 'sk-of-the-model' }

const { store, server, created, put } = await agentsApp()
after(() => store.close())

function assertEnvelope(answer: Answer, status: number, code: string, param: string | null = null): void {
  assert.deepEqual(
    { status: answer.status, code: answer.body.code, param: answer.body.param },
    { status, code, param },
    answer.text,
  )
  assert.deepEqual(Object.keys(answer.body), ['code', 'message', 'param', 'request_id', 'errors', 'detail'])
  assert.equal(answer.headers['x-request-id'], answer.body.request_id)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
}

describe('creating an agent', () => {
  it('answers 201 with the full record, its defaults filled in (143, 146-148)', async () => {
    const agent = await created()
    assert.match(agent.id, /^agent_[0-9a-f]{32}$/)
    assert.match(agent.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
    const { id: _, created_at, updated_at, ...rest } = agent
    assert.equal(created_at, updated_at)
    assert.deepEqual(rest, {
      ...minimal,
      greeting: null,
      input: {
        type: 'audio',
        format: { encoding: 'audio/pcm', sample_rate: 24000 },
        turn_detection: null,
        keyterms: null,
        transcription_mode: null,
        continuous_partials: null,
        transcription_prompt: null,
        language_codes: null,
        voice_focus: null,
        voice_focus_threshold: null,
      },
      output: {
        type: 'audio',
        voice: 'alba',
        format: { encoding: 'audio/pcm', sample_rate: 24000 },
        volume: null,
      },
      tools: [],
      pre_connect_requests: [],
      transfer_targets: [],
      outbound_trunk_id: null,
      caller_id: null,
      llm: [],
    })
    AgentRecord.parse(agent)
    assert.deepEqual((await server.send('GET', `/v1/agents/${agent.id}`)).body, agent)
  })

  it('needs a name, a prompt and a voice (144)', async () => {
    for (const field of ['name', 'system_prompt', 'voice']) {
      const { [field]: _, ...rest }: Record<string, unknown> = minimal
      assertEnvelope(await server.send('POST', '/v1/agents', rest), 422, 'validation_error', field)
    }
  })

  it('refuses a voice that there is not, in every form that clients read (145, 160)', async () => {
    const answer = await server.send('POST', '/v1/agents', { ...minimal, voice: { voice_id: 'nobody' } })
    assertEnvelope(answer, 422, 'validation_error', 'voice')
    assert.match(answer.body.message, /^voice: Invalid voice 'nobody'\. Must be one of: alba, anna, /)
    assert.equal(answer.body.errors[0].param, 'voice')
    assert.deepEqual(answer.body.detail[0].loc, ['body', 'voice'])
  })

  it('speaks with its own voice, also where the output names one', async () => {
    const agent = await created({ voice: { voice_id: 'eve' }, output: { volume: 40 } })
    assert.deepEqual([agent.output.voice, agent.output.volume], ['eve', 40])
  })

  it('has the voices of the server that it is on, the earlier ones too', async () => {
    assert.equal((await created({ voice: { voice_id: 'ivy' } })).voice.voice_id, 'ivy')
  })

  it('gives tools an id and shows what it takes them to be', async () => {
    const { tools } = await created({
      tools: [tool('find_order', [{ name: 'X-Key', value: 'secret' }]), { name: 'wait', description: 'Waits.' }],
    })
    assert.match(tools[0].id, /^tool_[0-9a-f]{32}$/)
    assert.match(tools[0].http.headers[0].last_set_at, /^\d{4}-.*\.\d{6}$/)
    assert.deepEqual(tools[0].http, {
      url: 'https://shop.example/orders',
      http_method: 'GET',
      headers: [{ name: 'X-Key', last_set_at: tools[0].http.headers[0].last_set_at }],
    })
    assert.deepEqual(
      { ...tools[1], id: 'tool' },
      {
        id: 'tool',
        name: 'wait',
        description: 'Waits.',
        http: null,
        parameters: null,
        timeout_seconds: 120,
        execution_mode: 'interactive',
        response_instructions: null,
        dtmf_collected_arguments: null,
      },
    )
  })

  it('takes one model of its own and no more, and never shows its key (156, 157)', async () => {
    const agent = await created({ llm: [llm] })
    assert.deepEqual(agent.llm, [{ base_url: llm.base_url, model: llm.model }])
    assertEnvelope(
      await server.send('POST', '/v1/agents', { ...minimal, llm: [llm, llm] }),
      422,
      'validation_error',
      'llm',
    )
  })

  it('refuses addresses that are not https, or that lead into the network, unless the operator allows them', async () => {
    const urls = {
      'http://models.example/v1': 'llm[0].base_url',
      'https://localhost/v1': 'llm[0].base_url',
      'https://127.0.0.1/v1': 'llm[0].base_url',
      'https://2130706433/v1': 'llm[0].base_url',
      'https://0x7f.1/v1': 'llm[0].base_url',
      'https://10.1.2.3/v1': 'llm[0].base_url',
      'https://169.254.169.254/latest': 'llm[0].base_url',
      'https://[::1]/v1': 'llm[0].base_url',
      'https://[::ffff:10.0.0.1]/v1': 'llm[0].base_url',
      'https://[fd00::1]/v1': 'llm[0].base_url',
      'https://printer.local./v1': 'llm[0].base_url',
      [`https://models.example/${'a'.repeat(2048)}`]: 'llm[0].base_url',
      'not a url': 'llm[0].base_url',
    }
    const open = testApp(store, { PARLEY_ALLOW_PRIVATE_URLS: 'on' })
    for (const [base_url, param] of Object.entries(urls)) {
      const body = { ...minimal, llm: [{ ...llm, base_url }] }
      assertEnvelope(await server.send('POST', '/v1/agents', body), 422, 'validation_error', param)
      // what hands out the credentials of the machine is refused in any case
      const isUrl = URL.canParse(base_url) && base_url.length < 2048 && !base_url.includes('169.254')
      assert.equal((await open.send('POST', '/v1/agents', body)).status, isUrl ? 201 : 422, base_url)
    }
    const answer = await server.send('POST', '/v1/agents', {
      ...minimal,
      tools: [{ ...tool('t'), http: { url: 'https://192.168.1.1/' } }],
    })
    assertEnvelope(answer, 422, 'validation_error', 'tools[0].http.url')
    assert.equal(answer.body.message, 'tools[0].http.url: URL host 192.168.1.1 is not a public address')
  })

  it('refuses hosts that nobody knows, and public names of what is inside the network', async () => {
    const of = (url: string) => ({ name: new URL(url).hostname, http: { url } })
    const answer = await server.send('POST', '/v1/agents', {
      ...minimal,
      tools: [of('https://shop.example/'), of('https://nowhere.example/a')],
      pre_connect_requests: [{ http: { url: 'https://inside.example/who' } }],
      llm: [{ ...llm, base_url: 'https://name:hidden@models.example/v1' }],
    })
    assertEnvelope(answer, 422, 'validation_error', 'tools[1].http.url')
    assert.deepEqual(answer.body.errors, [
      { param: 'tools[1].http.url', message: 'URL host nowhere.example does not resolve' },
      {
        param: 'llm[0].base_url',
        message: 'The address must not hold a user name or a password; send them in a header',
      },
      { param: 'pre_connect_requests[0].http.url', message: 'URL host inside.example is not a public address' },
    ])
    const agent = await created()
    assertEnvelope(
      await put(agent.id, { tools: [of('https://inside.example/')] }),
      422,
      'validation_error',
      'tools[0].http.url',
    )
  })

  it('refuses text that the database cannot keep, and says where it stands', async () => {
    const cases: [object, string][] = [
      [{ name: 'a\0b' }, 'name'],
      [{ greeting: 'half a smile \ud83d' }, 'greeting'],
      [
        { tools: [{ name: 't', parameters: { type: 'object', properties: { 'a\0': {} } } }] },
        'tools[0].parameters.properties',
      ],
    ]
    for (const [more, param] of cases)
      assertEnvelope(await server.send('POST', '/v1/agents', { ...minimal, ...more }), 422, 'validation_error', param)
    assert.equal(
      (await created({ greeting: 'a whole smile \u{1f600} \\u0000' })).greeting,
      'a whole smile \u{1f600} \\u0000',
    )
  })

  it('happens once for an idempotency key, however often it is asked (159)', async () => {
    const once = async (body: object) => server.send('POST', '/v1/agents', body, { 'idempotency-key': 'one-agent' })
    const first = await once(minimal)
    assert.deepEqual([first.status, (await once(minimal)).body], [201, first.body])
    const [newest] = (await server.send('GET', '/v1/agents?limit=1')).body.agents
    assert.equal(newest.id, first.body.id)
    assertEnvelope(await once({ ...minimal, name: 'Other' }), 422, 'idempotency_key_reuse')
  })
})

describe('changing an agent', () => {
  it('keeps what it leaves out (151)', async () => {
    const agent = await created({
      greeting: 'Hello.',
      tools: [tool('a')],
      output: { volume: 10 },
      caller_id: '+15550100',
    })
    const { body } = await put(agent.id, { name: 'Grace' })
    assert.deepEqual({ ...body, updated_at: '' }, { ...agent, name: 'Grace', updated_at: '' })
    assert.ok(body.updated_at > agent.updated_at)
  })

  it('keeps the secrets of what it leaves out', async () => {
    const headers = [{ name: 'X-Key', value: 'secret' }]
    const agent = await created({
      tools: [tool('a', headers)],
      pre_connect_requests: [{ http: { url: 'https://shop.example/who', headers } }],
      llm: [llm],
    })
    const secretsOf = async () => (await store.agents.find(defaultAccountId, agent.id))?.secrets
    const before = await secretsOf()
    assert.equal(Object.keys(before ?? {}).length, 3)
    await put(agent.id, { name: 'Grace' })
    assert.deepEqual(await secretsOf(), before)
  })

  it('takes back what it gave, less id and dates, and loses no secret by it (154)', async () => {
    const agent = await created({
      greeting: 'Hello.',
      input: { keyterms: ['Parley'], turn_detection: { min_silence: 400 } },
      tools: [tool('find_order', [{ name: 'X-Key', value: 'secret' }]), { name: 'wait', description: 'Waits.' }],
      pre_connect_requests: [
        { http: { url: 'https://shop.example/who', headers: [{ name: 'Authorization', value: 'b' }] } },
      ],
      llm: [llm],
    })
    const { id, created_at: _, updated_at: __, ...rest } = agent
    const before = await store.agents.find(defaultAccountId, id)
    const answer = await put(id, rest)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual({ ...answer.body, updated_at: '' }, { ...agent, updated_at: '' })
    assert.deepEqual((await store.agents.find(defaultAccountId, id))?.secrets, before?.secrets)
    assert.equal(Object.keys(before!.secrets).length, 3)
  })

  it('accepts, as a new agent, what another server has given', async () => {
    const {
      id,
      created_at: _,
      updated_at: __,
      ...rest
    } = await created({ tools: [tool('a', [{ name: 'X-Key', value: 's' }])] })
    const copy = await created(rest)
    assert.notEqual(copy.id, id)
    assert.deepEqual(copy.tools[0].http.headers, [{ name: 'X-Key', last_set_at: null }])
  })

  it('replaces lists, keeping the id of a tool as long as its name stays (152)', async () => {
    const agent = await created({ tools: [tool('a'), tool('b')] })
    const { body } = await put(agent.id, { tools: [tool('c'), { ...tool('a'), description: 'New.' }] })
    assert.deepEqual(
      body.tools.map(({ name, description }: { name: string; description: string }) => [name, description]),
      [
        ['c', 'Looks an order up.'],
        ['a', 'New.'],
      ],
    )
    assert.equal(body.tools[1].id, agent.tools[0].id)
    assert.ok(!agent.tools.some(({ id }: { id: string }) => id === body.tools[0].id))
  })

  it('keeps the secret of a header without a value, changes it with one, and deletes it on request (152, 153)', async () => {
    const agent = await created({
      tools: [
        tool('a', [
          { name: 'X-Kept', value: 'k' },
          { name: 'X-Turned', value: 'old' },
          { name: 'X-Gone', value: 'g' },
          { name: 'X-Left', value: 'l' },
        ]),
      ],
    })
    const place = (header: string) => `${agent.tools[0].id}.header.${header}`
    const secretsOf = async () => (await store.agents.find(defaultAccountId, agent.id))!.secrets
    const open = async (header: string) =>
      server.secrets.open((await secretsOf())[place(header)]!, `${agent.id}.${place(header)}`)
    assert.equal(await open('x-gone'), 'g')
    const { body } = await put(agent.id, {
      tools: [tool('a', [{ name: 'x-kept' }, { name: 'X-Turned', value: 'new' }, { name: 'X-Gone', remove: true }])],
    })
    assert.deepEqual(
      body.tools[0].http.headers.map(({ name }: { name: string }) => name),
      ['x-kept', 'X-Turned'],
    )
    assert.equal(await open('x-kept'), 'k')
    assert.equal(await open('x-turned'), 'new')
    assert.deepEqual(Object.keys(await secretsOf()).sort(), [place('x-kept'), place('x-turned')])
  })

  it('keeps no secret of a header that is set and removed in one request', async () => {
    const agent = await created({
      tools: [
        tool('a', [
          { name: 'X-Key', value: 'v' },
          { name: 'x-key', remove: true },
        ]),
      ],
    })
    assert.deepEqual(agent.tools[0].http.headers, [])
    assert.deepEqual((await store.agents.find(defaultAccountId, agent.id))?.secrets, {})
  })

  it('keeps secrets of pre-connect requests by their place in the list', async () => {
    const request = (url: string, headers: object[]) => ({ http: { url, headers } })
    const agent = await created({
      pre_connect_requests: [
        request('https://a.example', [{ name: 'K', value: 'first' }]),
        request('https://b.example', [{ name: 'K', value: 'second' }]),
      ],
    })
    await put(agent.id, { pre_connect_requests: [request('https://c.example', [{ name: 'K' }])] })
    const { secrets } = (await store.agents.find(defaultAccountId, agent.id))!
    assert.deepEqual(Object.keys(secrets), ['pre_connect.0.header.k'])
    assert.equal(server.secrets.open(secrets['pre_connect.0.header.k']!, `${agent.id}.pre_connect.0.header.k`), 'first')
  })

  it('returns to the model of the server with an empty list (155)', async () => {
    const agent = await created({ llm: [llm] })
    assert.deepEqual((await put(agent.id, { llm: [] })).body.llm, [])
    assert.deepEqual((await store.agents.find(defaultAccountId, agent.id))?.secrets, {})
  })

  it('sends the stored key of a model to no other address than its own', async () => {
    const agent = await created({ llm: [llm] })
    const { api_key: _, ...shown } = llm
    assert.equal((await put(agent.id, { llm: [{ ...shown, model: 'small' }] })).status, 200)
    const answer = await put(agent.id, { llm: [{ ...shown, base_url: 'https://elsewhere.example/v1' }] })
    assertEnvelope(answer, 422, 'validation_error', 'llm[0].api_key')
    assert.match(answer.body.message, /A key is needed: none is stored for elsewhere\.example$/)
    assert.equal((await put(agent.id, { llm: [{ ...llm, base_url: 'https://elsewhere.example/v1' }] })).status, 200)
  })

  it('clears a greeting with null', async () => {
    const agent = await created({ greeting: 'Hello.' })
    assert.equal((await put(agent.id, { greeting: null })).body.greeting, null)
  })

  it('moves the voice of the output with the voice', async () => {
    const agent = await created({ output: { volume: 10 } })
    const { body } = await put(agent.id, { voice: { voice_id: 'mary' } })
    assert.deepEqual([body.voice.voice_id, body.output.voice, body.output.volume], ['mary', 'mary', 10])
  })

  it('is refused as a whole when a part is wrong', async () => {
    const agent = await created()
    assertEnvelope(
      await put(agent.id, { name: 'New', voice: { voice_id: 'nobody' } }),
      422,
      'validation_error',
      'voice',
    )
    assert.equal((await server.send('GET', `/v1/agents/${agent.id}`)).body.name, 'Ada')
  })
})

describe('an agent that is not there', () => {
  it('is a 404 to read, to change and to delete, and after it was deleted (158)', async () => {
    const agent = await created()
    const path = `/v1/agents/${agent.id}`
    const gone = await server.send('DELETE', path)
    assert.deepEqual([gone.status, gone.text], [204, ''])
    for (const method of ['GET', 'PUT', 'DELETE'])
      assertEnvelope(
        await server.send(method, path, method === 'PUT' ? { name: 'x' } : undefined),
        404,
        'agent_not_found',
      )
    assert.equal((await server.send('GET', path)).body.message, 'Agent not found')
  })

  it('is a 404 whatever stands for its id', async () => {
    for (const id of ['%00', 'a'.repeat(256), '%F0%9F%98%80', "'%20or%201=1", 'agent_0'])
      assertEnvelope(await server.send('GET', `/v1/agents/${id}`), 404, 'agent_not_found')
  })
})

describe('listing agents', () => {
  it('goes newest first through pages of the size asked for, each agent once (149, 150)', async () => {
    const ids: string[] = []
    for (let number = 0; number < 5; number++) ids.unshift((await created({ name: `Number ${number}` })).id)
    const pages: string[][] = []
    let cursor = ''
    for (let page = 0; page < 3; page++) {
      const { body } = await server.send('GET', `/v1/agents?limit=2&cursor=${cursor}`)
      assert.deepEqual(Object.keys(body), ['agents', 'has_more', 'response_metadata'])
      for (const agent of body.agents) assert.deepEqual(Object.keys(agent), ['id', 'name', 'created_at', 'updated_at'])
      pages.push(body.agents.map(({ id }: { id: string }) => id))
      cursor = body.response_metadata.next_cursor
      assert.equal(body.has_more, cursor !== '')
    }
    assert.deepEqual(pages.flat().slice(0, 5), ids)
  })

  it('ends with an empty cursor', async () => {
    const { body } = await server.send('GET', '/v1/agents?limit=200')
    assert.deepEqual([body.has_more, body.response_metadata.next_cursor], [false, ''])
  })

  it('has fifty on a page when nothing else is asked for', async () => {
    const one = await created()
    for (let more = 0; more < 50; more++)
      await store.agents.create(
        defaultAccountId,
        `agent_many_${more}`,
        (await store.agents.find(defaultAccountId, one.id))!,
      )
    const { body } = await server.send('GET', '/v1/agents')
    assert.deepEqual([body.agents.length, body.has_more], [50, true])
  })

  it('refuses a limit out of range and a cursor that it never gave', async () => {
    for (const limit of ['0', '201', 'many'])
      assertEnvelope(await server.send('GET', `/v1/agents?limit=${limit}`), 422, 'validation_error', 'limit')
    for (const cursor of ['nonsense', 'YWZ0ZXI6MTs', Buffer.from('after:1; drop table agents').toString('base64url')])
      assertEnvelope(await server.send('GET', `/v1/agents?cursor=${cursor}`), 422, 'validation_error', 'cursor')
  })
})

describe('a session that is to begin', () => {
  it('has the settings of its agent, without secrets, and its model with the key (35)', async () => {
    const agent = await created({
      greeting: 'Hello.',
      tools: [tool('a', [{ name: 'X-Key', value: 'hidden' }])],
      llm: [llm],
    })
    const loaded = sessionConfigOf((await store.agents.find(defaultAccountId, agent.id))!, server.secrets)
    assert.deepEqual(loaded.llm, { baseUrl: llm.base_url, model: llm.model, apiKey: llm.api_key })
    assert.deepEqual(Object.keys(loaded.config), [
      'system_prompt',
      'greeting',
      'input',
      'output',
      'tools',
      'llm',
      'pre_connect_requests',
    ])
    assert.deepEqual([loaded.config.greeting, loaded.config.output.voice], ['Hello.', 'alba'])
    assert.equal(loaded.config.tools[0]?.execution_mode, 'interactive')
    assert.deepEqual(loaded.config.llm, [{ base_url: llm.base_url, model: llm.model, api_key_ciphertext: '' }])
    assert.doesNotMatch(JSON.stringify(loaded.config), /hidden|sk-of/)
  })

  it('has the model of the server when its agent has none', async () => {
    const agent = await created()
    assert.equal(sessionConfigOf((await store.agents.find(defaultAccountId, agent.id))!, server.secrets).llm, undefined)
  })
})

describe('a request that cannot be read', () => {
  const raw = async (payload: string | Buffer, type: string, url = '/v1/agents') =>
    answerOf(
      await server.app.inject({
        method: 'POST',
        url,
        headers: { authorization: apiKey, 'content-type': type },
        payload,
      }),
    )

  it('is a 400 when it is not JSON, in whatever way', async () => {
    for (const payload of [
      '{',
      '{"name":}',
      '\ufeff',
      '{"__proto__":{"admin":true}}',
      'name=Ada',
      Buffer.from([0xff, 0xfe]),
    ])
      assertEnvelope(await raw(payload, 'application/json'), 400, 'invalid_request')
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])
      assertEnvelope(await raw('{}', type), 400, 'invalid_request')
  })

  it('is a 422 when it is JSON and no agent', async () => {
    for (const payload of ['[]', 'null', '"text"', '7', ''])
      assert.equal((await raw(payload, 'application/json')).status, 422, payload)
    const deep = `{"name":"a","system_prompt":"b","voice":{"voice_id":"alba"},"tools":[{"name":"t","parameters":${'{"a":'.repeat(80)}1${'}'.repeat(80)}}]}`
    assert.equal((await raw(deep, 'application/json')).status, 422)
  })

  it('is a 400 when it is nested deeper than anybody needs, also where nobody reads it', async () => {
    const nested = (levels: number) => `{"extra":${'['.repeat(levels)}${']'.repeat(levels)}}`
    const post = async (payload: string) =>
      answerOf(
        await server.app.inject({
          method: 'POST',
          url: '/v1/agents',
          headers: { authorization: apiKey, 'content-type': 'application/json', 'idempotency-key': 'deep' },
          payload,
        }),
      )
    assertEnvelope(await post(nested(99)), 422, 'validation_error', 'name')
    for (const levels of [101, 200_000]) {
      const answer = await post(nested(levels))
      assertEnvelope(answer, 400, 'invalid_request')
      assert.match(answer.body.message, /nested more than 100 levels/)
    }
  })

  it('is a 413 when it is too long', async () => {
    assertEnvelope(
      await raw(JSON.stringify({ ...minimal, system_prompt: 'a'.repeat(1_048_577) }), 'application/json'),
      413,
      'payload_too_large',
    )
  })
})

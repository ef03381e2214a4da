import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '../../dist/engines/engine.js'
import { Recent } from '../../dist/engines/kit/recent.js'
import { llmSuite } from '../../dist/engines/kit/suite-llm.js'
import { withAgentEndpoints } from '../../dist/engines/llm/agent-endpoints.js'
import { createOpenaiLlm, OpenaiOptions, openaiLlm } from '../../dist/engines/llm/openai.js'
import { MAX_REPLY_CHARACTERS } from '../../dist/engines/llm/openai-chunk.js'
import { scriptedLlm } from '../../dist/engines/llm/scripted.js'
import { arrival, bench, endless, KEY, never, outcome, outputs, passing, request, textOf } from './openai-kit.js'
import { fakeServer, type Script } from './openai-server.js'

const context = { dataDir: '.', log: () => {} }

const against = async (script: Script) => {
  const server = await fakeServer(script)
  const options = OpenaiOptions.parse({ apiKey: KEY, baseUrl: server.baseUrl, model: 'tiny' })
  return { llm: createOpenaiLlm(options, context), secret: KEY, stop: () => server.stop() }
}
llmSuite(
  'openai',
  () => against(({ answer }) => answer.says('Yes, ', 'there ', 'is ', 'bread.').done()),
  () =>
    against(({ answer, body: { tools, messages } }) => {
      if (tools === undefined || /"role":"tool"/.test(JSON.stringify(messages))) return answer.says('Sunny.').done()
      const call = { name: 'get_weather', arguments: '{"city":' }
      answer.delta({ tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: call }] })
      answer.delta({ tool_calls: [{ index: 0, function: { arguments: '"Paris"}' } }] })
      answer.done('tool_calls')
    }),
)

test('a request is a streamed chat completion with the key, and with the session and the agent in headers', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.says('Yes.').done())
  await outputs(llm.open(request, never()))
  const { url, headers, body } = server.requests[0]!
  assert.equal(url, '/v1/chat/completions')
  assert.equal(headers.authorization, `Bearer ${KEY}`)
  assert.equal(headers['x-session-id'], 'sess_abc')
  assert.equal(headers['x-agent-id'], 'agent_def')
  assert.deepEqual(body, {
    model: 'tiny',
    messages: request.messages,
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('a session without an agent sends no agent header, a server without keys gets none', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.says('Yes.').done(), { apiKey: undefined })
  await outputs(llm.open({ ...request, agentId: undefined }, never()))
  assert.equal('x-agent-id' in server.requests[0]!.headers, false)
  assert.equal('authorization' in server.requests[0]!.headers, false)
})

test('what the environment holds for OpenAI is not sent to other endpoints', async (t) => {
  const names = ['OPENAI_ORG_ID', 'OPENAI_PROJECT_ID', 'OPENAI_ADMIN_KEY'] as const
  for (const name of names) process.env[name] = `secret of ${name}`
  t.after(() => {
    for (const name of names) delete process.env[name]
  })
  const { llm, server } = await bench(t, ({ answer }) => answer.says('Yes.').done())
  await outputs(llm.open(request, never()))
  const { headers } = server.requests[0]!
  assert.doesNotMatch(JSON.stringify(headers), /secret of/)
  assert.equal('openai-organization' in headers || 'openai-project' in headers, false)
})

test('tools are offered in the standard form, with a free choice, and their history is retold', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.says('Yes.').done())
  const parameters = { type: 'object', properties: { kind: { type: 'string' } }, required: [] }
  await outputs(
    llm.open(
      {
        ...request,
        tools: [
          { name: 'find_bread', description: 'Finds bread.', parameters, timeoutSeconds: 3, executionMode: 'hold' },
        ],
        messages: [
          ...request.messages,
          { role: 'assistant', content: '', toolCalls: [{ callId: 'c1', name: 'find_bread', arguments: '{}' }] },
          { role: 'tool', callId: 'c1', content: '"rye"' },
          { role: 'assistant', content: '' },
        ],
      },
      never(),
    ),
  )
  const { body } = server.requests[0]!
  assert.equal(body.tool_choice, 'auto')
  assert.deepEqual(body.tools, [
    { type: 'function', function: { name: 'find_bread', description: 'Finds bread.', parameters } },
  ])
  assert.deepEqual(body.messages, [
    ...request.messages,
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find_bread', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '"rye"' },
  ])
})

test('an agent’s own model is asked at its own address, with its own key, and gets tools in the contract’s form', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.says('Configured.').done())
  const other = await fakeServer(({ answer }) => answer.says('Its own.').done())
  t.after(() => other.stop())
  const endpoint = { baseUrl: other.baseUrl, model: 'mine', apiKey: 'sk-mine' }
  const tools = [{ name: 'a', description: 'b', parameters: {}, timeoutSeconds: 9, executionMode: 'hold' as const }]
  assert.equal(textOf(await outputs(llm.open({ ...request, endpoint, tools }, never()))), 'Its own.')
  assert.equal(server.requests.length, 0)
  const { headers, body } = other.requests[0]!
  assert.equal(headers.authorization, 'Bearer sk-mine')
  assert.equal(body.model, 'mine')
  assert.deepEqual(body.tools, [
    {
      type: 'function',
      function: {
        type: 'function',
        name: 'a',
        description: 'b',
        parameters: {},
        timeout_seconds: 9,
        execution_mode: 'hold',
      },
    },
  ])
})

test('requests that name an endpoint go there, all others to the server’s own model', async (t) => {
  const { llm } = await bench(t, ({ answer }) => answer.says('Theirs.').done())
  const server = await fakeServer(({ answer }) => answer.says('Theirs.').done())
  t.after(() => server.stop())
  const both = withAgentEndpoints(
    scriptedLlm(() => 'Ours.'),
    llm,
  )
  const endpoint = { baseUrl: server.baseUrl, model: 'm', apiKey: 'k' }
  assert.equal(textOf(await outputs(both.open(request, never()))), 'Ours.')
  assert.equal(textOf(await outputs(both.open({ ...request, endpoint }, never()))), 'Theirs.')
  await both.close()
  await assert.rejects(outputs(both.open({ ...request, endpoint }, never())), EngineError)
})

test('what is not used for longest makes room', () => {
  const recent = new Recent<string, object>(2)
  const first = recent.get('a', () => ({}))
  recent.get('b', () => ({}))
  assert.equal(
    recent.get('a', () => ({})),
    first,
  )
  recent.get('c', () => ({}))
  assert.equal(recent.size, 2)
  assert.equal(
    recent.get('a', () => ({})),
    first,
  )
})

test('an abort tears the HTTP request down, before the first word and after', async (t) => {
  const { llm, server } = await bench(t, ({ answer }, count) => void (count === 1 && answer.says('Well, ')))
  for (const words of [0, 1]) {
    const stop = new AbortController()
    const reply = llm.open(request, stop.signal)[Symbol.asyncIterator]()
    if (words === 1) assert.deepEqual(await reply.next(), { done: false, value: { type: 'wrote', text: 'Well, ' } })
    const next = reply.next()
    const { closed } = await server.request(words)
    stop.abort()
    assert.equal((await next).done, true)
    await closed
  }
})

test('a reader who leaves tears the HTTP request down', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => void answer.says('Well, '))
  for await (const output of llm.open(request, never())) {
    assert.ok(output)
    break
  }
  await server.requests[0]!.closed
})

test('a slow reader is not mistaken for a silent server', async (t) => {
  const { llm, clock } = await bench(t, ({ answer }) => answer.says('One ', 'two.').done())
  const reply = llm.open(request, never())[Symbol.asyncIterator]()
  await reply.next()
  await clock.to(60_000)
  assert.deepEqual(await reply.next(), { done: false, value: { type: 'wrote', text: 'two.' } })
  assert.equal((await reply.next()).done, true)
  assert.equal(clock.pending, 0)
})

test('a model that writes nothing in time is asked again, then it is a time-out', async (t) => {
  const { llm, server, clock } = await bench(t, () => {}, { maxRetries: 1 })
  const ended = outcome(llm.open(request, never()))
  await server.request(0)
  await clock.to(4_999)
  assert.equal(server.requests.length, 1)
  await clock.to(5_000)
  await passing(clock, server.request(1))
  const { failure, text } = await passing(clock, ended)
  assert.equal(text, '')
  assert.equal(failure?.code, 'llm_timeout')
  assert.equal(failure?.retryable, true)
  assert.match(failure?.message ?? '', /5 s/)
  assert.equal(server.requests.length, 2)
})

test('a model that falls silent in the middle is a time-out after five seconds', async (t) => {
  const { llm, clock } = await bench(t, ({ answer }) => void answer.says('Well, '), { maxRetries: 0 })
  const reply = llm.open(request, never())[Symbol.asyncIterator]()
  await reply.next()
  const next = reply.next()
  let isOver = false
  next.catch(() => {
    isOver = true
  })
  await clock.to(4_999)
  assert.equal(isOver, false)
  await clock.to(5_000)
  await assert.rejects(next, /fell silent for 5 s/)
})

test('thinking aloud counts as a sign of life and is not spoken', async (t) => {
  const { llm, clock, server } = await bench(t, ({ answer }) => void answer.delta({ reasoning_content: 'Hm.' }))
  const ended = outcome(llm.open(request, never()))
  const { answer } = await server.request(0)
  // each time the engine waits anew, its alarm moves
  for (let at = 4_000; at <= 20_000; at += 4_000) {
    answer.delta({ reasoning: 'Hm.', content: null })
    await arrival()
    await clock.to(at)
  }
  answer.says('Yes.').done()
  assert.deepEqual(await ended, { all: [{ type: 'wrote', text: 'Yes.' }], text: 'Yes.', failure: undefined })
})

for (const status of [500, 502, 503, 429, 408]) {
  test(`a ${status} before the first word is tried again up to three times`, async (t) => {
    const { llm, server, clock } = await bench(t, ({ answer }) => answer.refuse(status), endless)
    const { failure } = await passing(clock, outcome(llm.open(request, never())))
    assert.equal(failure?.statusCode, status)
    assert.equal(failure?.retryable, true)
    assert.equal(server.requests.length, 4)
  })
}

test('a server that recovers is not noticed', async (t) => {
  const { llm, clock, log } = await bench(
    t,
    ({ answer }, count) => (count < 2 ? answer.refuse(503) : answer.says('Yes.').done()),
    endless,
  )
  const { text, failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.equal(text, 'Yes.')
  assert.equal(failure, undefined)
  assert.equal(log.filter(({ level }) => level === 'warn').length, 2)
})

test('the pauses between attempts grow', async (t) => {
  const { llm, server, clock } = await bench(t, ({ answer }) => answer.refuse(503), endless)
  const ended = outcome(llm.open(request, never()))
  const times: number[] = []
  for (let count = 0; count < 4; count += 1) {
    let hasCome = false
    void server.request(count).then(() => {
      hasCome = true
    })
    while (!hasCome) await clock.to(clock.now() + 10)
    times.push(clock.now())
  }
  await passing(clock, ended)
  // with a quarter of chance: 188 to 250, 375 to 500, 750 to 1000 ms, and what real sockets take
  assert.ok(times[1]! - times[0]! >= 180)
  assert.ok(times[2]! - times[1]! >= 370)
  assert.ok(times[3]! - times[2]! >= 740)
})

test('Retry-After is waited for, unless nobody would wait that long', async (t) => {
  for (const [headers, attempts] of [
    [{ 'retry-after': '2' }, 2],
    [{ 'retry-after-ms': '1500' }, 2],
    [{ 'retry-after': '3600' }, 1],
  ] as const) {
    const { llm, server, clock } = await bench(t, ({ answer }) => answer.refuse(429, {}, headers), {
      ...endless,
      maxRetries: 1,
    })
    const ended = outcome(llm.open(request, never()))
    await server.request(0)
    await clock.to(1_400)
    assert.equal(server.requests.length, 1)
    const { failure } = await passing(clock, ended)
    assert.equal(failure?.code, 'llm_rate_limited')
    assert.equal(server.requests.length, attempts)
  }
})

test('an abort during the pause ends the waiting', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.refuse(503), endless)
  const stop = new AbortController()
  const ended = outcome(llm.open(request, stop.signal))
  await (await server.request(0)).closed
  await arrival()
  stop.abort()
  assert.deepEqual(await ended, { all: [], text: '', failure: undefined })
  assert.equal(server.requests.length, 1)
})

test('a reply that breaks off is continued when the second attempt repeats it, and no word is spoken twice', async (t) => {
  const { llm, clock, server } = await bench(
    t,
    ({ answer }, count) => {
      if (count === 1) return answer.says('We ', 'open at se', 'ven, every day.').done()
      answer.says('We open ', 'at')
      answer.breakOff()
    },
    endless,
  )
  const { text, failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.equal(text, 'We open at seven, every day.')
  assert.equal(failure, undefined)
  assert.equal(server.requests.length, 2)
})

for (const [how, second] of [
  ['says something else', 'Our doors open at seven.'],
  ['is shorter', 'We'],
] as const) {
  test(`a reply that breaks off is an error when the second attempt ${how}`, async (t) => {
    const { llm, clock, server } = await bench(
      t,
      ({ answer }, count) => {
        if (count > 0) return answer.says(second).done()
        answer.says('We open ')
        answer.breakOff()
      },
      endless,
    )
    const { text, failure } = await passing(clock, outcome(llm.open(request, never())))
    assert.equal(text, 'We open ')
    assert.equal(failure?.code, 'llm_connection_lost')
    assert.equal(server.requests.length, 2)
  })
}

test('a reply that breaks off twice is an error', async (t) => {
  const { llm, clock, server } = await bench(
    t,
    ({ answer }) => {
      answer.says('We open ')
      answer.breakOff()
    },
    endless,
  )
  const { text, failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.equal(text, 'We open ')
  assert.equal(failure?.code, 'llm_connection_lost')
  assert.equal(server.requests.length, 2)
})

test('a stream that is closed in good order without a reason and without a mark was cut: it is asked for again', async (t) => {
  const whole = 'We open at "data: [DONE]", every day.'
  const { llm, clock, server } = await bench(
    t,
    ({ answer }, count) => (count > 0 ? answer.says(whole).done() : answer.says(whole.slice(0, 28)).end()),
    endless,
  )
  const { text, failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.deepEqual([text, failure, server.requests.length], [whole, undefined, 2])
})

test('a stream that is cut each time is an error, and the calls in it are not made', async (t) => {
  const cut: Script = ({ answer }) => answer.says('One moment. ').calls(0, 'call_1', 'order').end()
  const { llm, clock } = await bench(t, cut, endless)
  const { all, failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.deepEqual([all, failure?.code], [[{ type: 'wrote', text: 'One moment. ' }], 'llm_connection_lost'])
})

test('a reason without a mark is an end, and so is a mark without a reason, however it is cut into packets', async (t) => {
  const { llm } = await bench(t, async ({ answer }, count) => {
    answer.says('Yes.')
    if (count === 0) return answer.delta({}, 'stop').end()
    for (const letter of 'data: [DONE]\n\n') {
      answer.raw(letter)
      await arrival()
    }
    answer.end()
  })
  for (let n = 0; n < 2; n += 1)
    assert.deepEqual(await outputs(llm.open(request, never())), [{ type: 'wrote', text: 'Yes.' }])
})

test('a tool call is made once, even when the line breaks within it', async (t) => {
  const { llm, clock } = await bench(
    t,
    ({ answer }, count) => {
      answer.delta({ tool_calls: [{ index: 0, id: `c${count}`, function: { name: 'find', arguments: '{"a":' } }] })
      if (count === 0) return answer.breakOff()
      answer.delta({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }).done('tool_calls')
    },
    endless,
  )
  const { all } = await passing(clock, outcome(llm.open(request, never())))
  assert.deepEqual(all, [{ type: 'called', callId: 'c1', name: 'find', arguments: '{"a":1}' }])
})

const refusals: readonly (readonly [number, unknown, string, RegExp])[] = [
  [
    401,
    { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' },
    'llm_unauthorized',
    /OPENAI_API_KEY/,
  ],
  [403, { message: 'no' }, 'llm_unauthorized', /OPENAI_API_KEY/],
  [404, { message: 'model not found', code: 'model_not_found' }, 'llm_model_not_found', /"tiny".*PARLEY_LLM_MODEL/],
  [400, { message: 'You said: Is there bread?', type: 'invalid_request_error' }, 'llm_request_refused', /400/],
  [402, {}, 'llm_no_credit', /balance/],
  [422, { code: 'no bread, please' }, 'llm_request_refused', /422/],
]
for (const [status, error, code, message] of refusals) {
  test(`a ${status} is not tried again, and says what to do`, async (t) => {
    const { llm, server, clock } = await bench(t, ({ answer }) => answer.refuse(status, error), endless)
    const { failure } = await passing(clock, outcome(llm.open(request, never())))
    assert.equal(server.requests.length, 1)
    assert.equal(failure?.code, code)
    assert.equal(failure?.statusCode, status)
    assert.equal(failure?.retryable, false)
    assert.match(failure?.message ?? '', message)
    assert.match(failure?.message ?? '', /127\.0\.0\.1/)
    assert.doesNotMatch(JSON.stringify(failure), /sk-very|bread/)
  })
}

test('a failure of an agent’s own model points to the agent, and shows nothing of its key', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => answer.refuse(401, { code: 'invalid_api_key' }))
  const baseUrl = `${server.baseUrl}?token=hidden`
  const { failure } = await outcome(
    llm.open({ ...request, endpoint: { baseUrl, model: 'm', apiKey: 'sk-agents' } }, never()),
  )
  assert.match(failure?.message ?? '', /`api_key` in the agent's llm entry/)
  assert.equal(failure?.providerCode, 'invalid_api_key')
  assert.doesNotMatch(JSON.stringify(failure), /sk-agents|hidden/)
})

test('nothing that was said, and no key, is in the log', async (t) => {
  const { llm, clock, log } = await bench(t, ({ answer }) => answer.refuse(500, { message: `bread ${KEY}` }), endless)
  await passing(clock, outcome(llm.open(request, never())))
  assert.equal(log.length, 4)
  assert.doesNotMatch(JSON.stringify(log), /bread|sk-very/)
})

test('a server that is not there is named, with what to check', async (t) => {
  const { llm, clock, server } = await bench(t, () => {}, endless)
  await server.stop()
  const { failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.equal(failure?.code, 'llm_unreachable')
  assert.equal(failure?.providerCode, 'ECONNREFUSED')
  assert.match(failure?.message ?? '', /Is the server running there\? Check OPENAI_BASE_URL/)
})

for (const [what, text, type] of [
  ['a web page', '<html><body>Please log in</body></html>', 'text/html'],
  ['a stream of garbage', 'data: {"choices": [{"del\n\n', 'text/event-stream'],
  ['a stream of something else', 'data: {"choices": "none"}\n\n', 'text/event-stream'],
  ['a stream of numbers', 'data: 7\n\n', 'text/event-stream'],
  ['nothing', '', 'text/event-stream'],
  ['only the end', 'data: [DONE]\n\n', 'text/event-stream'],
] as const) {
  test(`${what} instead of events is an error that says where to look`, async (t) => {
    const { llm, clock } = await bench(t, ({ answer }) => answer.raw(text, type).end(), endless)
    const { failure } = await passing(clock, outcome(llm.open(request, never())))
    assert.equal(failure?.code, 'llm_bad_response')
    assert.match(failure?.message ?? '', /\/v1/)
  })
}

test('an error within the stream is an error, with its own code', async (t) => {
  const { llm, clock } = await bench(
    t,
    ({ answer }) => answer.event({ error: { message: 'bread is out', code: 503, type: 'overloaded' } }).end(),
    endless,
  )
  const { failure } = await passing(clock, outcome(llm.open(request, never())))
  assert.equal(failure?.code, 'llm_unavailable')
  assert.equal(failure?.statusCode, 503)
  assert.doesNotMatch(failure?.message ?? '', /bread/)
})

test('an endless reply is cut, and its request torn down', async (t) => {
  const { llm, server } = await bench(t, ({ answer }) => {
    for (let n = 0; n < 600; n += 1) answer.says('bread and butter '.repeat(10))
  })
  const text = textOf(await outputs(llm.open(request, never())))
  assert.equal(text.length, MAX_REPLY_CHARACTERS)
  await server.requests[0]!.closed
})

test('an empty reply is no error', async (t) => {
  const { llm } = await bench(t, ({ answer }) => answer.delta({ role: 'assistant', content: '' }).done())
  assert.deepEqual(await outputs(llm.open(request, never())), [])
})

test('what the reply cost is logged', async (t) => {
  const { llm, log } = await bench(t, ({ answer }) => {
    answer.says('Yes.').delta({}, 'stop')
    answer
      .event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 2 } })
      .raw('data: [DONE]\n\n')
      .end()
  })
  await outputs(llm.open(request, never()))
  assert.deepEqual(log.at(-1)?.fields, { promptTokens: 12, completionTokens: 2, finishReason: 'stop' })
})

test('without a key the public endpoint is refused at the start, a server of one’s own is not', async () => {
  await assert.rejects(openaiLlm.create(OpenaiOptions.parse({}), context), /OPENAI_API_KEY/)
  const own = await openaiLlm.create(OpenaiOptions.parse({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'm' }), context)
  assert.match(own.info.description, /"m" at http:\/\/127\.0\.0\.1:11434\/v1/)
  await own.close()
})

for (const baseUrl of ['my server', 'ftp://models/v1', 'http://user:hidden@127.0.0.1/v1']) {
  test(`the address "${baseUrl}" is an error that says where to correct it`, async (t) => {
    const { llm } = await bench(t, () => {})
    const { failure } = await outcome(llm.open({ ...request, endpoint: { baseUrl, model: 'm', apiKey: 'k' } }, never()))
    assert.match(failure?.message ?? '', /must be an http or https URL.*`base_url` in the agent's llm entry/)
    assert.doesNotMatch(failure?.message ?? '', /hidden/)
  })
}

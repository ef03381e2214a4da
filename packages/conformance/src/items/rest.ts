// Stored agents over REST (143-160).
import { randomUUID } from 'node:crypto'
import type { Context } from '../context.js'
import { type Fields, like, list, must, object, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { answersWith } from '../kit/callbacks.js'
import { callsThenSays } from '../kit/model.js'
import { type Answer, status } from '../wire/rest.js'

const minimal = { name: 'Conformance', system_prompt: 'Be brief.', voice: { voice_id: 'alba' } }
const naive = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/

/** The suite's own address: the server accepts it, but is never asked to go there. */
const elsewhere = (context: Context) => context.endpoint((_, response) => void response.end()).url

const llmOf = (context: Context) => ({
  base_url: `${elsewhere(context)}/v1`,
  model: 'tiny',
  api_key: 'sk-conformance-secret',
})

async function put(context: Context, id: string, body: Fields): Promise<Fields> {
  return status(await context.rest('PUT', `/v1/agents/${id}`, { body }), 200, `PUT ${show(body)}`).body
}

const read = async (context: Context, id: string): Promise<Fields> =>
  status(await context.rest('GET', `/v1/agents/${id}`), 200, 'GET').body

const refused = async (context: Context, body: Fields): Promise<Answer> =>
  status(await context.create('/v1/agents', body), 422, `POST /v1/agents ${show(body)}`)

const headersOf = (agent: Fields): readonly unknown[] => {
  const { http } = object(list(agent.tools, 'tools')[0], 'tools[0]')
  return list(object(http, 'http').headers, 'headers').map((header) => object(header, 'a header').name)
}

const toolWith = (url: string, ...headers: readonly Fields[]) => ({
  tools: [{ name: 'get_order', description: 'Looks an order up.', http: { url, http_method: 'GET', headers } }],
})

export const rest: Chapter = {
  heading: 'REST: agents',
  items: [
    {
      number: 143,
      source: 'doc',
      title: '`POST /v1/agents` answers 201 with the full record.',
      async run(context) {
        const agent = await context.agent({ greeting: 'Hi.' })
        for (const [key, value] of Object.entries({ ...minimal, greeting: 'Hi.', tools: [], llm: [] }))
          same(agent[key], value, key)
        for (const key of ['id', 'input', 'output', 'pre_connect_requests', 'created_at', 'updated_at'])
          must(key in agent, `no ${key}`)
      },
    },
    {
      number: 144,
      source: 'doc',
      title: 'Missing `name`, `system_prompt` or `voice`: 422 `validation_error`.',
      async run(context) {
        for (const key of ['name', 'system_prompt', 'voice'])
          same(
            (await refused(context, { ...minimal, [key]: undefined })).body.code,
            'validation_error',
            `the code without ${key}`,
          )
      },
    },
    {
      number: 145,
      source: 'observed',
      title: 'A bad voice: 422 with code, message, param `voice`, request_id, errors[], detail[].',
      async run(context) {
        const { body } = await refused(context, { ...minimal, voice: { voice_id: 'not_a_voice' } })
        same([body.code, body.param], ['validation_error', 'voice'], 'code and param')
        like(body.message, /^voice: Invalid voice 'not_a_voice'\. Must be one of: /, 'message')
        string(body.request_id, 'request_id')
        same(object(list(body.errors, 'errors')[0], 'errors[0]').param, 'voice', 'errors[0].param')
        const { type, loc, msg } = object(list(body.detail, 'detail')[0], 'detail[0]')
        same([type, loc], ['value_error', ['body', 'voice']], 'type and loc of detail[0]')
        like(msg, /Invalid voice 'not_a_voice'/, 'detail[0].msg')
      },
    },
    {
      number: 146,
      source: 'observed',
      title: 'Ids of created agents are `agent_` and 32 hex digits.',
      run: async (context) => void like((await context.agent()).id, /^agent_[0-9a-f]{32}$/, 'id'),
    },
    {
      number: 147,
      source: 'observed',
      title: 'Defaults for input and output are filled in the response.',
      async run(context) {
        const { input, output } = await context.agent()
        const format = { encoding: 'audio/pcm', sample_rate: 24_000 }
        const [heard, spoken] = [object(input, 'input'), object(output, 'output')]
        same(
          [heard.type, heard.format, heard.turn_detection, heard.keyterms],
          ['audio', format, null, null],
          'type, format, turn_detection, keyterms of input',
        )
        same([spoken.type, spoken.format, spoken.volume], ['audio', format, null], 'type, format, volume of output')
      },
    },
    {
      number: 148,
      source: 'observed',
      title: '`created_at` is naive ISO with microseconds.',
      async run(context) {
        const { created_at, updated_at } = await context.agent()
        for (const time of [created_at, updated_at]) like(time, naive, 'a time')
      },
    },
    {
      number: 149,
      source: 'observed',
      title: 'The list gives `agents`, `has_more`, `response_metadata.next_cursor`, newest first.',
      async run(context) {
        const older = await context.agent()
        const newer = await context.agent()
        const page = async (query: string) =>
          status(await context.rest('GET', `/v1/agents${query}`), 200, 'GET /v1/agents').body
        const seen: unknown[] = []
        for (let cursor = ''; ; ) {
          const body = await page(`?limit=2${cursor}`)
          seen.push(...list(body.agents, 'agents').map((agent) => object(agent, 'an agent').id))
          must(typeof body.has_more === 'boolean', `has_more is ${show(body.has_more)}`)
          const next = string(object(body.response_metadata, 'response_metadata').next_cursor, 'next_cursor')
          must(body.has_more === (next !== ''), `has_more ${body.has_more} with next_cursor ${show(next)}`)
          if (!body.has_more || (seen.includes(older.id) && seen.includes(newer.id))) break
          cursor = `&cursor=${encodeURIComponent(next)}`
        }
        must(
          seen.indexOf(newer.id) >= 0 && seen.indexOf(newer.id) < seen.indexOf(older.id),
          'the newer agent does not come first',
        )
        must(new Set(seen).size === seen.length, 'an agent on two pages')
      },
    },
    {
      number: 150,
      source: 'observed',
      title: 'Items of the list have only id, name, created_at, updated_at.',
      async run(context) {
        await context.agent()
        const { agents } = status(await context.rest('GET', '/v1/agents'), 200, 'GET /v1/agents').body
        for (const agent of list(agents, 'agents'))
          same(
            Object.keys(object(agent, 'an agent')).sort(),
            ['created_at', 'id', 'name', 'updated_at'],
            'the keys of an item',
          )
      },
    },
    {
      number: 151,
      source: 'doc',
      title: '`PUT` keeps omitted fields.',
      async run(context) {
        const { id, updated_at: _, ...agent } = await context.agent({ greeting: 'Hi.', input: { keyterms: ['rye'] } })
        const { updated_at, ...changed } = await put(context, id, { name: 'Changed' })
        same(changed, { ...agent, id, name: 'Changed' }, 'the record')
        like(updated_at, naive, 'updated_at')
        same((await put(context, id, { greeting: null })).greeting, null, 'greeting after null')
      },
    },
    {
      number: 152,
      source: 'doc',
      title: '`PUT` with `tools` replaces the list; a header named without a value keeps its secret.',
      async run(context) {
        const orders = context.endpoint(answersWith({ state: 'sent' }))
        const { id } = await context.agent({
          ...toolWith(orders.url, { name: 'X-One', value: 'secret-one' }),
          llm: [context.model(callsThenSays([{ calls: 'get_order' }], 'It is on its way.')).entry],
        })
        const kept = await put(
          context,
          id,
          toolWith(orders.url, { name: 'X-One' }, { name: 'X-Two', value: 'secret-two' }),
        )
        same(headersOf(kept), ['X-One', 'X-Two'], 'the headers')
        must(!JSON.stringify(kept).includes('secret-'), 'a value of a header in the answer')
        const peer = await context.ready({ agent_id: id })
        peer.send({ type: 'reply.create' })
        const { headers } = (await orders.called())[0]!
        same([headers['x-one'], headers['x-two']], ['secret-one', 'secret-two'], 'the headers of a call of the tool')
        await peer.end()
        const { tools } = await put(context, id, { tools: [{ name: 'other', description: 'Other.' }] })
        same(
          list(tools, 'tools').map((tool) => object(tool, 'a tool').name),
          ['other'],
          'the tools',
        )
      },
    },
    {
      number: 153,
      source: 'doc',
      title: '`PUT` with `remove: true` deletes a header.',
      async run(context) {
        const url = `${elsewhere(context)}/orders`
        const { id } = await context.agent(toolWith(url, { name: 'X-One', value: 'a' }, { name: 'X-Two', value: 'b' }))
        await put(context, id, toolWith(url, { name: 'X-One', remove: true }, { name: 'X-Two' }))
        same(headersOf(await read(context, id)), ['X-Two'], 'the headers')
      },
    },
    {
      number: 154,
      source: 'observed',
      title: '`PUT` of the body of a GET, less id and dates, succeeds and changes nothing.',
      async run(context) {
        const made = await context.agent({
          ...toolWith(`${elsewhere(context)}/orders`, { name: 'X-One', value: 'a' }),
          llm: [llmOf(context)],
          greeting: 'Hi.',
        })
        const { id, created_at: _, updated_at: _updated, ...body } = await read(context, made.id)
        const { updated_at: _later, ...after } = await put(context, string(id, 'id'), body)
        same(after, { id, created_at: made.created_at, ...body }, 'the record')
      },
    },
    {
      number: 155,
      source: 'doc',
      title: '`PUT {"llm":[]}` returns to the managed model.',
      async run(context) {
        const { id } = await context.agent({ llm: [llmOf(context)] })
        same((await put(context, id, { llm: [] })).llm, [], 'llm')
        same((await read(context, id)).llm, [], 'llm of the stored agent')
      },
    },
    {
      number: 156,
      source: 'doc',
      title: 'More than one `llm` entry: 422.',
      async run(context) {
        const llm = llmOf(context)
        same((await refused(context, { ...minimal, llm: [llm, llm] })).body.code, 'validation_error', 'the code')
      },
    },
    {
      number: 157,
      source: 'doc',
      title: '`api_key` is never returned.',
      async run(context) {
        const llm = llmOf(context)
        const made = await context.agent({ llm: [llm] })
        const answers = [
          made,
          await read(context, made.id),
          await put(context, made.id, { name: 'Changed', llm: [llm] }),
        ]
        for (const { llm: shown } of answers) same(shown, [{ base_url: llm.base_url, model: llm.model }], 'llm')
        const peer = await context.ready({ agent_id: made.id })
        must(!peer.received.some(({ text }) => text.includes(llm.api_key)), 'the key of the model in a frame')
        await peer.end()
      },
    },
    {
      number: 158,
      source: 'doc',
      title: '`DELETE` gives 204, then GET 404 `agent_not_found`.',
      async run(context) {
        const { id } = await context.agent()
        const answer = status(await context.rest('DELETE', `/v1/agents/${id}`), 204, 'DELETE')
        same(answer.text, '', 'the body of DELETE')
        const gone = status(await context.rest('GET', `/v1/agents/${id}`), 404, 'GET')
        same(gone.body.code, 'agent_not_found', 'the code')
        status(await context.rest('DELETE', `/v1/agents/${id}`), 404, 'DELETE again')
      },
    },
    {
      number: 159,
      source: 'observed',
      title: '`Idempotency-Key` replays the first response.',
      async run(context) {
        const headers = { 'idempotency-key': randomUUID() }
        const post = (name: string) => context.rest('POST', '/v1/agents', { body: { ...minimal, name }, headers })
        const first = status(await post('Once'), 201, 'POST /v1/agents')
        const again = await post('Once')
        await context.rest('DELETE', `/v1/agents/${first.body.id}`)
        same([again.status, again.body], [201, first.body], 'the answer to the same request')
        const other = await post('Twice')
        must([409, 422].includes(other.status), `${other.status} for another body with the same key`)
        same(other.body.code, 'idempotency_key_reuse', 'the code')
      },
    },
    {
      number: 160,
      source: 'observed',
      title: 'Error responses carry `X-Request-Id`, which repeats `request_id`.',
      async run(context) {
        for (const [method, path, body] of [
          ['GET', '/v1/agents/nobody'],
          ['POST', '/v1/agents', {}],
          ['GET', '/v1/nowhere'],
        ] as const) {
          const answer = await context.rest(method, path, { body })
          must(answer.status >= 400, `${answer.status} for ${method} ${path}`)
          same(answer.headers.get('x-request-id'), answer.body.request_id, `X-Request-Id of ${method} ${path}`)
          string(answer.body.request_id, 'request_id')
        }
      },
    },
  ],
}

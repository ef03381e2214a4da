// Tools that the server itself calls over HTTP (135-141).
import type { Context } from '../context.js'
import { type Fields, must, same, show } from '../expect.js'
import type { Item } from '../item.js'
import { type Answering, answersWith } from '../kit/callbacks.js'
import { callsThenSays } from '../kit/model.js'
import { replied } from '../kit/scenes.js'

const AFTER = 'Your order is on its way.'
const SECRET = 'secret-of-the-suite-0123456789'
const KIBIBYTE = 1024
/** What is cut may be marked as such. */
const MARK_BYTES = 200

interface HttpCall {
  readonly answering: Answering
  readonly method?: string
  readonly query?: string
  readonly arguments?: Fields
  readonly tool?: Fields
}

/** A session in which the model calls the tool once; its end, and everything that was seen. */
async function ran(context: Context, { answering, method = 'POST', query = '', arguments: args, tool = {} }: HttpCall) {
  const endpoint = context.endpoint(answering)
  const headers = [{ name: 'X-Suite-Key', value: SECRET }]
  const properties = Object.fromEntries(Object.keys(args ?? {}).map((name) => [name, { type: 'string' }]))
  const { peer, model, agentId } = await context.modelled(
    callsThenSays([{ calls: 'get_order', arguments: args ?? {}, id: 'call_a' }], AFTER),
    {
      tools: [
        {
          name: 'get_order',
          description: 'Looks an order up.',
          parameters: { type: 'object', properties, required: Object.keys(properties) },
          http: { url: `${endpoint.url}/orders${query}`, http_method: method, headers },
          ...tool,
        },
      ],
    },
  )
  const values = Object.values(args ?? {}).join(', ')
  if (values) peer.send({ type: 'conversation.message', role: 'user', content: `It is about ${values}.` })
  peer.on((frame) => {
    if (frame.type === 'tool.call')
      peer.send({ type: 'tool.result', call_id: frame.call_id, result: '"from the client"' })
  })
  const text = peer.next('transcript.agent', (frame) => frame.text === AFTER)
  peer.send({ type: 'reply.create' })
  const { reply_id } = await text
  await peer.first('reply.done', (frame) => frame.reply_id === reply_id)
  same(peer.of('session.error'), [], 'errors')
  const told = model.requests.at(-1)?.messages.filter(({ callId }) => callId === 'call_a') ?? []
  same(told.length, 1, 'the number of results that the model was told')
  return { peer, model, agentId, calls: endpoint.calls, told: told[0]!.content }
}

export const httpTools: readonly Item[] = [
  {
    number: 135,
    source: 'doc',
    title: 'An HTTP GET tool merges its arguments into the query that the URL has.',
    async run(context) {
      const args = { order_id: 'A 1&2' }
      const { calls, told } = await ran(context, {
        answering: answersWith({ state: 'sent' }),
        method: 'GET',
        query: '?src=voice',
        arguments: args,
      })
      same(calls.length, 1, 'the number of requests')
      same([calls[0]?.method, calls[0]?.path.split('?')[0]], ['GET', '/orders'], 'method and path')
      same(Object.fromEntries(calls[0]!.query), { src: 'voice', ...args }, 'the query')
      same(calls[0]?.headers['x-suite-key'], SECRET, 'the configured header')
      must(told.includes('"state":"sent"'), `the model was told ${show(told)}`)
    },
  },
  {
    number: 136,
    source: 'observed',
    title: 'An HTTP POST tool sends the object of its arguments; `{}` when there are none.',
    async run(context) {
      for (const args of [{ order_id: 'A1' }, {}]) {
        const { calls } = await ran(context, { answering: answersWith({ state: 'sent' }), arguments: args })
        same(
          calls.map(({ method, text }) => [method, JSON.parse(text)]),
          [['POST', args]],
          'method and body',
        )
        must(
          String(calls[0]?.headers['content-type']).includes('application/json'),
          `content-type ${calls[0]?.headers['content-type']}`,
        )
      }
    },
  },
  {
    number: 137,
    source: 'doc',
    title: 'A response of an HTTP tool over 8 KiB is truncated.',
    async run(context) {
      const line = '0123456789abcde '
      const { told } = await ran(context, {
        answering: (_, response) => void response.end(line.repeat((20 * KIBIBYTE) / line.length)),
      })
      const bytes = Buffer.byteLength(told)
      must(told.startsWith(line), `the model was told ${show(told)}`)
      must(bytes <= 8 * KIBIBYTE + MARK_BYTES && bytes > 7 * KIBIBYTE, `${bytes} bytes of 20 KiB reached the model`)
    },
  },
  {
    number: 138,
    source: 'doc',
    title: 'Redirects of an HTTP tool are not followed.',
    async run(context) {
      const elsewhere = context.endpoint(answersWith({ state: 'elsewhere' }))
      const { told } = await ran(context, {
        answering: (_, response) => void response.writeHead(302, { location: elsewhere.url }).end(),
      })
      same(elsewhere.calls.length, 0, 'the number of requests at the address of the redirect')
      must(!told.includes('elsewhere'), `the model was told ${show(told)}`)
    },
  },
  {
    number: 139,
    source: 'doc',
    title: 'A failure of an HTTP tool sends no `session.error`; the model is told, with `response_instructions.error`.',
    async run(context) {
      const response_instructions = { error: 'Say that the order system is down.' }
      const failures: readonly Answering[] = [
        answersWith({ reason: 'no' }, 500),
        (_, response) => void response.socket?.destroy(),
        () => {},
      ]
      await Promise.all(
        failures.map(async (answering) => {
          const { peer, model, told } = await ran(context, {
            answering,
            tool: { response_instructions, timeout_seconds: 1 },
          })
          must(told !== '' && !told.includes('"state"'), `the model was told ${show(told)}`)
          const all = model.requests
            .at(-1)
            ?.messages.map(({ content }) => content)
            .join('\n')
          must(all?.includes(response_instructions.error), 'the model was not told response_instructions.error')
          must((await replied(peer)).done, 'the session does not go on')
        }),
      )
    },
  },
  {
    number: 140,
    source: 'observed',
    title: '`tool.call` is emitted for HTTP tools, and an answer of the client is ignored.',
    async run(context) {
      const slow: Answering = (_, response) => void setTimeout(() => response.end('"from the tool"'), 500)
      const { peer, told } = await ran(context, { answering: slow })
      const calls = peer.of('tool.call').map(({ call_id, name, arguments: args }) => [call_id, name, args])
      same(calls, [['call_a', 'get_order', {}]], 'the calls that the client was told of')
      must(told.includes('from the tool') && !told.includes('client'), `the model was told ${show(told)}`)
    },
  },
  {
    number: 141,
    source: 'doc',
    title: 'Configured headers never appear in any echo or GET.',
    async run(context) {
      const headers = [{ name: 'Authorization', value: `Bearer ${SECRET}` }]
      const http = { url: `${context.endpoint(answersWith({})).url}/orders`, http_method: 'GET', headers }
      const tools = [{ name: 'get_order', description: 'Looks an order up.', http }]
      const made = await context.agent({ tools })
      const path = `/v1/agents/${made.id}`
      const answers = [
        JSON.stringify(made),
        (await context.rest('GET', path)).text,
        (await context.rest('PUT', path, { body: { tools } })).text,
        (await context.rest('GET', '/v1/agents')).text,
      ]
      for (const text of answers) must(!text.includes(SECRET), `the value of a header in ${show(text)}`)
      const peer = await context.ready({ agent_id: made.id })
      await peer.answersTo({ type: 'session.update', session: { system_prompt: 'New.' } })
      await peer.end()
      for (const { text } of peer.received) must(!text.includes(SECRET), `the value of a header in ${show(text)}`)
    },
  },
]

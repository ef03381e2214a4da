// Definitions of tools, and the arguments of their calls (131-134).
import type { Context } from '../context.js'
import { type Fields, must, same, show } from '../expect.js'
import type { Item } from '../item.js'
import type { Script } from '../kit/model.js'
import { AFTER, answer, called, oven, resultsFor, spoken } from '../kit/tool-talk.js'

/** A model that calls the tool with each of these arguments, one after the other as they are refused, and then speaks. */
const tries =
  (tool: string, values: readonly Fields[]): Script =>
  ({ messages }) => {
    const results = messages.filter(({ role }) => role === 'tool').length
    const value = values[results]
    return value ? [{ calls: tool, arguments: value, id: `call_${results}` }] : [{ says: AFTER }]
  }

/** Fails unless the first call is refused, the model told why, and the second one made. The user has said both values. */
async function refusedThenCalled(context: Context, schema: Fields, wrong: string, right: string): Promise<void> {
  const parameters = { type: 'object', properties: { value: { type: 'string', ...schema } }, required: ['value'] }
  const { peer, model } = await context.modelled(tries('find', [{ value: wrong }, { value: right }]), {
    tools: [{ name: 'find', description: 'Finds it.', parameters }],
  })
  peer.send({ type: 'conversation.message', role: 'user', content: `It is ${wrong}, or rather ${right}.` })
  const call_id = await called(peer)
  same(
    peer.of('tool.call').map((call) => call.arguments),
    [{ value: right }],
    `the calls that ran, with ${show(schema)}`,
  )
  const told = resultsFor(model, 'call_0').join()
  must(/\p{L}/u.test(told), 'the model was not told why its first call was refused')
  answer(peer, call_id)
  await spoken(peer)
  await peer.end()
}

export const toolArguments: readonly Item[] = [
  {
    number: 131,
    source: 'doc',
    title: '`timeout_seconds` outside 1–300 is rejected.',
    async run(context) {
      const peer = await context.ready()
      for (const timeout_seconds of [0, 301]) {
        const session = { tools: [{ type: 'function', timeout_seconds, ...oven }] }
        const [error] = await peer.answersTo({ type: 'session.update', session })
        same(
          [error?.code, error?.param],
          ['invalid_value', 'tools[0].timeout_seconds'],
          `code and param for ${timeout_seconds}`,
        )
      }
      for (const timeout_seconds of [1, 300]) {
        const session = { tools: [{ type: 'function', timeout_seconds, ...oven }] }
        same(
          (await peer.answersTo({ type: 'session.update', session }))[0]?.type,
          'session.updated',
          `the answer to ${timeout_seconds}`,
        )
      }
      await peer.end()
    },
  },
  {
    number: 132,
    source: 'observed',
    title: '`parameters.properties` that is no object: `invalid_value` with the path `tools[0].parameters.properties`.',
    async run(context) {
      const parameters = { type: 'object', properties: [] }
      const frame = await context.refused({ tools: [{ type: 'function', ...oven, parameters }] })
      same(
        [frame.code, frame.param, frame.message],
        ['invalid_value', 'tools[0].parameters.properties', "'tools[0].parameters.properties' must be an object"],
        'code, param and message',
      )
    },
  },
  {
    number: 133,
    source: 'doc',
    title: 'Arguments that break `enum`, `pattern` or `format` are refused before running.',
    async run(context) {
      await Promise.all([
        refusedThenCalled(context, { enum: ['small', 'large'] }, 'medium', 'large'),
        refusedThenCalled(context, { pattern: '[A-Z]{2}\\d{4}' }, 'AB123', 'AB1234'),
        refusedThenCalled(context, { format: 'email' }, 'ada at example', 'ada@example.com'),
      ])
    },
  },
  {
    number: 134,
    source: 'doc',
    title: '`pattern` is matched against the whole value.',
    run: (context) => refusedThenCalled(context, { pattern: '\\d{4}' }, '12345', '1234'),
  },
]

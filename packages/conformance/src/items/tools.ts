// Tools of the client (124-134, 142).
import type { Context } from '../context.js'
import { type Fields, must, object, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { type Act, callsThenSays, type Model, type Script } from '../kit/model.js'
import { interruption, longAnswer, question, replied } from '../kit/scenes.js'
import type { Peer } from '../wire/peer.js'
import { replyFrames } from '../wire/rules.js'
import { repliesOf } from '../wire/trace.js'
import { httpTools } from './http-tools.js'

const AFTER = 'The bread is ready now, thank you for waiting.'
const oven = { name: 'check_oven', description: 'Looks into the oven.' }
const shop = { name: 'check_shop', description: 'Looks into the shop.' }

/** Asks for a reply and waits for the call that it makes: in the reply, or soon after it. */
async function called(peer: Peer): Promise<string> {
  const call = peer.next('tool.call')
  const done = peer.next('reply.done', undefined, 60_000)
  peer.send({ type: 'reply.create' })
  const late = done.then(() => peer.first('tool.call', undefined, 5_000))
  late.catch(() => {})
  return string((await Promise.race([call, late])).call_id, 'call_id')
}

const answer = (peer: Peer, call_id: string, more: object = {}) =>
  peer.send({ type: 'tool.result', call_id, result: '{"state":"ready"}', ...more })

/** The end of the reply that speaks this text. */
async function spoken(peer: Peer, text = AFTER): Promise<unknown> {
  const { reply_id } = await peer.first('transcript.agent', (frame) => frame.text === text, 40_000)
  await peer.first('reply.done', (frame) => frame.reply_id === reply_id)
  return reply_id
}

/** What the model was told of a call, in its last request. */
const resultsFor = (model: Model, callId: unknown) =>
  (model.requests.at(-1)?.messages ?? []).filter((message) => message.callId === callId).map(({ content }) => content)

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

export const tools: Chapter = {
  heading: 'Tools',
  items: [
    {
      number: 124,
      source: 'doc',
      title: '`tool.call` has `call_id`, `name`, `arguments` as an object.',
      async run(context) {
        const speech = await context.speech('What is the weather in Paris?')
        // the value is the last word that was heard, so that the user has said it whatever the recogniser made of it
        const script: Script = ({ messages }) => {
          if (messages.some(({ role }) => role === 'tool')) return [{ says: AFTER }]
          const words = messages.findLast(({ role }) => role === 'user')?.content.match(/\p{L}+/gu)
          return [{ calls: 'get_weather', arguments: { city: words?.at(-1) ?? '' }, id: 'call_of_the_model' }]
        }
        const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
        const { peer, model } = await context.modelled(script, {
          tools: [{ name: 'get_weather', description: 'Tells the weather in a city.', parameters }],
        })
        const call = peer.next('tool.call', undefined, 40_000)
        void context.caller(peer).say(speech)
        const frame = await call
        same(Object.keys(frame).sort(), ['arguments', 'call_id', 'name', 'timestamp', 'type'], 'the keys of tool.call')
        const { city } = object(frame.arguments, 'arguments')
        same([frame.name, typeof city], ['get_weather', 'string'], 'the name, and the type of the argument')
        answer(peer, string(frame.call_id, 'call_id'))
        await spoken(peer)
        must(
          resultsFor(model, frame.call_id).length === 1,
          'the model was not told the result under the id of the call',
        )
        await peer.end()
      },
    },
    {
      number: 125,
      source: 'observed',
      title: '`tool.result` is accepted before or after `reply.done`.',
      async run(context) {
        for (const isEarly of [true, false]) {
          const { peer } = await context.modelled(callsThenSays([{ calls: 'check_oven' }], AFTER), { tools: [oven] })
          const done = peer.next('reply.done')
          const call_id = await called(peer)
          if (!isEarly) await done
          answer(peer, call_id)
          await spoken(peer)
          same(peer.of('session.error'), [], `errors with a result ${isEarly ? 'before' : 'after'} reply.done`)
          await peer.end()
        }
      },
    },
    {
      number: 126,
      source: 'observed',
      title: 'A new reply with a new `reply_id` follows the last outstanding result.',
      async run(context) {
        const script = callsThenSays(
          [
            { calls: 'check_oven', id: 'call_a' },
            { calls: 'check_shop', id: 'call_b' },
          ],
          AFTER,
        )
        const { peer } = await context.modelled(script, { tools: [oven, shop] })
        const first = peer.next('reply.started')
        const done = peer.next('reply.done')
        await called(peer)
        await peer.first('tool.call', ({ name }) => name === 'check_shop')
        await done
        answer(peer, 'call_a')
        await new Promise((resolve) => setTimeout(resolve, 1000))
        must(!peer.of('transcript.agent').some(({ text }) => text === AFTER), 'the reply came before the last result')
        answer(peer, 'call_b')
        must(
          (await spoken(peer)) !== (await first).reply_id,
          'the reply to the results has the reply_id of the one that called',
        )
        replyFrames(peer)
        await peer.end()
      },
    },
    {
      number: 127,
      source: 'doc',
      title: '`is_error: true` applies `response_instructions.error`.',
      async run(context) {
        const response_instructions = { success: 'Tell it gladly.', error: 'Say that the oven is out of order.' }
        for (const is_error of [true, false]) {
          const { peer, model } = await context.modelled(callsThenSays([{ calls: 'check_oven' }], AFTER), {
            tools: [{ ...oven, response_instructions }],
          })
          answer(peer, await called(peer), { is_error })
          await spoken(peer)
          const told =
            model.requests
              .at(-1)
              ?.messages.map(({ content }) => content)
              .join('\n') ?? ''
          const { success, error } = response_instructions
          same(
            [told.includes(error), told.includes(success)],
            [is_error, !is_error],
            `with is_error ${is_error}, error and success in what the model was told`,
          )
          await peer.end()
        }
      },
    },
    {
      number: 128,
      source: 'doc',
      title: 'No result within `timeout_seconds`: a spoken apology, and the session continues.',
      async run(context) {
        const { peer, model } = await context.modelled(callsThenSays([{ calls: 'check_oven' }], AFTER), {
          tools: [{ ...oven, timeout_seconds: 1 }],
        })
        const call_id = await called(peer)
        await spoken(peer)
        must(resultsFor(model, call_id).length === 1, 'the model was not told that the tool timed out')
        answer(peer, call_id)
        must((await replied(peer)).text === AFTER, 'the session does not go on')
        await peer.end()
      },
    },
    {
      number: 129,
      source: 'inferred',
      title: 'Parallel calls with early answers never wedge the session.',
      async run(context) {
        const calls = ['call_a', 'call_b', 'call_c'].map((id) => ({
          calls: id === 'call_b' ? 'check_shop' : 'check_oven',
          id,
        }))
        const { peer } = await context.modelled(callsThenSays(calls, AFTER), { tools: [oven, shop] })
        peer.on((frame) => {
          // each is answered the moment it comes, the second one only once all others are
          if (frame.type !== 'tool.call' || frame.call_id === 'call_b') return
          answer(peer, String(frame.call_id))
          if (frame.call_id === 'call_c') answer(peer, 'call_b')
        })
        await called(peer)
        await spoken(peer)
        same(
          peer
            .of('tool.call')
            .map(({ call_id }) => call_id)
            .toSorted(),
          ['call_a', 'call_b', 'call_c'],
          'the calls',
        )
        must((await replied(peer)).done, 'the session does not go on')
        await peer.end()
      },
    },
    {
      number: 130,
      source: 'doc',
      title: '`hold` suppresses replies until the result, then speaks automatically.',
      async run(context) {
        const speech = await context.speech(question)
        const { peer, model } = await context.modelled(callsThenSays([{ calls: 'check_oven' }], AFTER), {
          tools: [{ ...oven, execution_mode: 'hold' }],
        })
        const done = peer.next('reply.done')
        const call_id = await called(peer)
        await done
        const caller = context.caller(peer)
        const text = peer.next('transcript.user', undefined, 40_000)
        await caller.say(speech)
        const said = string((await text).text, 'text')
        await new Promise((resolve) => setTimeout(resolve, 1500))
        same(
          peer.of('transcript.agent').map((frame) => frame.text),
          [],
          'what the agent said while it was held',
        )
        answer(peer, call_id)
        await spoken(peer)
        const told = model.requests.at(-1)?.messages.filter(({ role }) => role === 'user') ?? []
        must(
          told.some(({ content }) => content.includes(said)),
          'the model was not told what the user had said meanwhile',
        )
        await peer.end()
      },
    },
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
      title:
        '`parameters.properties` that is no object: `invalid_value` with the path `tools[0].parameters.properties`.',
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
    ...httpTools,
    {
      number: 142,
      source: 'doc',
      title: 'A result arriving after an interruption triggers no reply.',
      async run(context) {
        const speech = await context.speech(interruption)
        const script: Script = ({ messages }): readonly Act[] => {
          if (messages.some(({ role }) => role === 'user')) return [{ says: 'Of course.' }]
          return [{ says: longAnswer }, { calls: 'check_oven', arguments: {}, id: 'call_a' }]
        }
        const { peer, model } = await context.modelled(script, { tools: [oven] })
        const caller = context.caller(peer)
        await called(peer)
        const [first] = repliesOf(peer)
        must(first && !first.done, 'tool.call came outside of its reply')
        const cut = peer.next('reply.done', ({ reply_id }) => reply_id === first.id, 40_000)
        const after = peer.next('transcript.agent', ({ text }) => text === 'Of course.', 40_000)
        await caller.say(speech)
        same((await cut).status, 'interrupted', 'the status of the reply that was spoken into')
        await peer.first(
          'reply.done',
          (
            (id) =>
            ({ reply_id }) =>
              reply_id === id
          )((await after).reply_id),
        )
        const before = { replies: peer.of('transcript.agent').length, requests: model.requests.length }
        answer(peer, 'call_a')
        await new Promise((resolve) => setTimeout(resolve, 2500))
        same(peer.of('transcript.agent').length, before.replies, 'the number of spoken replies after the late result')
        must((await replied(peer)).text === 'Of course.', 'the session does not go on')
        await peer.end()
      },
    },
  ],
}

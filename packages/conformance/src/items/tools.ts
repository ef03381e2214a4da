// Tools of the client (124-134, 142).
import { must, object, same, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { type Act, callsThenSays, type Script } from '../kit/model.js'
import { interruption, longAnswer, question, replied } from '../kit/scenes.js'
import { AFTER, answer, called, oven, resultsFor, shop, spoken } from '../kit/tool-talk.js'
import { replyFrames } from '../wire/rules.js'
import { repliesOf } from '../wire/trace.js'
import { httpTools } from './http-tools.js'
import { toolArguments } from './tool-arguments.js'

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
    ...toolArguments,
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

// What the first message makes of a session: by a stored agent, inline, or not at all (26-46).
import type { Context } from '../context.js'
import { list, must, object, same } from '../expect.js'
import type { Chapter } from '../item.js'
import { says } from '../kit/model.js'
import { replied } from '../kit/scenes.js'
import { echoOf, part, refusedFor } from '../kit/settings.js'
import type { Frame } from '../wire/trace.js'
import { firstMessageItems } from './first-message.js'

/** Settings that may be corrected: an `invalid_format`, and then the corrected ones open the session. */
async function corrected(context: Context, session: unknown): Promise<Frame> {
  const peer = await context.begun(session)
  const error = await peer.first('session.error')
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await peer.first('session.ready')
  await peer.end()
  return error
}

export const firstMessage: Chapter = {
  heading: 'First message and binding',
  items: [
    ...firstMessageItems,
    {
      number: 35,
      source: 'doc',
      title: '`agent_id` alone binds the stored prompt, voice, greeting, tools and model.',
      async run(context) {
        const model = context.model(says('We have rye.'))
        const stored = {
          system_prompt: 'You sell bread.',
          greeting: 'Welcome.',
          voice: { voice_id: 'eve' },
          input: { keyterms: ['sourdough'] },
          output: { volume: 40 },
          tools: [{ name: 'find_bread', description: 'Finds bread.' }],
          llm: [model.entry],
        }
        const { id } = await context.agent(stored)
        const peer = await context.ready({ agent_id: id })
        const config = object(peer.of('session.ready')[0]?.config, 'config')
        const { voice, volume } = part(config, 'output')
        const tool = object(list(config.tools, 'tools')[0], 'tools[0]')
        same(
          [config.system_prompt, config.greeting, part(config, 'input').keyterms, voice, volume, tool.name],
          ['You sell bread.', 'Welcome.', ['sourdough'], 'eve', 40, 'find_bread'],
          'what the session was told of the agent',
        )
        await peer.first('reply.done')
        same(peer.of('transcript.agent')[0]?.text, 'Welcome.', 'the greeting')
        same((await replied(peer)).text, 'We have rye.', 'the words of the model')
        must(model.requests[0]?.messages[0]?.content.includes('You sell bread.'), 'the model was not told the prompt')
        await peer.end()
      },
    },
    {
      number: 36,
      source: 'observed',
      title: '`agent_id` with any inline field: `invalid_value`, param `agent_id`, exact message, 1008.',
      async run(context) {
        const message = 'agent_id is mutually exclusive with other session fields'
        for (const more of [{ system_prompt: 'x' }, { input: {} }, { tools: [] }, { output: { voice: 'nobody' } }])
          await refusedFor(context, { agent_id: 'agent_unknown', ...more }, 'invalid_value', message, 'agent_id')
      },
    },
    {
      number: 37,
      source: 'observed',
      title: 'An unknown `agent_id`: `agent_not_found`, 1008.',
      async run(context) {
        for (const agent_id of [`agent_${'0'.repeat(32)}`, '', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'])
          await refusedFor(context, { agent_id }, 'agent_not_found', 'Agent not found', 'agent_id')
      },
    },
    {
      number: 38,
      source: 'observed',
      title: '`agent_id` in a later update: `agent_id_not_first`, the socket stays open.',
      async run(context) {
        const { id } = await context.agent()
        const peer = await context.ready({ agent_id: id })
        const [error] = await peer.answersTo({ type: 'session.update', session: { agent_id: id } })
        same(
          [error?.code, error?.message, error?.param],
          ['agent_id_not_first', 'agent_id can only be set on the first session.update', 'agent_id'],
          'the error',
        )
        must(peer.isOpen, 'the connection was closed')
        await peer.end()
      },
    },
    {
      number: 39,
      source: 'observed',
      title: 'Later updates without `agent_id` are accepted on a bound session.',
      async run(context) {
        const { id } = await context.agent({ tools: [{ name: 'one', description: 'One.' }] })
        const peer = await context.ready({ agent_id: id })
        const before = object(peer.of('session.ready')[0]?.config, 'config')
        const answers = await peer.answersTo({ type: 'session.update', session: { system_prompt: 'New.' } })
        same(
          answers.map(({ type }) => type),
          ['session.updated'],
          'the answer',
        )
        same(answers[0]?.config, { ...before, system_prompt: 'New.' }, 'config')
        await peer.end()
      },
    },
    {
      number: 40,
      source: 'observed',
      title: 'Inline `llm`: `invalid_value`, param `llm`, 1008.',
      run: (context) =>
        refusedFor(
          context,
          { llm: [{ base_url: 'https://models.example.com/v1', model: 'large', api_key: 'sk-x' }] },
          'invalid_value',
          'BYO LLM config is not allowed on session.update; define it on a stored agent via POST /v1/agents',
          'llm',
        ),
    },
    {
      number: 41,
      source: 'observed',
      title: 'An unknown inline voice: `invalid_value`, param `output.voice`, the message lists voices, 1008.',
      run: (context) =>
        refusedFor(
          context,
          { output: { voice: 'nobody' } },
          'invalid_value',
          /^Invalid voice 'nobody'\. Must be one of: \w+(, \w+){5,}$/,
          'output.voice',
        ),
    },
    {
      number: 42,
      source: 'observed',
      title: '`greeting: null` inline: `invalid_format`, the socket stays open.',
      async run(context) {
        const { code, message } = await corrected(context, { greeting: null })
        same([code, message], ['invalid_format', "Invalid message format for type 'session.update'"], 'the error')
      },
    },
    {
      number: 43,
      source: 'observed',
      title: 'An unknown key in `session` is an error, not silently accepted.',
      async run(context) {
        const peer = await context.begun({ system_prompt: 'Be brief.', temperature: 1 })
        await peer.first('session.error')
        same(peer.of('session.ready'), [], 'session.ready')
      },
    },
    {
      number: 44,
      source: 'observed',
      title: '`output` without `type` and without `format` is accepted.',
      async run(context) {
        const echo = await echoOf(context, { system_prompt: 'Be brief.', greeting: 'Hi', output: { voice: 'alba' } })
        const { type, format } = part(echo, 'output')
        same([type, format], ['audio', { encoding: 'audio/pcm', sample_rate: 24_000 }], 'type and format of the output')
      },
    },
    {
      number: 45,
      source: 'doc',
      title: 'A first update with only `system_prompt` is accepted; the agent stays silent until spoken to.',
      async run(context) {
        const peer = await context.ready({ system_prompt: 'Be brief.' })
        context.caller(peer)
        await new Promise((resolve) => setTimeout(resolve, 2000))
        same(peer.course, ['session.updated', 'session.ready'], 'what was sent in two seconds of silence')
        const started = peer.next('reply.started')
        peer.send({ type: 'reply.create' })
        await started
        await peer.end()
      },
    },
    {
      number: 46,
      source: 'inferred',
      title: 'A rate that is not supported is refused at once.',
      async run(context) {
        const formats = [
          { encoding: 'audio/pcm', sample_rate: 8000 },
          { encoding: 'audio/pcm', sample_rate: 16_000 },
          { encoding: 'audio/pcmu', sample_rate: 24_000 },
        ]
        for (const format of formats)
          for (const side of ['input', 'output']) {
            const began = performance.now()
            const frame = await context.refused({ [side]: { format } })
            same([frame.code, frame.param], ['invalid_value', `${side}.format.sample_rate`], 'code and param')
            must(performance.now() - began < 5000, 'it was not refused at once')
          }
      },
    },
  ],
}

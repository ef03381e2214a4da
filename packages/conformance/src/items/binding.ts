// The first message and what it makes of a session (26-46), and details of settings (176-178).
import type { Context } from '../context.js'
import { type Fields, like, list, must, number, object, Skip, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { says } from '../kit/model.js'
import { replied } from '../kit/scenes.js'
import { sessionIds } from '../wire/rules.js'
import { tone } from '../wire/sound.js'
import type { Frame } from '../wire/trace.js'

/** What a session of these settings is told of them. */
async function echoOf(context: Context, session: unknown): Promise<Fields> {
  const peer = await context.ready(session)
  await peer.end()
  return object(peer.of('session.ready')[0]?.config, 'config')
}

const part = (fields: Fields, name: string) => object(fields[name], name)

const inputKeys = [
  ...['type', 'format', 'turn_detection', 'keyterms', 'transcription_mode', 'continuous_partials'],
  ...['transcription_prompt', 'language_codes', 'voice_focus', 'voice_focus_threshold'],
]

/** Settings that may be corrected: an `invalid_format`, and then the corrected ones open the session. */
async function corrected(context: Context, session: unknown): Promise<Frame> {
  const peer = await context.begun(session)
  const error = await peer.first('session.error')
  peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
  await peer.first('session.ready')
  await peer.end()
  return error
}

async function refusedFor(context: Context, session: unknown, code: string, message: string | RegExp, param: string) {
  const frame = await context.refused(session)
  same([frame.code, frame.param], [code, param], 'code and param')
  if (typeof message === 'string') same(frame.message, message, 'the message')
  else like(frame.message, message, 'the message')
}

export const firstMessage: Chapter = {
  heading: 'First message and binding',
  items: [
    {
      number: 26,
      source: 'observed',
      title: 'The server sends no frame before the first client message.',
      async run(context) {
        const peer = await context.open()
        await new Promise((resolve) => setTimeout(resolve, 1000))
        await peer.settled()
        same(peer.course, [], 'what came before the first message')
      },
    },
    {
      number: 27,
      source: 'observed',
      title: 'The first `session.update` is answered by `session.updated`, then `session.ready`.',
      async run(context) {
        const peer = await context.ready()
        await peer.settled()
        same(peer.course, ['session.updated', 'session.ready'], 'the answer')
      },
    },
    {
      number: 28,
      source: 'inferred',
      title: 'Both come within 5 s.',
      async run(context) {
        const peer = await context.open()
        const began = performance.now()
        peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.', greeting: 'Hi.' } })
        await peer.first('session.ready')
        const took = peer.received.find(({ frame }) => frame.type === 'session.ready')!.at - began
        must(took < 5000, `session.ready came after ${Math.round(took)} ms`)
      },
    },
    {
      number: 29,
      source: 'observed',
      title: '`session.ready` has `session_id`, `config`, `expires_at` (whole), `resume_token`, `timestamp`.',
      async run(context) {
        const ready = (await context.ready()).of('session.ready')[0]!
        const keys = ['config', 'expires_at', 'resume_token', 'session_id', 'timestamp', 'type']
        same(Object.keys(ready).sort(), keys, 'its keys')
        object(ready.config, 'config')
        must(Number.isInteger(ready.expires_at), `expires_at is ${show(ready.expires_at)}`)
        must(number(ready.expires_at, 'expires_at') > Date.now() / 1000, 'expires_at lies in the past')
        string(ready.resume_token, 'resume_token')
      },
    },
    {
      number: 30,
      source: 'observed',
      title: '`session_id` is `sess_` and 32 hex digits, and equals `config.id`.',
      run: async (context) => sessionIds(await context.ready()),
      everywhere: sessionIds,
    },
    {
      number: 31,
      source: 'observed',
      title: 'The `config` echo has exactly its eight keys.',
      async run(context) {
        const peer = await context.ready({ system_prompt: 'Be brief.', greeting: 'Hi.' })
        const keys = ['id', 'system_prompt', 'greeting', 'input', 'output', 'tools', 'llm', 'pre_connect_requests']
        for (const { config, type } of [peer.of('session.updated')[0]!, peer.of('session.ready')[0]!])
          same(Object.keys(object(config, 'config')).sort(), keys.toSorted(), `the keys of config in ${type}`)
        const { llm, pre_connect_requests } = object(peer.of('session.ready')[0]!.config, 'config')
        same([llm, pre_connect_requests], [[], []], 'llm and pre_connect_requests')
      },
    },
    {
      number: 32,
      source: 'observed',
      title: 'Unset input settings echo as null, not omitted.',
      async run(context) {
        const input = part(await echoOf(context, { system_prompt: 'Be brief.' }), 'input')
        same(Object.keys(input).sort(), inputKeys.toSorted(), 'the keys of input')
        for (const key of inputKeys.slice(2)) same(input[key], null, `input.${key}`)
        same(part(await echoOf(context, { output: {} }), 'output').volume, null, 'output.volume')
      },
    },
    {
      number: 33,
      source: 'observed',
      title: 'PCM echoes `sample_rate` 24000; μ-law and A-law echo 8000.',
      async run(context) {
        for (const [encoding, sample_rate] of [
          ['audio/pcm', 24_000],
          ['audio/pcmu', 8000],
          ['audio/pcma', 8000],
        ] as const) {
          const echo = await echoOf(context, { input: { format: { encoding } }, output: { format: { encoding } } })
          for (const side of ['input', 'output'])
            same(part(echo, side).format, { encoding, sample_rate }, `${side}.format`)
        }
        same(
          part(await echoOf(context, {}), 'input').format,
          { encoding: 'audio/pcm', sample_rate: 24_000 },
          'the default',
        )
      },
    },
    {
      number: 34,
      source: 'observed',
      title: 'The echo of a tool fills in `timeout_seconds` 120 and `execution_mode` `interactive`.',
      async run(context) {
        const { tools } = await echoOf(context, {
          tools: [{ type: 'function', name: 'get_weather', description: 'Tells the weather.' }],
        })
        const expected = {
          type: 'function',
          name: 'get_weather',
          description: 'Tells the weather.',
          parameters: { type: 'object', properties: {}, required: [] },
          timeout_seconds: 120,
          execution_mode: 'interactive',
          http: null,
          response_instructions: null,
        }
        const tool = object(list(tools, 'tools')[0], 'tools[0]')
        for (const [key, value] of Object.entries(expected)) same(tool[key], value, `tools[0].${key}`)
      },
    },
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
        for (const more of [{ system_prompt: 'x' }, { input: {} }, { tools: [] }])
          await refusedFor(context, { agent_id: 'agent_unknown', ...more }, 'invalid_value', message, 'agent_id')
      },
    },
    {
      number: 37,
      source: 'observed',
      title: 'An unknown `agent_id`: `agent_not_found`, 1008.',
      async run(context) {
        for (const agent_id of [`agent_${'0'.repeat(32)}`, '6f9619ff-8b86-d011-b42d-00cf4fc964ff'])
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
      title: 'A PCM rate that is not supported is refused at once.',
      async run(context) {
        for (const sample_rate of [8000, 16_000])
          for (const side of ['input', 'output']) {
            const began = performance.now()
            const frame = await context.refused({ [side]: { format: { encoding: 'audio/pcm', sample_rate } } })
            same([frame.code, frame.param], ['invalid_value', `${side}.format.sample_rate`], 'code and param')
            must(performance.now() - began < 5000, 'it was not refused at once')
          }
      },
    },
  ],
}

export const settingDetails: Chapter = {
  heading: 'Details of settings',
  items: [
    {
      number: 176,
      source: 'observed',
      title: '`input.format` as a string: `invalid_value`, `Audio format must be a JSON object`, param `format`.',
      run: (context) =>
        refusedFor(
          context,
          { input: { format: 'pcm16' } },
          'invalid_value',
          'Audio format must be a JSON object',
          'format',
        ),
    },
    {
      number: 177,
      source: 'observed',
      title: '`{"encoding":"audio/pcm"}` without a rate is accepted and echoes 24000.',
      async run(context) {
        const format = { encoding: 'audio/pcm' }
        const echo = await echoOf(context, { input: { format }, output: { format } })
        for (const side of ['input', 'output'])
          same(part(echo, side).format, { ...format, sample_rate: 24_000 }, `${side}.format`)
      },
    },
    {
      number: 178,
      source: 'observed',
      title: 'Explicit null for `voice_focus` and the other nullable settings is accepted.',
      async run(context) {
        const nulls = Object.fromEntries(inputKeys.slice(2).map((key) => [key, null]))
        const echo = await echoOf(context, { input: nulls, output: { volume: null } })
        for (const key of inputKeys.slice(2)) same(part(echo, 'input')[key], null, `input.${key}`)
      },
    },
    {
      number: 179,
      source: 'inferred',
      title: 'Loud input with no speech event for 10 s produces a warning in the log of the server.',
      waits: true,
      async run(context) {
        const { log } = context.facts
        if (!log) throw new Skip('the log of the server is not known. Name its file with --server-log.')
        const peer = await context.ready()
        await context.caller(peer).say(tone(12_000))
        await peer.settled()
        same(peer.of('input.speech.started'), [], 'speech that was found in a tone')
        const id = string(peer.of('session.ready')[0]?.session_id, 'session_id')
        const lines = log()
          .split('\n')
          .filter((line) => line.includes(id))
        must(
          lines.some((line) => /warn|"level":40/i.test(line)),
          'no warning in the log names the session',
        )
        await peer.end()
      },
    },
  ],
}

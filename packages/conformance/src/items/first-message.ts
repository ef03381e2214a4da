// The first message: its answer, and the settings as they come back (26-34).
import { list, must, number, object, same, show, string } from '../expect.js'
import type { Item } from '../item.js'
import { echoOf, inputKeys, part } from '../kit/settings.js'
import { sessionIds } from '../wire/rules.js'

export const firstMessageItems: readonly Item[] = [
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
]

// Updates in the middle of a session (47-59).
import type { Context } from '../context.js'
import { type Fields, list, must, object, same, show } from '../expect.js'
import type { Chapter } from '../item.js'
import { says } from '../kit/model.js'
import { replied } from '../kit/scenes.js'
import { understood } from '../kit/words.js'
import type { Peer } from '../wire/peer.js'
import { decode, loudest, loudness, soundOf } from '../wire/sound.js'
import type { Frame, Reply } from '../wire/trace.js'

const update = (peer: Peer, session: object): Promise<readonly Frame[]> =>
  peer.answersTo({ type: 'session.update', session })

/** The settings after an update that nothing is wrong with. */
async function changed(peer: Peer, session: object): Promise<Fields> {
  const answers = await update(peer, session)
  const updated = answers.filter(({ type }) => type === 'session.updated')
  same(
    [updated.length, answers.some(({ type }) => type === 'session.error')],
    [1, false],
    `session.updated for ${show(session)}, and an error`,
  )
  return object(updated[0]?.config, 'config')
}

const configOf = (peer: Peer): Fields => object(peer.of('session.ready')[0]?.config, 'config')

/** The one error that a change of a fixed field is answered with; the session goes on. */
async function immutable(context: Context, session: object, param: string): Promise<void> {
  const peer = await context.ready({ system_prompt: 'Be brief.', greeting: 'Hi.', output: { voice: 'alba' } })
  const errors = (await update(peer, session)).filter(({ type }) => type === 'session.error')
  same(
    errors.map(({ code, param: at }) => [code, at]),
    [['immutable_field', param]],
    'the errors',
  )
  same(errors[0]?.message, `'${param}' cannot be changed after the first session.update`, 'the message')
  same(errors[0]?.session_id, configOf(peer).id, 'session_id')
  await alive(peer)
}

async function alive(peer: Peer): Promise<void> {
  must(peer.isOpen, 'the connection was closed')
  await changed(peer, { system_prompt: 'Go on.' })
  await peer.end()
}

const soundIn = ({ frames }: Reply): Int16Array =>
  decode(
    Buffer.concat(frames.flatMap(({ frame }) => (frame.type === 'reply.audio' ? [soundOf(frame)] : []))),
    'audio/pcm',
  )

const named = (tools: unknown) => list(tools, 'tools').map((tool) => object(tool, 'a tool').name)

export const updates: Chapter = {
  heading: 'Updates in the middle of a session',
  items: [
    {
      number: 47,
      source: 'doc',
      title: 'Changing `system_prompt` is acknowledged and used from the next reply.',
      async run(context) {
        const { peer, model } = await context.modelled(says('Here you are.'), { system_prompt: 'You sell bread.' })
        await replied(peer)
        same(
          (await changed(peer, { system_prompt: 'You mend shoes.' })).system_prompt,
          'You mend shoes.',
          'system_prompt',
        )
        await replied(peer)
        const [first, last] = [model.requests[0], model.requests.at(-1)].map(
          (request) => request?.messages[0]?.content ?? '',
        )
        must(first?.includes('You sell bread.'), `the first prompt was ${show(first)}`)
        must(
          last?.includes('You mend shoes.') && !last.includes('bread'),
          `the prompt after the change was ${show(last)}`,
        )
        await peer.end()
      },
    },
    {
      number: 48,
      source: 'doc',
      title: '`tools` replaces the whole list.',
      async run(context) {
        const tools = ['one', 'two'].map((name) => ({ type: 'function', name, description: `Does ${name}.` }))
        const { peer, model } = await context.modelled(says('Here you are.'), { tools })
        const three = { type: 'function', name: 'three', description: 'Does three.' }
        same(named((await changed(peer, { tools: [three] })).tools), ['three'], 'the tools after the update')
        await replied(peer)
        const offered = list(model.requests.at(-1)?.body.tools, 'the tools that the model was offered')
        same(
          offered.map((tool) => object(object(tool, 'a tool').function, 'function').name),
          ['three'],
          'the tools that the model was offered',
        )
        await peer.end()
      },
    },
    {
      number: 49,
      source: 'doc',
      title: '`input.keyterms` replaces the list, and the next utterance is understood.',
      async run(context) {
        const speech = await context.speech('What time do you open tomorrow?')
        const peer = await context.ready({ system_prompt: 'Be brief.', input: { keyterms: ['Leeds', 'York'] } })
        const { input } = await changed(peer, { input: { keyterms: ['sourdough'] } })
        same(object(input, 'input').keyterms, ['sourdough'], 'input.keyterms')
        const text = peer.next('transcript.user')
        void context.caller(peer).say(speech)
        understood((await text).text)
        await peer.end()
      },
    },
    {
      number: 50,
      source: 'doc',
      title: '`input.turn_detection` can change in the middle of a session.',
      async run(context) {
        const speech = await context.speech('What time do you open tomorrow?')
        const peer = await context.ready({ system_prompt: 'Be brief.' })
        const sent = { min_silence: 3000, max_silence: 3500, interrupt_response: false }
        const echo = object(
          object((await changed(peer, { input: { turn_detection: sent } })).input, 'input').turn_detection,
          'turn_detection',
        )
        same({ ...echo, ...sent }, echo, 'turn_detection')
        const stopped = peer.nextReceived('input.speech.stopped')
        const said = await context.caller(peer).say(speech)
        // 100 ms of quiet belong to the speech, and the voice may fade out before them
        const waited = (await stopped).at - said
        must(waited > 2300, `the turn ended ${Math.round(waited)} ms after the speech, with min_silence 3000`)
        await peer.end()
      },
    },
    {
      number: 51,
      source: 'doc',
      title: 'A change of `output.volume` affects only later audio.',
      async run(context) {
        const { peer } = await context.modelled(says('Bread is made of flour, water and salt.'))
        const loud = await replied(peer)
        await changed(peer, { output: { volume: 0 } })
        const silent = await replied(peer)
        await changed(peer, { output: { volume: null } })
        const again = await replied(peer)
        must(loudness(soundIn(loud)) > 100, 'the reply before the change is silent')
        same(loudest(soundIn(silent)), 0, 'the loudest sample of the reply after volume 0')
        must(soundIn(silent).length > 0, 'the reply after volume 0 has no audio at all')
        must(loudness(soundIn(again)) > 100, 'the reply after volume null is silent')
        await peer.end()
      },
    },
    {
      number: 52,
      source: 'observed',
      title: 'Changing `output.voice`: `immutable_field` with the exact message, the session continues.',
      run: (context) => immutable(context, { output: { voice: 'eve' } }, 'output.voice'),
    },
    {
      number: 53,
      source: 'doc',
      title: 'Changing `greeting`: `immutable_field`.',
      run: (context) => immutable(context, { greeting: 'Hello there.' }, 'greeting'),
    },
    {
      number: 54,
      source: 'doc',
      title: 'Changing `output.format`: `immutable_field`.',
      run: (context) => immutable(context, { output: { format: { encoding: 'audio/pcmu' } } }, 'output.format'),
    },
    {
      number: 55,
      source: 'observed',
      title: 'An invalid voice in the middle of a session is `immutable_field`, not `invalid_value`.',
      run: (context) => immutable(context, { output: { voice: 'nobody' } }, 'output.voice'),
    },
    {
      number: 56,
      source: 'inferred',
      title: 'Sending an unchanged immutable field again raises no error.',
      async run(context) {
        const session = {
          system_prompt: 'Be brief.',
          greeting: 'Hi.',
          output: { voice: 'alba', format: { encoding: 'audio/pcm' } },
        }
        const peer = await context.ready(session)
        same(await changed(peer, session), configOf(peer), 'config')
        await peer.end()
      },
    },
    {
      number: 57,
      source: 'inferred',
      title: 'The fields of an update other than the refused one are applied.',
      async run(context) {
        const peer = await context.ready({ system_prompt: 'Be brief.', output: { voice: 'alba' } })
        const answers = await update(peer, { system_prompt: 'New.', output: { voice: 'eve', volume: 50 } })
        same(answers.map(({ type }) => type).toSorted(), ['session.error', 'session.updated'], 'the answers')
        const config = object(answers.find(({ type }) => type === 'session.updated')?.config, 'config')
        const { voice, volume } = object(config.output, 'output')
        same([config.system_prompt, voice, volume], ['New.', 'alba', 50], 'system_prompt, voice and volume')
        await peer.end()
      },
    },
    {
      number: 58,
      source: 'observed',
      title: 'Each accepted update yields `session.updated` with the full config.',
      async run(context) {
        const peer = await context.ready({ system_prompt: 'Be brief.', input: { transcription_mode: 'min_latency' } })
        let expected = configOf(peer)
        const sent: readonly Fields[] = [
          { system_prompt: 'Be kind.' },
          { tools: [] },
          { input: { keyterms: ['one'] } },
          { output: { volume: 30 } },
        ]
        for (const session of sent) {
          const merged = Object.entries(session).map(([key, value]) => {
            const isPart = key === 'input' || key === 'output'
            return [key, isPart ? { ...object(expected[key], key), ...object(value, key) } : value]
          })
          expected = { ...expected, ...Object.fromEntries(merged) }
          same(await changed(peer, session), expected, 'config')
        }
        await peer.end()
      },
    },
    {
      number: 59,
      source: 'observed',
      title: 'Errors in the middle of a session never close the socket.',
      async run(context) {
        const peer = await context.ready()
        const wrong: readonly (object | string)[] = [
          '{"type":',
          { type: 'nonsense' },
          { type: 'session.update', session: { greeting: null } },
          { type: 'session.update', session: { unknown: 1 } },
          { type: 'session.update', session: { output: { volume: 101 } } },
          { type: 'session.update', session: { agent_id: 'agent_x' } },
          {
            type: 'session.update',
            session: { llm: [{ base_url: 'https://a.example.com', model: 'm', api_key: 'k' }] },
          },
          { type: 'session.update', session: { input: { format: 'pcm16' } } },
          { type: 'input.audio', audio: '*' },
          { type: 'tool.result', call_id: 'nobody', result: '{}' },
        ]
        for (const message of wrong) {
          const answers = await peer.answersTo(message)
          must(
            answers.some(({ type }) => type === 'session.error'),
            `no error for ${show(message)}`,
          )
          must(peer.isOpen, `the connection was closed after ${show(message)}`)
        }
        await alive(peer)
      },
    },
  ],
}

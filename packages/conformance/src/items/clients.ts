// Conversations as the programs hold them that others have written (171-175).
import { AgentConnection } from '../clients/agent-connection.js'
import { MobileClient } from '../clients/mobile-client.js'
import { StarterPage, WORKLET_FRAME_BYTES } from '../clients/starter-page.js'
import { TelephoneBridge } from '../clients/telephone-bridge.js'
import { BLOCK_BYTES, TerminalClient } from '../clients/terminal-client.js'
import { must, object, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { callsThenSays, says } from '../kit/model.js'
import { answer, greeting, interruption, question } from '../kit/scenes.js'
import { understood } from '../kit/words.js'
import { status } from '../wire/rest.js'
import { decode, loudness } from '../wire/sound.js'

const system_prompt = 'You sell bread at a bakery in Leeds. Answer in a short sentence.'

export const clients: Chapter = {
  heading: 'Clients of others, end to end',
  items: [
    {
      number: 171,
      source: 'observed',
      title: 'A browser page with a token, a stored agent and frames of 128 samples holds a conversation.',
      async run(context) {
        const speech = await context.speech(question)
        const model = context.model(says(answer))
        const { id } = await context.agent({ greeting, system_prompt, llm: [model.entry] })
        must((await context.listed('/v1/agents?limit=200', 'agents')).includes(id), 'the agent is not in the list')
        const token = await context.token('product=voice_agent&expires_in_seconds=60')
        const peer = await context.open({ token })
        const page = new StarterPage(peer, id)
        await peer.first('session.ready')
        const microphone = context.caller(peer, { frameBytes: WORKLET_FRAME_BYTES })
        await peer.first('reply.done')
        same(page.stops, 0, 'how often the playback of the greeting was emptied')
        must(
          page.waitingMs < 1000,
          `${Math.round(page.waitingMs)} ms of sound wait to be played when the reply is done`,
        )
        const answered = peer.next('reply.done', undefined, 60_000)
        await microphone.say(speech)
        await answered
        const [greeted, asked, told] = page.lines
        same(
          page.lines.map(({ who, isFinal }) => [who, isFinal]),
          [
            ['agent', true],
            ['user', true],
            ['agent', true],
          ],
          'the lines of the transcript',
        )
        same([greeted?.text, told?.text], [greeting, answer], 'what the agent said')
        understood(asked?.text)
        must(page.stops > 0, 'playback was not emptied when the user spoke')
        await page.hangUp()
        same(peer.course.at(-1), 'session.ended', 'the last frame')
      },
    },
    {
      number: 172,
      source: 'observed',
      title: 'A command-line client with inline settings, sending from the first message on, holds a conversation.',
      async run(context) {
        const speech = await context.speech(question)
        const peer = await context.open({ authorization: `Bearer ${context.facts.key}` })
        const client = new TerminalClient(peer, { system_prompt, greeting, voice: 'alba' })
        const microphone = context.caller(peer, { frameBytes: BLOCK_BYTES })
        await client.ready()
        await peer.first('reply.done')
        const answered = peer.next('reply.done', undefined, 60_000)
        await microphone.say(speech)
        await answered
        same(client.printed[0], `Agent: ${greeting}`, 'the first line')
        must(
          client.printed.some((line) => line.startsWith('You: ')),
          `the user was not heard: ${show(client.printed)}`,
        )
        must(client.printed.at(-1)?.startsWith('Agent: '), `no answer: ${show(client.printed)}`)
        await client.stop()
      },
    },
    {
      number: 173,
      source: 'observed',
      title: 'A client that sends all its settings again with every change, and tool results at `reply.done`, works.',
      async run(context) {
        const format = { encoding: 'audio/pcm', sample_rate: 24_000 }
        const tools = [
          {
            type: 'function',
            name: 'find_bread',
            description: 'Finds bread.',
            parameters: { type: 'object', properties: {} },
          },
        ]
        const settings = { system_prompt, greeting, tools, input: { format }, output: { voice: 'alba', format } }
        const peer = await context.open({ token: await context.token() })
        const client = new MobileClient(peer, settings)
        await client.ready()
        await peer.first('reply.audio')
        const updated = peer.next('session.updated')
        client.updateSession({ system_prompt: 'You mend shoes.' })
        const config = object((await updated).config, 'config')
        same([config.system_prompt, config.greeting], ['You mend shoes.', greeting], 'system_prompt and greeting')
        await peer.first('reply.done')
        await client.end()
        same(client.errors, [], 'errors')

        const model = context.model(callsThenSays([{ calls: 'find_bread' }], 'We have rye.'))
        const { id } = await context.agent({
          llm: [model.entry],
          tools: [{ name: 'find_bread', description: 'Finds bread.' }],
        })
        const stored = await context.open({ token: await context.token() })
        const bound = new MobileClient(stored, { agent_id: id }, { find_bread: () => ({ bread: 'rye' }) })
        await bound.ready()
        bound.updateSession({ system_prompt: 'You mend shoes.' })
        await stored.next('session.error')
        const spoken = stored.next('transcript.agent', ({ text }) => text === 'We have rye.')
        stored.send({ type: 'reply.create' })
        await spoken
        await bound.end()
        same(bound.errors, ['agent_id_not_first'], 'errors of the stored agent')
      },
    },
    {
      number: 174,
      source: 'observed',
      title: 'A library client connects with a fresh token, drops, resumes, and sends its tool result again.',
      async run(context) {
        const model = context.model(callsThenSays([{ calls: 'find_bread', id: 'call_a' }], 'We have rye.'))
        const { id } = await context.agent({
          llm: [model.entry],
          greeting: 'Welcome.',
          tools: [{ name: 'find_bread', description: 'Finds bread.' }],
        })
        const made = await context.rest('POST', '/v1/tokens', { body: { expires_in_seconds: 60 } })
        must(made.status < 300, `POST /v1/tokens was answered with ${made.status}`)
        const open = (authorization: string) => context.open({ authorization })
        const connection = await AgentConnection.connect(open, string(made.body.token, 'token'), id)
        await connection.peer.first('reply.done')
        const call = connection.peer.next('tool.call')
        connection.peer.send({ type: 'reply.create' })
        const { call_id } = await call
        connection.peer.drop()
        connection.answer(call_id, { bread: 'rye' })
        await connection.resume()
        await connection.peer.first('transcript.agent', ({ text }) => text === 'We have rye.')
        same(
          connection.peer.of('transcript.agent').filter(({ text }) => text === 'Welcome.'),
          [],
          'a second greeting',
        )
        connection.peer.drop()
        await connection.resume()
        await connection.end()
        status(await context.rest('GET', `/v1/agents/${id}`), 200, 'GET /v1/agents/{id}')
      },
    },
    {
      number: 175,
      source: 'doc',
      title: 'A telephone bridge passes μ-law both ways and clears on barge-in.',
      async run(context) {
        const speech = await context.speech(interruption)
        const peer = await context.open()
        const long = `${greeting} We have rye, and sourdough, and rolls with seeds, and on Sundays there is a plait as well.`
        const bridge = new TelephoneBridge(peer, { system_prompt, greeting: long })
        await bridge.ready()
        const telephone = context.caller(peer, { encoding: 'audio/pcmu', frameBytes: 160 })
        const { reply_id } = await peer.first('reply.started')
        await peer.next('reply.audio', () => peer.soundMsOf(reply_id) > 2000)
        const cut = peer.next('reply.done', (frame) => frame.reply_id === reply_id, 40_000)
        const text = peer.next('transcript.user', undefined, 40_000)
        const answered = peer.next('reply.audio', (frame) => frame.reply_id !== reply_id, 40_000)
        await telephone.say(speech)
        same((await cut).status, 'interrupted', 'the status of the greeting that was spoken into')
        understood((await text).text)
        await answered
        must(bridge.clearedMs.length > 0, 'the bridge did not clear')
        must(
          bridge.clearedMs[0]! < 1000,
          `${Math.round(bridge.clearedMs[0]!)} ms of sound waited on the telephone's side`,
        )
        const heard = decode(Buffer.concat(bridge.passed), 'audio/pcmu')
        must(loudness(heard) > 100, 'the telephone heard silence')
        await bridge.stop()
      },
    },
  ],
}

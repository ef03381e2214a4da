// How sessions end, and how they go on after their connection was lost (112-123).
import type { Context } from '../context.js'
import { must, number, Skip, same, show, string } from '../expect.js'
import type { Chapter } from '../item.js'
import { callsThenSays, says } from '../kit/model.js'
import { replied, replyOf } from '../kit/scenes.js'
import type { Peer } from '../wire/peer.js'
import { floatDuration } from '../wire/rules.js'
import { encode, tone } from '../wire/sound.js'

const greeting = 'Hello, and welcome to the bakery. What can I get you today?'

const idOf = (peer: Peer): string => string(peer.of('session.ready')[0]?.session_id, 'session_id')

/** Resumes on a new connection; resolves once the first frame has come. */
async function resumed(context: Context, session_id: string, authorization = context.facts.key): Promise<Peer> {
  const peer = await context.open({ authorization })
  peer.send({ type: 'session.resume', session_id })
  await Promise.race([peer.first('session.ready'), peer.first('session.error')])
  return peer
}

/** A session whose greeting is over and whose connection is then lost. */
async function lost(context: Context): Promise<Peer> {
  const peer = await context.ready({ system_prompt: 'Be brief.', greeting: 'Welcome.' })
  await peer.first('reply.done')
  peer.drop()
  await peer.closed
  return peer
}

async function refusedToResume(peer: Peer, code: string): Promise<void> {
  same((await peer.closing()).code, 1008, 'the close code')
  same(
    peer.frames.map((frame) => [frame.type, frame.code]),
    [['session.error', code]],
    'the answer to session.resume',
  )
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

export const ending: Chapter = {
  heading: 'Ending and resuming',
  items: [
    {
      number: 112,
      source: 'doc',
      title: '`session.end`, then `session.ended`, then close 1000.',
      async run(context) {
        const peer = await context.ready({ greeting })
        await peer.first('reply.audio')
        peer.send({ type: 'session.end' })
        same((await peer.closing()).code, 1000, 'the close code')
        same(peer.course.at(-1), 'session.ended', 'the last frame')
      },
    },
    {
      number: 113,
      source: 'observed',
      title: '`session.ended` has a float `session_duration_seconds`.',
      async run(context) {
        const peer = await context.ready()
        const began = performance.now()
        await wait(1)
        await peer.end()
        floatDuration(peer)
        const told = number(peer.of('session.ended')[0]?.session_duration_seconds, 'session_duration_seconds')
        const lasted = (performance.now() - began) / 1000
        must(
          told > 0.9 && told < lasted + 2,
          `session_duration_seconds ${told} for a session of ${lasted.toFixed(1)} s`,
        )
      },
      everywhere: floatDuration,
    },
    {
      number: 114,
      source: 'doc',
      title: '`audio_duration_seconds` is a number, or null if no audio came.',
      async run(context) {
        for (const [frames, expected] of [
          [0, null],
          [7, 0.35],
        ] as const) {
          const peer = await context.ready()
          const audio = encode(tone(50), 'audio/pcm').toString('base64')
          for (let frame = 0; frame < frames; frame++) peer.send({ type: 'input.audio', audio })
          await peer.end()
          same(peer.of('session.ended')[0]?.audio_duration_seconds, expected, 'audio_duration_seconds')
        }
      },
    },
    {
      number: 115,
      source: 'doc',
      title: 'After `session.end` a resume fails with `session_not_found`.',
      async run(context) {
        const over = await context.ready()
        await over.end()
        await refusedToResume(await resumed(context, idOf(over)), 'session_not_found')
      },
    },
    {
      number: 116,
      source: 'doc',
      title: 'After an unclean drop the session survives its grace of 30 s.',
      waits: true,
      async run(context) {
        const first = await lost(context)
        await wait(context.facts.graceSeconds * 0.8)
        const peer = await resumed(context, idOf(first))
        same(peer.frames[0]?.type, 'session.ready', `the answer to a resume after 80 % of the grace`)
        must((await replied(peer)).done, 'the session does not go on')
        await peer.end()
      },
    },
    {
      number: 117,
      source: 'observed',
      title:
        '`session.resume` as first message on a new socket yields `session.ready` with the same id as the first frame.',
      async run(context) {
        const { peer: first, model } = await context.modelled(says('We have rye.'), {
          greeting: 'Welcome.',
          system_prompt: 'You sell bread.',
        })
        await first.first('reply.done')
        const before = first.of('session.ready')[0]!
        first.drop()
        const peer = await resumed(context, idOf(first))
        const ready = peer.frames[0]!
        same(
          [ready.type, ready.session_id],
          ['session.ready', before.session_id],
          'type and session_id of the first frame',
        )
        same(ready.config, before.config, 'config')
        must((await replied(peer)).text === 'We have rye.', 'the agent does not go on with its own model')
        const said = model.requests.at(-1)?.messages.map(({ content }) => content.trim())
        must(said?.includes('Welcome.'), 'the history from before the drop is lost')
        await peer.end()
      },
    },
    {
      number: 118,
      source: 'observed',
      title: '`resume_token` works as Bearer on that socket.',
      async run(context) {
        const first = await lost(context)
        const token = string(first.of('session.ready')[0]?.resume_token, 'resume_token')
        must(token !== '', 'resume_token is empty')
        const peer = await resumed(context, idOf(first), `Bearer ${token}`)
        same([peer.frames[0]?.type, peer.frames[0]?.session_id], ['session.ready', idOf(first)], 'the first frame')
        await peer.end()
      },
    },
    {
      number: 119,
      source: 'inferred',
      title: 'No second greeting after a resume.',
      async run(context) {
        const first = await lost(context)
        const peer = await resumed(context, idOf(first))
        await wait(2)
        same(peer.course, ['session.ready'], 'what came after the resume')
        await peer.end()
      },
    },
    {
      number: 120,
      source: 'doc',
      title: 'After the grace the resume fails with `session_not_found` and 1008.',
      waits: true,
      async run(context) {
        const first = await lost(context)
        await wait(context.facts.graceSeconds + 3)
        await refusedToResume(await resumed(context, idOf(first)), 'session_not_found')
      },
    },
    {
      number: 121,
      source: 'doc',
      title: "Another account's session: `session_forbidden`.",
      async run(context) {
        const { otherKey } = context.facts
        if (!otherKey) throw new Skip('no key of another account is known. Name one with --other-key.')
        const first = await lost(context)
        await refusedToResume(await resumed(context, idOf(first), otherKey), 'session_forbidden')
        const peer = await resumed(context, idOf(first))
        same(peer.frames[0]?.type, 'session.ready', "the owner's own resume after that")
        await peer.end()
      },
    },
    {
      number: 122,
      source: 'inferred',
      title: 'A pending `tool.result` is accepted after a resume.',
      async run(context) {
        const tools = [{ name: 'check_oven', description: 'Looks into the oven.' }]
        const script = callsThenSays([{ calls: 'check_oven' }], 'The bread is ready.')
        const { peer: first, model } = await context.modelled(script, { tools })
        first.send({ type: 'reply.create' })
        const { call_id } = await first.next('tool.call')
        first.drop()
        await first.closed
        const peer = await resumed(context, idOf(first))
        same(peer.frames[0]?.type, 'session.ready', 'the first frame after the resume')
        const text = peer.next('transcript.agent', (frame) => frame.text === 'The bread is ready.')
        peer.send({ type: 'tool.result', call_id, result: '{"ready":true}' })
        const { reply_id } = await text
        await peer.first('reply.done', (frame) => frame.reply_id === reply_id)
        const results = model.requests.at(-1)?.messages.filter(({ callId }) => callId === call_id)
        must(
          results?.some(({ content }) => content.includes('ready')),
          `the model was told ${show(results)} of the result`,
        )
        same(replyOf(peer, reply_id).done?.frame.status, 'completed', 'the status of the reply')
        await peer.end()
      },
    },
    {
      number: 123,
      source: 'doc',
      title: 'No `session.ended` for a network drop.',
      async run(context) {
        const first = await context.ready({ greeting })
        await first.first('reply.audio')
        first.drop()
        await first.closed
        same(first.of('session.ended'), [], 'session.ended')
        const peer = await resumed(context, idOf(first))
        await peer.settled()
        same(peer.of('session.ended'), [], 'session.ended on the connection that resumed')
      },
    },
  ],
}

// Errors of a message, and what every frame has (60-69).
import type { Context } from '../context.js'
import { must, same, show } from '../expect.js'
import type { Chapter } from '../item.js'
import { talk } from '../kit/scenes.js'
import { errorCodes, errorsOfMessages, textFrames, timestamps } from '../wire/rules.js'
import { encode, tone } from '../wire/sound.js'

/** The one error, without `param` and `session_id`, that a wrong message is answered with; the connection stays. */
async function objection(context: Context, message: object | string, code: string, text: string): Promise<void> {
  const peer = await context.ready()
  const answers = await peer.answersTo(message)
  same(
    answers.map(({ type }) => type),
    ['session.error'],
    `the answer to ${show(message)}`,
  )
  same([answers[0]?.code, answers[0]?.message], [code, text], 'code and message')
  errorsOfMessages(peer)
  const after = await peer.answersTo({ type: 'session.update', session: { system_prompt: 'Go on.' } })
  must(
    after.some(({ type }) => type === 'session.updated'),
    'the session does not go on',
  )
  await peer.end()
}

/** A connection on which errors of both kinds came. */
const errorsOfBothKinds = (context: Context) =>
  context.once('errors', async (own) => {
    const peer = await own.ready()
    await peer.answersTo({ type: 'nonsense' })
    await peer.answersTo({ type: 'input.audio', audio: '*' })
    await peer.answersTo({ type: 'session.update', session: { output: { volume: 101 } } })
    await peer.answersTo({ type: 'session.update', session: { output: { voice: 'eve' } } })
    await peer.end()
    must(peer.of('session.error').length === 4, `${peer.of('session.error').length} errors for four wrong messages`)
    return peer
  })

export const protocolErrors: Chapter = {
  heading: 'Protocol errors',
  items: [
    {
      number: 60,
      source: 'observed',
      title: 'Invalid JSON: `invalid_format`, `Invalid JSON format.`, open.',
      run: (context) => objection(context, '{"type":', 'invalid_format', 'Invalid JSON format.'),
    },
    {
      number: 61,
      source: 'observed',
      title: 'An unknown type X: `invalid_format`, `Unknown message type: X`, open.',
      run: (context) =>
        objection(context, { type: 'reply.make' }, 'invalid_format', 'Unknown message type: reply.make'),
    },
    {
      number: 62,
      source: 'observed',
      title: "A missing required field: `invalid_format`, `Invalid message format for type 'X'`, open.",
      async run(context) {
        for (const message of [
          { type: 'input.audio' },
          { type: 'tool.result', call_id: 'x' },
          { type: 'reply.cancel' },
          { type: 'conversation.message', role: 'user' },
        ])
          await objection(context, message, 'invalid_format', `Invalid message format for type '${message.type}'`)
      },
    },
    {
      number: 63,
      source: 'observed',
      title: 'Undecodable base64: `invalid_audio`, `Invalid audio data`, open.',
      run: (context) =>
        objection(context, { type: 'input.audio', audio: '*not base64*' }, 'invalid_audio', 'Invalid audio data'),
    },
    {
      number: 64,
      source: 'observed',
      title: 'Errors of a message omit `param` and `session_id`.',
      run: async (context) => errorsOfMessages(await errorsOfBothKinds(context)),
      everywhere: errorsOfMessages,
    },
    {
      number: 65,
      source: 'observed',
      title: 'Every frame of the server has a float `timestamp` in seconds.',
      run: async (context) => timestamps((await talk(context)).peer),
      everywhere: timestamps,
    },
    {
      number: 66,
      source: 'doc',
      title: 'No binary frames are ever sent; every frame is a JSON object with a type.',
      run: async (context) => textFrames((await talk(context)).peer),
      everywhere: textFrames,
    },
    {
      number: 67,
      source: 'inferred',
      title: 'Audio before ready is dropped without an error.',
      async run(context) {
        const peer = await context.open()
        const audio = encode(tone(50), 'audio/pcm').toString('base64')
        for (let frame = 0; frame < 10; frame++) peer.send({ type: 'input.audio', audio })
        peer.send({ type: 'session.update', session: { system_prompt: 'Be brief.' } })
        await peer.first('session.ready')
        await peer.end()
        same(peer.of('session.error'), [], 'errors')
        same(peer.of('session.ended')[0]?.audio_duration_seconds, null, 'audio_duration_seconds')
      },
    },
    {
      number: 68,
      source: 'inferred',
      title: '`tool.result.result` given as an object: `invalid_format`.',
      run: (context) =>
        objection(
          context,
          { type: 'tool.result', call_id: 'x', result: { a: 1 } },
          'invalid_format',
          "Invalid message format for type 'tool.result'",
        ),
    },
    {
      number: 69,
      source: 'doc',
      title: 'Every `session.error.code` is in the closed list.',
      run: async (context) => errorCodes(await errorsOfBothKinds(context)),
      everywhere: errorCodes,
    },
  ],
}

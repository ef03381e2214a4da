// Speech of the user (91-103).
import type { Context } from '../context.js'
import { Failure, must, same, show } from '../expect.js'
import type { Chapter, Item } from '../item.js'
import { bargeIn, longAnswer, question, replied, replyOf, talk } from '../kit/scenes.js'
import { understood } from '../kit/words.js'
import * as rules from '../wire/rules.js'
import { joined, silence } from '../wire/sound.js'
import { repliesOf } from '../wire/trace.js'

const BACK_CHANNELS = ['Okay.', 'I see.', 'Of course.']

/** Values of one setting: those that are refused by its path, and those that are accepted. */
const range = (
  number: number,
  title: string,
  refused: readonly (readonly [param: string, session: object])[],
  accepted: readonly object[],
): Item => ({
  number,
  source: 'doc',
  title,
  async run(context) {
    const peer = await context.ready()
    for (const [param, session] of refused) {
      const answers = await peer.answersTo({ type: 'session.update', session })
      const errors = answers.filter(({ type }) => type === 'session.error')
      same(
        errors.map(({ code, param: at }) => [code, at]),
        [['invalid_value', param]],
        `the errors for ${show(session)}`,
      )
    }
    for (const session of accepted) {
      const types = (await peer.answersTo({ type: 'session.update', session })).map(({ type }) => type)
      same(types, ['session.updated'], `the answer to ${show(session)}`)
    }
    await peer.end()
    const first = refused[0]!
    const frame = await context.refused(first[1])
    same([frame.code, frame.param], ['invalid_value', first[0]], 'code and param in a first update')
  },
})

const detection = (turn_detection: object) => ({ input: { turn_detection } })
const at = (name: string) => `input.turn_detection.${name}`

const plain = (text: string) => text.toLowerCase().replace(/[^a-z ]/g, '')

/** What was understood when these words, said twice into a long reply, cut it short; undefined when they did not. */
async function cutBy(context: Context, words: string): Promise<string | undefined> {
  const speech = await context.speech(words)
  const { peer } = await context.modelled(() => [{ says: longAnswer }])
  const caller = context.caller(peer)
  const started = peer.next('reply.started')
  peer.send({ type: 'reply.create' })
  const { reply_id } = await started
  const cut = peer.next('transcript.user', undefined, 60_000)
  const survived = (async () => {
    for (const afterMs of [2000, 5500]) {
      await peer.next('reply.audio', () => peer.soundMsOf(reply_id) > afterMs)
      await caller.say(speech)
    }
    await peer.next('reply.audio', ({ reply_id: id }) => id === reply_id && peer.soundMsOf(id) > 9500)
  })()
  const frame = await Promise.race([cut, survived])
  // the other one fails once the session ends, when nobody waits for it any more
  survived.catch(() => {})
  await peer.end()
  return frame ? understood(frame.text) : undefined
}

/** A turn with a pause in the middle of it. */
const pausing = (context: Context) =>
  context.once('pausing', async (own) => {
    const [first, second] = await Promise.all([own.speech('I would like to know'), own.speech(question)])
    const peer = await own.ready({
      system_prompt: 'Be brief.',
      input: { turn_detection: { min_silence: 1500, max_silence: 2000 } },
    })
    const caller = own.caller(peer)
    const stopped = peer.nextReceived('input.speech.stopped')
    const said = await caller.say(joined([first, silence(500), second]))
    const { at: stoppedAt } = await stopped
    await peer.first('reply.done')
    await peer.end()
    return { peer, said, stoppedAt }
  })

export const userSpeech: Chapter = {
  heading: 'Speech of the user',
  items: [
    {
      number: 91,
      source: 'doc',
      title: '`transcript.user.delta.text` is cumulative.',
      async run(context) {
        const { peer } = await talk(context)
        must(peer.of('transcript.user.delta').length > 0, 'no transcript.user.delta')
        rules.userDeltasGrow(peer)
        rules.userDeltasGrow((await pausing(context)).peer)
      },
      everywhere: rules.userDeltasGrow,
    },
    {
      number: 92,
      source: 'doc',
      title: 'One `transcript.user` per turn with the same `item_id` as its deltas.',
      async run(context) {
        for (const { peer } of [await talk(context), await pausing(context)]) {
          const texts = peer.of('transcript.user')
          same(texts.length, 1, 'the number of transcript.user for one turn')
          understood(texts[0]?.text)
          for (const { item_id } of peer.of('transcript.user.delta'))
            same(item_id, texts[0]?.item_id, 'the item_id of a delta')
        }
      },
      everywhere: rules.oneTextATurn,
    },
    {
      number: 93,
      source: 'observed',
      title: 'Order at commit: `input.speech.stopped`, `transcript.user`, `reply.started`.',
      async run(context) {
        const { course } = (await talk(context)).peer
        const commit = course.indexOf('input.speech.stopped')
        const expected = ['input.speech.stopped', 'transcript.user', 'reply.started']
        same(course.slice(commit, commit + 3), expected, 'the frames at the commit')
        must(
          course.indexOf('input.speech.started') < commit && course.includes('input.speech.started'),
          'no input.speech.started before',
        )
      },
      everywhere: rules.turnsAreClosed,
    },
    {
      number: 94,
      source: 'observed',
      title: '`input.speech.stopped` is not sent before the turn is committed.',
      async run(context) {
        const { peer, said, stoppedAt } = await pausing(context)
        same(peer.of('input.speech.stopped').length, 1, 'the number of input.speech.stopped in a turn with a pause')
        must(
          stoppedAt > said,
          `input.speech.stopped came ${Math.round(said - stoppedAt)} ms before the end of the speech`,
        )
        const { course } = peer
        same(course[course.indexOf('input.speech.stopped') + 1], 'transcript.user', 'what follows it')
      },
    },
    {
      number: 95,
      source: 'doc',
      title: 'Back-channels do not interrupt in the default mode.',
      async run(context) {
        for (const words of BACK_CHANNELS) {
          const understoodAs = await cutBy(context, words)
          if (understoodAs === undefined) return
          must(plain(understoodAs) !== plain(words), `the agent was cut short by ${show(words)}`)
        }
        throw new Failure('each back-channel was misheard as other words, which may cut the agent short')
      },
    },
    {
      number: 96,
      source: 'observed',
      title:
        'Barge-in emits `input.speech.started`, `transcript.agent` (interrupted), `reply.done` (interrupted) together.',
      async run(context) {
        const { peer, cut } = await bargeIn(context)
        const end = peer.frames.findIndex(({ type, reply_id }) => type === 'reply.done' && reply_id === cut.id)
        const stroke = peer.received.slice(end - 2, end + 1)
        same(
          stroke.map(({ frame }) => [frame.type, frame.interrupted ?? frame.status]),
          [
            ['input.speech.started', undefined],
            ['transcript.agent', true],
            ['reply.done', 'interrupted'],
          ],
          'the frames at the interruption',
        )
        const tookMs = (Number(stroke[2]?.frame.timestamp) - Number(stroke[0]?.frame.timestamp)) * 1000
        must(tookMs < 100, `the three frames took ${Math.round(tookMs)} ms`)
        const then = peer.frames.slice(end + 1).filter(({ type }) => type === 'transcript.user')
        same(then.length, 1, 'the number of transcript.user after it')
        must(repliesOf(peer).length >= 2, 'no reply to the words that interrupted')
      },
    },
    {
      number: 97,
      source: 'doc',
      title: 'No `reply.audio` for a reply after its `reply.done`.',
      run: async (context) => rules.replyFrames((await bargeIn(context)).peer),
      everywhere: rules.replyFrames,
    },
    {
      number: 98,
      source: 'doc',
      title: 'Interrupted text is trimmed to what was sent or heard.',
      async run(context) {
        const { peer, cut } = await bargeIn(context)
        const text = cut.text ?? ''
        must(
          text !== '' && text !== longAnswer && longAnswer.startsWith(text),
          `the text of the reply is ${show(text)}`,
        )
        const words = peer.of('transcript.agent.delta').filter(({ reply_id }) => reply_id === cut.id)
        const last = words[text.split(/\s+/).length - 1]
        const end = Number(last?.end_ms ?? cut.soundMs)
        must(
          Math.abs(end - cut.soundMs) < 1500,
          `the text ends at ${end} ms, the sound at ${Math.round(cut.soundMs)} ms`,
        )
      },
    },
    {
      number: 99,
      source: 'doc',
      title: '`interrupt_response: false` never cuts a reply; the speech is answered after it.',
      async run(context) {
        const speech = await context.speech(question)
        const { peer } = await context.modelled(({ messages }) => [
          {
            says: messages.some(({ role }) => role === 'user')
              ? 'At eight.'
              : 'There is a great deal to say about bread, so let me begin with the flour of it.',
          },
        ])
        await peer.answersTo({
          type: 'session.update',
          session: detection({ interrupt_response: false, min_silence: 500, max_silence: 1000 }),
        })
        const caller = context.caller(peer)
        const first = replied(peer)
        await peer.next('reply.audio')
        const next = peer.next('reply.done', ({ reply_id }) => reply_id !== repliesOf(peer)[0]?.id, 60_000)
        void caller.say(speech)
        same((await first).done?.frame.status, 'completed', 'the status of the reply that was spoken into')
        same(replyOf(peer, (await next).reply_id).text, 'At eight.', 'the reply to what was said into it')
        await peer.end()
      },
    },
    range(
      100,
      '`vad_threshold`, `min_silence`, `max_silence`, `interruption_delay` are held to their ranges, with a dotted param.',
      [
        [at('vad_threshold'), detection({ vad_threshold: 1.1 })],
        [at('vad_threshold'), detection({ vad_threshold: -0.1 })],
        [at('min_silence'), detection({ min_silence: -1 })],
        [at('max_silence'), detection({ max_silence: -1 })],
        [at('min_silence'), detection({ min_silence: 900, max_silence: 800 })],
        [at('interruption_delay'), detection({ interruption_delay: 1001 })],
        [at('interruption_delay'), detection({ interruption_delay: -1 })],
      ],
      [
        detection({ vad_threshold: 0, min_silence: 50, max_silence: 50, interruption_delay: 0 }),
        detection({ vad_threshold: 1, min_silence: 10_000, max_silence: 10_000, interruption_delay: 1000 }),
      ],
    ),
    range(
      101,
      '`transcription_mode` accepts the three names only.',
      [['input.transcription_mode', { input: { transcription_mode: 'fast' } }]],
      ['min_latency', 'balanced', 'max_accuracy'].map((transcription_mode) => ({ input: { transcription_mode } })),
    ),
    range(
      102,
      'More than 100 `keyterms`: `invalid_value`.',
      [['input.keyterms', { input: { keyterms: Array(101).fill('bread') } }]],
      [{ input: { keyterms: Array(100).fill('bread') } }],
    ),
    range(
      103,
      'A `transcription_prompt` over 1750 characters: `invalid_value`.',
      [['input.transcription_prompt', { input: { transcription_prompt: 'x'.repeat(1751) } }]],
      [{ input: { transcription_prompt: 'x'.repeat(1750) } }],
    ),
  ],
}

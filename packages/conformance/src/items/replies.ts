// The greeting, and replies (70-90).
import type { Context } from '../context.js'
import { must, same, show } from '../expect.js'
import type { Chapter, Item } from '../item.js'
import { says } from '../kit/model.js'
import {
  answer,
  bargeIn,
  greeting,
  instructed,
  instructions,
  pageMessage,
  prompt,
  replied,
  replyOf,
  talk,
} from '../kit/scenes.js'
import * as rules from '../wire/rules.js'
import { repliesOf, type Trace } from '../wire/trace.js'

const LONG =
  'There is a great deal to say about bread, so let me begin. It is made of flour, of water, and of patience.'

/** Something that holds for every connection, tried on a whole conversation and on one with an interruption. */
const rule = (number: number, source: Item['source'], title: string, holds: (trace: Trace) => void): Item => ({
  number,
  source,
  title,
  everywhere: holds,
  async run(context) {
    const { peer } = await talk(context)
    for (const reply of repliesOf(peer)) {
      must(reply.done && reply.text && reply.soundMs > 500, `a reply without sound, text or end: ${show(reply.text)}`)
      must(
        reply.frames.some(({ frame }) => frame.type === 'transcript.agent.delta'),
        'a reply without transcript.agent.delta',
      )
    }
    holds(peer)
    holds((await bargeIn(context)).peer)
  },
})

/** The shortest of a few tries: a moment in which a machine is busy is no fault of the server. */
async function within(mostMs: number, tries: number, what: string, measure: () => Promise<number>): Promise<void> {
  const times: number[] = []
  for (let count = 0; count < tries; count++) {
    times.push(await measure())
    if (times.at(-1)! <= mostMs) return
  }
  must(false, `${what} took ${times.map((ms) => Math.round(ms)).join(', ')} ms`)
}

async function greetingDelay(context: Context): Promise<number> {
  const peer = await context.ready({ greeting })
  await peer.first('reply.audio')
  must(peer.of('reply.started').length === 1, 'the greeting has no reply.started')
  const at = (type: string) => Number(peer.of(type)[0]?.timestamp) * 1000
  await peer.end()
  return at('reply.audio') - at('session.ready')
}

export const replies: Chapter = {
  heading: 'Greeting and replies',
  items: [
    {
      number: 70,
      source: 'observed',
      title: 'A configured greeting starts without client action within 1 s of ready.',
      run: (context) => within(1000, 4, 'the first sound of the greeting', () => greetingDelay(context)),
    },
    {
      number: 71,
      source: 'observed',
      title: 'Its `transcript.agent.text` equals the greeting exactly.',
      async run(context) {
        same((await talk(context)).greeted.text, greeting, 'the text of the greeting')
        for (const odd of ['  Hi,   *you*! ', 'Grüß Gott.\nWie geht’s?', 'Dr. No said "no", 3 times…']) {
          const peer = await context.ready({ greeting: odd })
          same((await peer.first('transcript.agent')).text, odd, 'the text of the greeting')
          await peer.end()
        }
      },
    },
    {
      number: 72,
      source: 'doc',
      title: 'The greeting does not go through the language model.',
      run: async (context) =>
        same((await talk(context)).requestsAtGreeting, 0, 'requests to the model before the greeting was over'),
    },
    {
      number: 73,
      source: 'observed',
      title: 'The greeting appears in the history as an assistant message.',
      async run(context) {
        const { model } = await talk(context)
        const said = model.requests[0]?.messages
          .filter(({ role }) => role === 'assistant')
          .map(({ content }) => content.trim())
        must(said?.includes(greeting), `the assistant messages that the model was told are ${show(said)}`)
      },
    },
    rule(74, 'doc', 'Each reply is `reply.started` … `reply.done` with one `reply_id`.', rules.replyFrames),
    rule(75, 'observed', '`reply_id` is `resp_` and 32 hex digits, `item_id` `msg_` and 32.', rules.ids),
    rule(76, 'observed', 'Replies never overlap.', rules.oneReplyAtATime),
    rule(77, 'doc', '`reply.audio` uses `data`; `input.audio` uses `audio`.', rules.soundFields),
    rule(
      78,
      'observed',
      '`transcript.agent` follows the last `reply.audio` of its reply and precedes `reply.done`.',
      rules.textAfterSound,
    ),
    rule(79, 'doc', '`reply.done.status` is `completed` or `interrupted`.', rules.statuses),
    rule(80, 'observed', '`transcript.agent.interrupted` agrees with `reply.done.status`.', rules.interruptedAgrees),
    rule(
      81,
      'observed',
      '`transcript.agent.delta` carries one word with `start_ms` and `end_ms`, or null.',
      rules.oneWordADelta,
    ),
    rule(82, 'observed', 'Deltas precede the final transcript.', rules.deltasFirst),
    rule(83, 'inferred', 'Joined deltas equal the final text of a completed reply.', rules.deltasAreTheText),
    {
      number: 84,
      source: 'observed',
      title: '`reply.create` produces `reply.started` within 200 ms when idle.',
      async run(context) {
        const { peer } = await context.modelled(says('Here you are.'))
        await within(200, 6, 'reply.started', async () => {
          const asked = performance.now()
          const started = peer.nextReceived('reply.started')
          const done = peer.next('reply.done')
          peer.send({ type: 'reply.create' })
          const { at } = await started
          await done
          return at - asked
        })
        await peer.end()
      },
    },
    {
      number: 85,
      source: 'observed',
      title: '`reply.create.instructions` reach the model verbatim as the last system message, once.',
      async run(context) {
        const { model, instructedReply } = await talk(context)
        same(instructedReply.text, instructed, 'the reply to the instructions')
        const asked = model.requests.filter(({ messages }) => messages.at(-1)?.content === instructions)
        must(asked.length > 0, 'no request to the model ends with the instructions')
        same(asked[0]?.messages.at(-1)?.role, 'system', 'the role of the instructions')
        const last = model.requests.at(-1)?.messages ?? []
        must(
          !last.some(({ content }) => content.includes('lookup is still running."')),
          'the instructions are still there in the next request',
        )
      },
    },
    {
      number: 86,
      source: 'observed',
      title: '`reply.create` during the greeting replaces it.',
      async run(context) {
        const { peer } = await context.modelled(says('Something else.'), { greeting: LONG })
        const { reply_id } = await peer.first('reply.audio')
        const second = await replied(peer)
        same(replyOf(peer, reply_id).done?.frame.status, 'interrupted', 'the status of the greeting')
        same([second.text, second.done?.frame.status], ['Something else.', 'completed'], 'text and status of the reply')
        await peer.end()
      },
    },
    {
      number: 87,
      source: 'inferred',
      title: '`reply.create` during another reply does not interleave words.',
      async run(context) {
        const { peer } = await context.modelled(({ messages }) => [
          { says: messages.at(-1)?.content === 'Now the other.' ? 'And here is the other one.' : LONG },
        ])
        const first = peer.next('reply.done', undefined, 60_000)
        peer.send({ type: 'reply.create' })
        await peer.next('reply.audio')
        peer.send({ type: 'reply.create', instructions: 'Now the other.' })
        const firstId = (await first).reply_id
        const secondId = (await peer.next('reply.done', undefined, 60_000)).reply_id
        const texts = [firstId, secondId].map((id) => replyOf(peer, id).text)
        same(texts, [LONG, 'And here is the other one.'], 'the texts of the two replies')
        rules.deltasAreTheText(peer)
        await peer.end()
      },
    },
    {
      number: 88,
      source: 'inferred',
      title: '`reply.cancel` stops the named reply, and no other.',
      async run(context) {
        const { peer } = await context.modelled(says(LONG))
        peer.send({ type: 'reply.create' })
        const { reply_id } = await peer.next('reply.started')
        peer.send({ type: 'reply.cancel', reply_id: `resp_${'0'.repeat(32)}` })
        await peer.next('reply.audio', () => peer.soundMsOf(reply_id) > 1500)
        const done = peer.next('reply.done')
        peer.send({ type: 'reply.cancel', reply_id })
        same([(await done).reply_id, (await done).status], [reply_id, 'interrupted'], 'the reply that ended, and how')
        const { text = '', soundMs } = replyOf(peer, reply_id)
        must(LONG.startsWith(text) && text.length < LONG.length, `the text of the reply is ${show(text)}`)
        must(soundMs < 5000, `the reply went on for ${Math.round(soundMs)} ms`)
        await peer.settled()
        rules.replyFrames(peer)
        same(peer.of('session.error'), [], 'errors')
        await peer.end()
      },
    },
    {
      number: 89,
      source: 'doc',
      title: '`conversation.message` adds context and triggers no reply.',
      async run(context) {
        const peer = await context.ready()
        for (const role of ['user', 'system']) peer.send({ type: 'conversation.message', role, content: pageMessage })
        await new Promise((resolve) => setTimeout(resolve, 1500))
        same(peer.course, ['session.updated', 'session.ready'], 'what was sent')
        await peer.end()
      },
    },
    {
      number: 90,
      source: 'doc',
      title: 'Its content reaches the model on the next reply.',
      async run(context) {
        const { model } = await talk(context)
        const last = model.requests.at(-1)?.messages ?? []
        same(
          last.find(({ content }) => content === pageMessage)?.role,
          'system',
          'the role of the message that the model was told',
        )
        must(last[0]?.content.includes(prompt), 'the prompt is not the first message')
        must(
          last.some(({ role, content }) => role === 'assistant' && content.trim() === answer),
          'the answer before it is not in the history',
        )
      },
    },
  ],
}

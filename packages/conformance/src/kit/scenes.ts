// Conversations that several items look at: each is held once in a run, by the first item that asks for it.
import type { Context } from '../context.js'
import { must } from '../expect.js'
import type { Peer } from '../wire/peer.js'
import { type Reply, repliesOf } from '../wire/trace.js'
import type { Model, Script } from './model.js'

export const greeting = 'Hello, and welcome to the bakery. What can I get you today?'
export const prompt = 'You sell bread at a bakery in Leeds.'
export const answer = 'We open at eight in the morning. On Sundays we open a little later, at nine.'
export const instructed = 'The lookup is still running. It will not take much longer.'
export const instructions = '  Tell the caller *exactly* this:\n"The lookup is still running."\t🥖 '
export const pageMessage = 'The customer has opened the page of cakes.'
export const question = 'What time do you open tomorrow?'

export const interruption = 'Wait, please stop talking now.'
export const longAnswer =
  'There is a great deal to say about bread, so let me begin at the very beginning of it. ' +
  'Bread is made of flour, water and salt, and of a good deal of patience as well. ' +
  'The flour is mixed with the water, and after that the dough has to rest for a while. ' +
  'Then it is folded, and it rests again, and in the end it is baked in a very hot oven.'
export const shortAnswer = 'Of course, I have stopped.'

/** Asks for a reply and waits for its end. */
export async function replied(peer: Peer, more: object = {}): Promise<Reply> {
  const started = peer.next('reply.started')
  peer.send({ type: 'reply.create', ...more })
  const { reply_id } = await started
  await peer.first('reply.done', (frame) => frame.reply_id === reply_id, 60_000)
  return replyOf(peer, reply_id)
}

export function replyOf(peer: Peer, id: unknown): Reply {
  const reply = repliesOf(peer).find((candidate) => candidate.id === id)
  must(reply, `no reply with the id ${String(id)}`)
  return reply
}

export interface Talk {
  readonly peer: Peer
  readonly model: Model
  /** How many requests the model had been sent when the greeting was over. */
  readonly requestsAtGreeting: number
  readonly greeted: Reply
  /** The reply to the spoken question. */
  readonly answered: Reply
  readonly instructedReply: Reply
  /** When the last of the question was sent. */
  readonly saidAt: number
}

/** A greeting, a spoken question and its answer, a message, a reply that is asked for, the end. */
export const talk = (context: Context): Promise<Talk> =>
  context.once('talk', async (own) => {
    const speech = await own.speech(question)
    const { peer, model } = await own.modelled(talkScript, { greeting, system_prompt: prompt })
    await peer.first('reply.done')
    const requestsAtGreeting = model.requests.length
    const caller = own.caller(peer)
    const done = peer.next('reply.done', undefined, 60_000)
    const saidAt = await caller.say(speech)
    const answered = replyOf(peer, (await done).reply_id)
    peer.send({ type: 'conversation.message', role: 'system', content: pageMessage })
    const instructedReply = await replied(peer, { instructions })
    const last = await replied(peer)
    must(last.done, 'the last reply has no end')
    await peer.end()
    const greeted = repliesOf(peer)[0]!
    return { peer, model, requestsAtGreeting, greeted, answered, instructedReply, saidAt }
  })

const talkScript: Script = ({ messages }) => [{ says: messages.at(-1)?.content === instructions ? instructed : answer }]

export interface BargeIn {
  readonly peer: Peer
  /** The reply that was cut. */
  readonly cut: Reply
  /** The reply to the words that cut it. */
  readonly after: Reply
}

/** A long reply, cut by "Wait, please stop talking now.", and the reply to that. */
export const bargeIn = (context: Context): Promise<BargeIn> =>
  context.once('barge-in', async (own) => {
    const speech = await own.speech(interruption)
    const { peer } = await own.modelled(({ messages }) => [
      { says: messages.some(({ role }) => role === 'user') ? shortAnswer : longAnswer },
    ])
    const caller = own.caller(peer)
    const { cut, after } = await interrupted(peer, () => caller.say(speech))
    await peer.end()
    return { peer, cut: replyOf(peer, cut), after: replyOf(peer, after) }
  })

/** Asks for a reply, says something into it after two seconds, and waits for the end of the reply to that. */
export async function interrupted(
  peer: Peer,
  interrupt: () => Promise<unknown>,
): Promise<{ cut: unknown; after: unknown }> {
  const started = peer.next('reply.started')
  peer.send({ type: 'reply.create' })
  const cut = (await started).reply_id
  await peer.next('reply.audio', () => peer.soundMsOf(cut) > 2000)
  const over = peer.next('reply.done', ({ reply_id }) => reply_id === cut, 60_000)
  const next = peer.next('reply.started', undefined, 60_000)
  const answered = peer.next('reply.done', ({ reply_id }) => reply_id !== cut, 90_000)
  await interrupt()
  must((await over).status !== 'completed', 'the reply was not interrupted by speech')
  const after = (await next).reply_id
  await answered
  return { cut, after }
}

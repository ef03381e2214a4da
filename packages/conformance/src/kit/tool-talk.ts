// How tools of the client are asked about: a reply that calls, its answer, what is spoken then and what the model was told.
import { string } from '../expect.js'
import type { Peer } from '../wire/peer.js'
import type { Model } from './model.js'

export const AFTER = 'The bread is ready now, thank you for waiting.'
export const oven = { name: 'check_oven', description: 'Looks into the oven.' }
export const shop = { name: 'check_shop', description: 'Looks into the shop.' }

/** Asks for a reply and waits for the call that it makes: in the reply, or soon after it. */
export async function called(peer: Peer): Promise<string> {
  const call = peer.next('tool.call')
  const done = peer.next('reply.done', undefined, 60_000)
  peer.send({ type: 'reply.create' })
  const late = done.then(() => peer.first('tool.call', undefined, 5_000))
  late.catch(() => {})
  return string((await Promise.race([call, late])).call_id, 'call_id')
}

export const answer = (peer: Peer, call_id: string, more: object = {}) =>
  peer.send({ type: 'tool.result', call_id, result: '{"state":"ready"}', ...more })

/** The end of the reply that speaks this text. */
export async function spoken(peer: Peer, text = AFTER): Promise<unknown> {
  const { reply_id } = await peer.first('transcript.agent', (frame) => frame.text === text, 40_000)
  await peer.first('reply.done', (frame) => frame.reply_id === reply_id)
  return reply_id
}

/** What the model was told of a call, in its last request. */
export const resultsFor = (model: Model, callId: unknown) =>
  (model.requests.at(-1)?.messages ?? []).filter((message) => message.callId === callId).map(({ content }) => content)

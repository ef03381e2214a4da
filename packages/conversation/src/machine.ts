// A machine has answered the call: it is left a message, if there is one, and nobody listens to it.

import { end } from './lifecycle.js'
import { apply, type Event, type EventBody, type Millis, type Rule, send, unchanged } from './model.js'
import { cutReply, recite } from './reply.js'
import { note, order, whenLive } from './rules.js'
import type { Conversation, Live, Opening } from './state.js'
import { dropCollecting } from './tools.js'
import { forgetTurn } from './user-turn.js'

/** Without a message, or without a line, the call is over at once; otherwise when the message was heard. */
export const machineAnswered =
  (message: string | undefined, at: Millis): Rule<Conversation> =>
  (conversation) => {
    if (conversation.phase === 'ended' || isLeftMessage(conversation)) return unchanged(conversation)
    const isThere = conversation.phase === 'opening' || conversation.connection.is === 'up'
    if (message === undefined || message.trim() === '' || !isThere) return end('agent_end', at)(conversation)
    return conversation.phase === 'opening'
      ? unchanged<Conversation>({ ...conversation, messageLeft: message })
      : apply<Conversation>(conversation, whenLive(leaveMessage(message, at)))
  }

/** What a machine says, or presses, means nothing. */
export const isDeafTo = ({ ending }: Live, { type }: Event): boolean => ending?.is === 'message' && HEARD.has(type)

/** The machine was there before the session was ready. */
export const messageAfterOpening =
  ({ messageLeft }: Opening, at: Millis): Rule<Conversation> =>
  (conversation) =>
    messageLeft === undefined ? unchanged(conversation) : machineAnswered(messageLeft, at)(conversation)

const HEARD: ReadonlySet<EventBody['type']> = new Set([
  'vad.started',
  'vad.stopped',
  'stt.partial',
  'stt.final',
  'keypad.pressed',
])

const isLeftMessage = (conversation: Conversation): boolean =>
  conversation.phase === 'live' && conversation.ending?.is === 'message'

const leaveMessage =
  (message: string, at: Millis): Rule<Live> =>
  (live) =>
    apply<Live>(
      live,
      note('machine', 'no person has answered the call'),
      cutReply(at),
      stopListening,
      dropCollecting(() => true, NOBODY_THERE),
      (quiet) => unchanged<Live>({ ...quiet, ending: { is: 'message' } }),
      recite('message', message, at),
    )

/** The turn of the user was none. */
const stopListening: Rule<Live> = (live) => {
  if (live.user.is === 'silent') return unchanged(live)
  const isTold = live.user.said.told !== undefined
  return apply(live, isTold ? order(send({ type: 'input.speech.stopped' })) : unchanged, forgetTurn)
}

const NOBODY_THERE = 'The call was not made: a machine has answered.'

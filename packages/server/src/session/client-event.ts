// What a client asked for, as something that happened to the conversation. Sound takes another way.
import type { EventBody } from '@parley/conversation'
import { type ClientEvent, checkSession, type Known } from '@parley/protocol'

export type SpokenFor = Exclude<ClientEvent, { type: 'input.audio' }>

/** `known`: what the settings of a session may use, such as the voices that there are. */
export function eventOf(event: SpokenFor, known: Known): EventBody {
  switch (event.type) {
    case 'session.update':
      return { type: 'client.updated', ...checkSession(event.session ?? {}, known) }
    case 'session.resume':
      return { type: 'client.resumed', sessionId: event.session_id }
    case 'session.end':
      return { type: 'client.ended' }
    case 'tool.result':
      return { type: 'client.answered', callId: event.call_id, result: event.result, isError: event.is_error }
    case 'reply.create':
      return { type: 'client.askedReply', ...(event.instructions && { instructions: event.instructions }) }
    case 'reply.cancel':
      return { type: 'client.cancelledReply', replyId: event.reply_id }
    case 'conversation.message':
      return { type: 'client.said', role: event.role, content: event.content }
  }
}

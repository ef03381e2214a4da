// The events that a client sends over the WebSocket.
import { z } from 'zod'
import { SessionPatch } from './config.js'

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape })

export const clientEvents = {
  'session.update': event('session.update', { session: SessionPatch.optional() }),
  'session.resume': event('session.resume', { session_id: z.string() }),
  'session.end': event('session.end', {}),
  'input.audio': event('input.audio', { audio: z.string() }),
  'tool.result': event('tool.result', {
    call_id: z.string(),
    result: z.string(),
    is_error: z.boolean().default(false),
  }),
  'reply.create': event('reply.create', { instructions: z.string().nullish() }),
  'reply.cancel': event('reply.cancel', { reply_id: z.string() }),
  'conversation.message': event('conversation.message', { role: z.enum(['user', 'system']), content: z.string() }),
} as const

export type ClientEventType = keyof typeof clientEvents
export type ClientEvent = { [Type in ClientEventType]: z.infer<(typeof clientEvents)[Type]> }[ClientEventType]

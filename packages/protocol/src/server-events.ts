// The events that a server sends over the WebSocket. Each also carries `timestamp`, added as it is sent.
import { z } from 'zod'
import { SessionConfig } from './config.js'
import { sessionErrorCodes } from './errors.js'

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape })

export const ConfigEcho = z.object({ id: z.string(), ...SessionConfig.shape })
export type ConfigEcho = z.infer<typeof ConfigEcho>

export const serverEvents = {
  'session.updated': event('session.updated', { config: ConfigEcho }),
  'session.ready': event('session.ready', {
    session_id: z.string(),
    config: ConfigEcho,
    expires_at: z.number().int().describe('Unix seconds at which the session ends by itself.'),
    resume_token: z.string(),
  }),
  'session.error': event('session.error', {
    code: z.enum(sessionErrorCodes),
    message: z.string(),
    param: z.string().nullable().optional(),
    session_id: z.string().nullable().optional(),
  }),
  'session.ended': event('session.ended', {
    session_duration_seconds: z.number(),
    audio_duration_seconds: z.number().nullable(),
  }),
  'input.speech.started': event('input.speech.started', {}),
  'input.speech.stopped': event('input.speech.stopped', {}),
  'transcript.user.delta': event('transcript.user.delta', { item_id: z.string(), text: z.string() }),
  'transcript.user': event('transcript.user', { item_id: z.string(), text: z.string() }),
  'reply.started': event('reply.started', { reply_id: z.string(), item_id: z.string() }),
  'reply.audio': event('reply.audio', { reply_id: z.string(), data: z.string() }),
  'transcript.agent.delta': event('transcript.agent.delta', {
    reply_id: z.string(),
    item_id: z.string(),
    delta: z.string(),
    start_ms: z.number().nullable(),
    end_ms: z.number().nullable(),
  }),
  'transcript.agent': event('transcript.agent', {
    reply_id: z.string(),
    item_id: z.string(),
    text: z.string(),
    interrupted: z.boolean(),
  }),
  'reply.done': event('reply.done', { reply_id: z.string(), status: z.enum(['completed', 'interrupted']) }),
  'reply.error': event('reply.error', {
    reply_id: z.string(),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    status_code: z.number().int().optional(),
    provider_code: z.string().optional(),
    provider_param: z.string().optional(),
  }),
  'tool.call': event('tool.call', {
    call_id: z.string(),
    name: z.string(),
    arguments: z.record(z.string(), z.unknown()),
  }),
} as const

export type ServerEventType = keyof typeof serverEvents
/** As it is sent, less the `timestamp`. */
export type ServerEvent = { [Type in ServerEventType]: z.infer<(typeof serverEvents)[Type]> }[ServerEventType]
/** As a client receives it: `timestamp` is Unix seconds with a fraction (checklist 65). */
export type TimedServerEvent = ServerEvent & { timestamp: number }

// The events that a client sends over the WebSocket.
import { z } from 'zod'
import { SessionPatch } from './config.js'
import type { JsonObject } from './schema-kit.js'

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, description: string, shape: Shape) =>
  z.object({ type: z.literal(type).describe(`Always \`${type}\`.`), ...shape }).describe(description)

export const clientEvents = {
  'session.update': event(
    'session.update',
    'Sets up the session when it is the first message, and changes settings later. Only the settings that are sent change.',
    { session: SessionPatch.optional() },
  ),
  'session.resume': event(
    'session.resume',
    'Goes on with a session whose connection was lost. Must be the first message of the new connection.',
    { session_id: z.string().describe('The session to go on with.') },
  ),
  'session.end': event('session.end', 'Ends the session. It cannot be resumed afterwards.', {}),
  'input.audio': event('input.audio', 'Sound of the user. Send it continuously and in real time, silence included.', {
    audio: z
      .string()
      .describe('Base64 of raw samples in the encoding of `input.format`, of any length, without a header.'),
  }),
  'tool.result': event('tool.result', 'What came of a `tool.call`. May be sent at any time; the first answer counts.', {
    call_id: z.string().describe('The call that is answered.'),
    result: z.string().describe('The result as text, usually JSON; not an object.'),
    is_error: z.boolean().default(false).describe('Whether the tool failed.'),
  }),
  'reply.create': event('reply.create', 'Makes the agent speak now, without waiting for the user.', {
    instructions: z.string().nullish().describe('Told to the model as the last system message, for this reply only.'),
  }),
  'reply.cancel': event('reply.cancel', 'Stops a reply. Without effect when it is over already.', {
    reply_id: z.string().describe('The reply to stop.'),
  }),
  'conversation.message': event(
    'conversation.message',
    'Adds a message to the conversation that the model sees from the next reply on. Nothing is said in answer.',
    {
      role: z.enum(['user', 'system']).describe('In whose name the message stands.'),
      content: z.string().describe('The text.'),
    },
  ),
} as const

export type ClientEventType = keyof typeof clientEvents

/** A `session` object whose shape is right and whose values are not checked yet; `checkSession` does that. */
export type RawSessionPatch = Readonly<JsonObject>

type Parsed = { [Type in ClientEventType]: z.output<(typeof clientEvents)[Type]> }

/** A parsed message. The settings of a `session.update` are still as they were sent. */
export type ClientEvent =
  | { type: 'session.update'; session?: RawSessionPatch }
  | Parsed[Exclude<ClientEventType, 'session.update'>]

/** A message as a client writes it. */
export type ClientMessage = { [Type in ClientEventType]: z.input<(typeof clientEvents)[Type]> }[ClientEventType]

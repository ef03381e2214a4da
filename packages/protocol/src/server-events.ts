// The events that a server sends over the WebSocket. Each also carries `timestamp`, added as it is sent.
import { z } from 'zod'
import { SessionConfig } from './config.js'
import { sessionErrorCodes } from './errors.js'
import { ItemId, ReplyId, SessionId } from './ids.js'

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, description: string, shape: Shape) =>
  z.object({ type: z.literal(type).describe(`Always \`${type}\`.`), ...shape }).describe(description)

export const ConfigEcho = z
  .object({ id: SessionId, ...SessionConfig.shape })
  .describe('The settings in force, every one of them; what is not set is null. Holds no secret.')
export type ConfigEcho = z.infer<typeof ConfigEcho>

const userItem = ItemId.describe('The turn of the user. Its deltas and its final text share it.')
const replyItem = ItemId.describe('The item of the reply in the conversation.')

export const serverEvents = {
  'session.updated': event(
    'session.updated',
    'Some settings were accepted. Sent after every update of which anything was applied.',
    {
      config: ConfigEcho,
    },
  ),
  'session.ready': event(
    'session.ready',
    'The session is ready for sound. Sent once after the first update, and again after a resume.',
    {
      session_id: SessionId.describe('The session; keep it to resume.'),
      config: ConfigEcho,
      expires_at: z.number().int().describe('When the session ends by itself, in seconds since 1970.'),
      resume_token: z
        .string()
        .describe('A credential with which a new connection may resume this session; may be empty.'),
    },
  ),
  'session.error': event(
    'session.error',
    'Something was refused or has failed. The socket closes after it only if the code says so.',
    {
      code: z.enum(sessionErrorCodes).describe('What went wrong; see the list of errors.'),
      message: z.string().describe('The same as a sentence, for whoever reads the log.'),
      param: z
        .string()
        .nullable()
        .optional()
        .describe('Dotted path of the setting; left out when the message itself is malformed.'),
      session_id: z
        .string()
        .nullable()
        .optional()
        .describe('The session; left out when the message itself is malformed.'),
    },
  ),
  'session.ended': event('session.ended', 'The session is over; the socket closes with 1000.', {
    session_duration_seconds: z.number().describe('From the first update to the end, in seconds.'),
    audio_duration_seconds: z
      .number()
      .nullable()
      .describe('Length of the sound received, in seconds; null when there was none.'),
  }),
  'input.speech.started': event(
    'input.speech.started',
    'The user speaks: a turn begins, or the agent is interrupted. Stop playing what has come of the reply.',
    {},
  ),
  'input.speech.stopped': event(
    'input.speech.stopped',
    'The turn of the user is over, as decided, not the mere end of sound.',
    {},
  ),
  'transcript.user.delta': event('transcript.user.delta', 'What the user has said so far in this turn.', {
    item_id: userItem,
    text: z.string().describe('The whole text so far: replaces the one before.'),
  }),
  'transcript.user': event('transcript.user', 'What the user said in this turn. Once for each turn.', {
    item_id: userItem,
    text: z.string().describe('The final text.'),
  }),
  'reply.started': event('reply.started', 'The agent begins a reply. There is never more than one at a time.', {
    reply_id: ReplyId,
    item_id: replyItem,
  }),
  'reply.audio': event('reply.audio', 'Sound of the reply, sent about as fast as it is to be played.', {
    reply_id: ReplyId,
    data: z.string().describe('Base64 of raw samples in the encoding of `output.format`, never empty.'),
  }),
  'transcript.agent.delta': event('transcript.agent.delta', 'One word of the reply, with its place in the sound.', {
    reply_id: ReplyId,
    item_id: replyItem,
    delta: z.string().describe('The word with the space behind it; all of them joined are the final text.'),
    start_ms: z
      .number()
      .nullable()
      .describe('Where the word begins in the sound of this reply, in ms; null when not known.'),
    end_ms: z
      .number()
      .nullable()
      .describe('Where the word ends in the sound of this reply, in ms; null when not known.'),
  }),
  'transcript.agent': event(
    'transcript.agent',
    'What the agent said, after the last sound of the reply and before `reply.done`.',
    {
      reply_id: ReplyId,
      item_id: replyItem,
      text: z.string().describe('The text; of an interrupted reply only what was heard.'),
      interrupted: z.boolean().describe('Whether the reply was cut short.'),
    },
  ),
  'reply.done': event('reply.done', 'The reply is over. No sound of it follows.', {
    reply_id: ReplyId,
    status: z.enum(['completed', 'interrupted']).describe('`interrupted`: cut short; drop what has not been played.'),
  }),
  'reply.error': event('reply.error', 'An engine failed in the middle of a reply. `reply.done` follows.', {
    reply_id: ReplyId,
    code: z.string().describe('What failed.'),
    message: z.string().describe('The same as a sentence.'),
    retryable: z.boolean().describe('Whether another try may succeed.'),
    status_code: z.number().int().optional().describe('HTTP status of the provider.'),
    provider_code: z.string().optional().describe('Error code of the provider.'),
    provider_param: z.string().optional().describe('Parameter that the provider named.'),
  }),
  'tool.call': event(
    'tool.call',
    'The agent calls a tool. Answer with `tool.result`, unless the tool is run by the server.',
    {
      call_id: z.string().describe('The call, to be repeated in the answer.'),
      name: z.string().describe('Name of the tool.'),
      arguments: z.record(z.string(), z.unknown()).describe('The arguments, an object.'),
    },
  ),
} as const

/** When an event was sent, in seconds since 1970, with a fraction (checklist 65). */
export const timestamp = z.number().describe('When the event was sent, in seconds since 1970, with a fraction.')

export type ServerEventType = keyof typeof serverEvents
/** As it is sent, less the `timestamp`. */
export type ServerEvent = { [Type in ServerEventType]: z.infer<(typeof serverEvents)[Type]> }[ServerEventType]
/** As a client receives it: `timestamp` is Unix seconds with a fraction (checklist 65). */
export type TimedServerEvent = ServerEvent & { timestamp: number }

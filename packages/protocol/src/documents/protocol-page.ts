// The page about the WebSocket: how to connect, what comes in which order, every event, every limit.

import { clientEvents } from '../client-events.js'
import { closeCodes } from '../errors.js'
import { limitRows, limits } from '../limits.js'
import { serverEvents } from '../server-events.js'
import { wireEvents } from './async-api.js'
import { clientExamples, received, serverExamples } from './examples.js'
import { componentSchemas, type JsonSchema, socketObjects } from './json-schema.js'
import { anchor, bullets, code, fieldTable, json, page, table } from './markdown.js'

/** `docs/protocol.md`. */
export function protocolPage(): string {
  const schemas = componentSchemas({ ...wireEvents, ...socketObjects })
  const event = (type: string, example: unknown): string[] => [
    `### ${type}`,
    described(schemas[type]),
    fieldTable(schemas[type] ?? {}, schemas),
    json(example),
  ]
  return page(
    '# Protocol',
    'A conversation is one WebSocket at `/v1/ws`. Each message, in either direction, is a text frame that holds one JSON object; its `type` says which event it is. Sound travels inside as base64. The same is told to programs by [asyncapi.json](asyncapi.json); the REST interface, for agents and tokens, is in [openapi.json](openapi.json); errors are in [errors.md](errors.md).',
    ...connecting,
    ...order,
    ...sound,
    ...notYet,
    '## What a client sends',
    index(Object.keys(clientEvents), schemas),
    ...Object.entries(clientExamples).flatMap(([type, example]) => event(type, example)),
    '## What the server sends',
    index(Object.keys(serverEvents), schemas),
    ...Object.entries(serverExamples).flatMap(([type, example]) => event(type, received(example))),
    '## Objects',
    'Events are made of these. What a client may leave out has no *yes* under *required*.',
    ...Object.keys(socketObjects).flatMap((name) => [
      `### ${name}`,
      described(schemas[name]),
      fieldTable(schemas[name] ?? {}, schemas),
    ]),
    '## Limits',
    table(
      ['limit', 'value'],
      limitRows.map(({ value, unit, description }) => [description, `${value} ${unit}`]),
    ),
    '## Close codes',
    table(
      ['code', 'meaning'],
      closeCodes.map(({ code: number, description }) => [code(number), description]),
    ),
  )
}

const connecting = [
  '## Connecting',
  'A connection needs a credential, in one of these forms:',
  table(
    ['form', 'credential'],
    [
      ['`Authorization: KEY`', 'API key'],
      ['`Authorization: Bearer KEY`', 'API key, token, or the `resume_token` of the session to resume'],
      ['`/v1/ws?token=TOKEN`', 'token or API key, for browsers, which cannot set headers'],
    ],
  ),
  'Keep API keys on servers. A browser gets a token from your own server, which asks for it with `GET /v1/token?expires_in_seconds=60`. A token opens one session; how long it may be kept before that does not limit the session.',
  'The server accepts the upgrade whatever the credential. If it is wrong, the first and only message is `session.error` with `unauthorized`, and the socket closes with 1008. Query parameters that are not known are ignored.',
]

const order = [
  '## The order of events',
  'The server says nothing before the client does. The first message is `session.update`, which sets the session up, or `session.resume`. Sound that comes before `session.ready` is dropped without an error.',
  '```\nclient                              server\nsession.update                 →\n                               ←    session.updated\n                               ←    session.ready\n                               ←    reply.started … reply.audio … transcript.agent, reply.done    (the greeting)\ninput.audio, again and again   →\n                               ←    input.speech.started\n                               ←    transcript.user.delta …\n                               ←    input.speech.stopped, transcript.user, reply.started\n                               ←    reply.audio, transcript.agent.delta …\n                               ←    transcript.agent, reply.done\nsession.end                    →\n                               ←    session.ended, then the socket closes with 1000\n```',
  bullets(
    'A reply is everything from `reply.started` to `reply.done` with one `reply_id`. Replies never overlap, and no sound of a reply comes after its `reply.done`.',
    'When the user takes the floor, `input.speech.started`, `transcript.agent` with `interrupted`, and `reply.done` with `interrupted` come together. Drop what has not been played.',
    '`transcript.agent` of an interrupted reply holds only what was heard.',
    'Settings can be changed at any time with another `session.update`, except `greeting`, `output.voice`, `output.format`, `output.type` and `agent_id`. What is refused is told by `session.error`; everything else in the update is applied.',
    '`agent_id` stands alone: it brings the prompt, the greeting, the voice, the tools and the model of a stored agent, and cannot be mixed with inline settings in the first update.',
    'Clients should ignore events and fields that they do not know.',
  ),
]

const sound = [
  '## Sound',
  table(
    ['encoding', 'samples', 'rate'],
    [
      ['`audio/pcm` (default)', 'signed 16-bit little-endian, one channel', '24000 Hz'],
      ['`audio/pcmu`', 'G.711 μ-law, one byte each, one channel', '8000 Hz'],
      ['`audio/pcma`', 'G.711 A-law, one byte each, one channel', '8000 Hz'],
    ],
  ),
  'Input and output may differ. Samples are raw, without a header, in standard base64. Send sound continuously and in real time, silence included: the end of a turn is heard in the silence. Pieces may be of any length; 20 to 100 ms are good.',
  'Sound of the agent comes about as fast as it is to be played, in pieces of any length. Play it in order from a buffer, and empty the buffer when the reply is interrupted.',
  `A message may be ${limits.frameBytes} bytes long. A larger one closes the socket with 1009.`,
]

const notYet = [
  '## Not in this version',
  'Some of what is described below is understood and checked, but has no effect yet:',
  bullets(
    'Tools: `tools` are kept and echoed, but the model is not told of them. No `tool.call` is sent, and a `tool.result` is refused with `invalid_value` for its `call_id`; the session goes on.',
    'Resuming: a session ends with its connection. `session.resume` is answered with `session_not_found`, the socket closes with 1008, and `resume_token` is empty.',
    'Webhooks: a `webhook` that is malformed is refused; nothing is posted to one that is not.',
    'Requests before a call: `pre_connect_requests` are kept and echoed; none is made.',
    '`voice_focus` and `voice_focus_threshold` are kept and echoed; other sound is not held back.',
  ),
  'There is no history of sessions over REST yet, and there are no webhook subscriptions.',
]

const described = (schema: JsonSchema | undefined): string => schema?.description ?? ''

const index = (types: readonly string[], schemas: Readonly<Record<string, JsonSchema>>): string =>
  table(
    ['event', 'meaning'],
    types.map((type) => [`[${code(type)}](#${anchor(type)})`, described(schemas[type])]),
  )

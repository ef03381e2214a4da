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
    ...tools,
    ...resuming,
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
      ['`/v1/ws?token=TOKEN`', 'token, `resume_token` or API key, for browsers, which cannot set headers'],
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

const tools = [
  '## Tools',
  'A tool is something that the agent can do while it talks: `tools` of `session.update` describes it, the model decides when to call it, and the client runs it.',
  '```\nserver                                client\nreply.started, perhaps words    →\ntool.call                       →\nreply.done                      →\n                                ←     tool.result\nreply.started … reply.done      →     (about the result)\n```',
  bullets(
    'The reply with the call does not wait for the result. A `tool.result` may come at any time, before or after `reply.done`. Several calls of one reply are answered in any order; the next reply comes when all of them are.',
    'The first answer counts. A second one, and one to a call that never was, is told by `session.error` with `invalid_value` for `call_id`; the session goes on.',
    'Without a result within `timeout_seconds` the model is told so and the agent speaks. A result that comes later is recorded for the model, and nothing is said of it.',
    'When the user interrupts the agent while a tool of the mode `interactive` runs, its result is recorded, and nothing is said of it. When the user speaks while nobody else does, the conversation goes on, and the result brings a reply when it comes.',
    'In the mode `hold` the agent keeps silent until the result: what the user says is transcribed and given to the model with it. `reply.create` speaks all the same, without tools.',
    'A call whose arguments break the rules of `parameters`, or hold a value that neither the user nor a tool has given, is not made, and the client hears nothing of it: the model is told why and asked again. After three failures in a row it is asked to go on without tools until the user speaks.',
    'A tool that runs is not called a second time with the same arguments because the model was asked again. Within a session no two calls have the same `call_id`.',
    'A stored agent may have tools that the server runs. Their `tool.call` is sent for information; an answer to it is ignored.',
  ),
  'Two things are of Parley alone, and are set with `parley`:',
  bullets(
    '`filler`: when a tool takes longer than `after_ms` (2500 ms unless set) and nobody speaks, the agent says a short phrase as a reply of its own, again after 8, 15 and then every 30 s of silence. The phrases of the server are English; with `language_codes` of another language there are none but your own. Phrases are not part of what the model is told. Nothing is said in the mode `hold`, and with text output.',
    '`end_call`: the model is offered a tool of the platform, `aai_end_call`, with which the agent hangs up. The session ends with `session.ended`, 0.8 s after its last words were heard, unless the user or a `reply.create` goes on.',
  ),
]

const resuming = [
  '## When the connection is lost',
  `A session outlives its connection by ${limits.resumeSeconds} s, unless \`session.end\` was sent, or the server is set otherwise. Open another connection and send, as its first message, \`session.resume\` with the \`session_id\`. The answer is \`session.ready\` of the same session; its settings and all that was said are kept. There is no \`session.updated\` and no second greeting.`,
  'The new connection may use an API key or a fresh token of the same account, the `resume_token` of the last `session.ready`, or, while the session has no connection, the very token that opened it. A `resume_token` opens a connection for nothing but this: with any other first message it is refused with `unauthorized`, for another session with `session_forbidden`.',
  bullets(
    'The reply that was open is over: no `reply.done` comes for it. What was heard of it stays in the history; it is not repeated. If nothing of it was heard, the agent answers after the resume, in a new reply.',
    'What the user had just said is not lost. If the turn ended meanwhile, its `transcript.user` follows `session.ready`; if not, `input.speech.started` and the words so far follow it, and the turn goes on.',
    'A `tool.result` for a call that came before the loss is accepted after the resume. A call is sent once: one that was sent before the loss does not come again.',
    'When another connection is still attached, the newest wins: the older one closes with 1008 and the reason `resumed elsewhere`.',
    'When nobody resumes in time the session ends, and no `session.ended` is sent to anybody.',
  ),
  table(
    ['refused with', 'when'],
    [
      [
        '`session_not_found`',
        'there is no such session, it never became ready, it has ended, or its time to resume is over',
      ],
      ['`session_forbidden`', 'the session belongs to another account'],
      ['`session_expired`', 'it has lasted as long as a session may'],
    ],
  ),
  'Each refusal closes the socket with 1008. A session also survives a restart of the server, if it is resumed in time, counted from the last sign of life of the server. What was said up to then is stored while the session lasts, and no longer; of agents that have nothing kept it is not stored, so their sessions survive a lost connection but not a restart.',
]

const notYet = [
  '## Not in this version',
  'Some of what is described below is understood and checked, but has no effect yet:',
  bullets(
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

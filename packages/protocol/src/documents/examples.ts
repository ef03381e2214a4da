// One example of every message of the WebSocket, shown in the documents and checked against the schemas.
import type { ClientEventType, ClientMessage } from '../client-events.js'
import { defaultConfig, defaultInput } from '../defaults.js'
import { problem, sessionError } from '../errors.js'
import type { ServerEvent, ServerEventType } from '../server-events.js'
import { completeTool } from '../tools.js'

const sessionId = 'sess_5f3c9a52e8d14b7f9c0a6d2e1b4f8a70'
const reply_id = 'resp_0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f'
const userItem = 'msg_11aa22bb33cc44dd55ee66ff77008899'
const replyItem = 'msg_99887700ff66ee55dd44cc33bb22aa11'
const call_id = 'chatcmpl-tool-0123456789abcdef'

const tool = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather of a city. Call it when the user asks about the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
} as const

export const clientExamples: { readonly [Type in ClientEventType]: Extract<ClientMessage, { type: Type }> } = {
  'session.update': {
    type: 'session.update',
    session: {
      system_prompt: 'You are the friendly voice of a weather service. Answer in one sentence.',
      greeting: 'Hello! Which city are you in?',
      input: { keyterms: ['Reykjavik'] },
      output: { voice: 'alba' },
      tools: [tool],
    },
  },
  'session.resume': { type: 'session.resume', session_id: sessionId },
  'session.end': { type: 'session.end' },
  'input.audio': { type: 'input.audio', audio: 'AAD//wEAAgA=' },
  'tool.result': { type: 'tool.result', call_id, result: '{"temperature_celsius":20}' },
  'reply.create': { type: 'reply.create', instructions: 'Tell the user that the lookup is still running.' },
  'reply.cancel': { type: 'reply.cancel', reply_id },
  'conversation.message': {
    type: 'conversation.message',
    role: 'system',
    content: 'The user has opened the page about Reykjavik.',
  },
}

const config = {
  id: sessionId,
  ...defaultConfig,
  system_prompt: 'You are the friendly voice of a weather service. Answer in one sentence.',
  greeting: 'Hello! Which city are you in?',
  input: { ...defaultInput, keyterms: ['Reykjavik'] },
  tools: [completeTool(tool)],
}

const unknownVoice = problem('invalid_value', {
  message: "Invalid voice 'nobody'. Must be one of: alba, anna",
  param: 'output.voice',
})

/** As they are sent, less the `timestamp`. */
export const serverExamples: { readonly [Type in ServerEventType]: Extract<ServerEvent, { type: Type }> } = {
  'session.updated': { type: 'session.updated', config },
  'session.ready': {
    type: 'session.ready',
    session_id: sessionId,
    config,
    expires_at: 1_790_220_800,
    resume_token: 'rt_example',
  },
  'session.error': sessionError(unknownVoice, sessionId),
  'session.ended': { type: 'session.ended', session_duration_seconds: 35.279, audio_duration_seconds: 31.42 },
  'input.speech.started': { type: 'input.speech.started' },
  'input.speech.stopped': { type: 'input.speech.stopped' },
  'transcript.user.delta': { type: 'transcript.user.delta', item_id: userItem, text: 'what is the wea' },
  'transcript.user': { type: 'transcript.user', item_id: userItem, text: 'What is the weather in Reykjavik?' },
  'reply.started': { type: 'reply.started', reply_id, item_id: replyItem },
  'reply.audio': { type: 'reply.audio', reply_id, data: 'AAD//wEAAgA=' },
  'transcript.agent.delta': {
    type: 'transcript.agent.delta',
    reply_id,
    item_id: replyItem,
    delta: 'It ',
    start_ms: 220,
    end_ms: 310,
  },
  'transcript.agent': {
    type: 'transcript.agent',
    reply_id,
    item_id: replyItem,
    text: 'It is sunny.',
    interrupted: false,
  },
  'reply.done': { type: 'reply.done', reply_id, status: 'completed' },
  'reply.error': {
    type: 'reply.error',
    reply_id,
    code: 'llm_failed',
    message: 'The language model did not answer.',
    retryable: true,
    status_code: 503,
  },
  'tool.call': { type: 'tool.call', call_id, name: 'get_weather', arguments: { city: 'Reykjavik' } },
}

/** As a client receives it. */
export const received = (event: ServerEvent) => ({ ...event, timestamp: 1_790_210_000.25 })

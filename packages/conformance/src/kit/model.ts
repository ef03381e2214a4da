// A language model that answers by script: a streamed chat completion, as servers of this kind expect it (protocol.md 8.2).
import type { ServerResponse } from 'node:http'
import { type Fields, list, object } from '../expect.js'
import type { Call, Callbacks } from './callbacks.js'

const KEY = 'sk-conformance-0123456789abcdef'

export type Act =
  | { readonly says: string }
  | { readonly calls: string; readonly arguments: Fields; readonly id?: string }
  | { readonly waitsMs: number }
  | { readonly refuses: number }
  | { readonly breaksOff: true }

export interface Message {
  readonly role: string
  /** Text only, whatever form the content has. */
  readonly content: string
  /** The call that a message of role `tool` answers. */
  readonly callId: string | undefined
}

export interface ModelRequest {
  readonly call: Call
  readonly body: Fields
  readonly messages: readonly Message[]
}

/** What the model does with request number `count`, from 0. Servers may ask more than once for one reply. */
export type Script = (request: ModelRequest, count: number) => readonly Act[]

export interface Model {
  readonly baseUrl: string
  /** The entry of an agent's `llm`. */
  readonly entry: Fields
  readonly key: string
  readonly requests: readonly ModelRequest[]
}

export const says =
  (text: string): Script =>
  () => [{ says: text }]

/** Calls the tool until a result of it is there, then speaks. */
export const callsThenSays =
  (
    tools: readonly { readonly calls: string; readonly arguments?: Fields; readonly id?: string }[],
    text: string,
  ): Script =>
  ({ messages }) =>
    messages.some(({ role }) => role === 'tool') ? [{ says: text }] : tools.map((tool) => ({ arguments: {}, ...tool }))

export function startModel(callbacks: Callbacks, script: Script): Model {
  const requests: ModelRequest[] = []
  const endpoint = callbacks.endpoint(async (call, response) => {
    if (!call.path.startsWith('/v1/chat/completions')) {
      response.writeHead(404).end()
      return
    }
    const request = read(call)
    requests.push(request)
    await perform(script(request, requests.length - 1), response)
  })
  const baseUrl = `${endpoint.url}/v1`
  return { baseUrl, key: KEY, requests, entry: { base_url: baseUrl, model: 'scripted', api_key: KEY } }
}

function read(call: Call): ModelRequest {
  const body = object(JSON.parse(call.text), 'the request to the model')
  const messages = list(body.messages, 'messages').map((value) => {
    const { role, content, tool_call_id } = object(value, 'a message')
    return {
      role: String(role),
      content: textOf(content),
      callId: typeof tool_call_id === 'string' ? tool_call_id : undefined,
    }
  })
  return { call, body, messages }
}

const textOf = (content: unknown): string =>
  Array.isArray(content)
    ? content.map((part: unknown) => textOf(object(part, 'a part').text)).join('')
    : String(content ?? '')

async function perform(acts: readonly Act[], response: ServerResponse): Promise<void> {
  let calls = 0
  for (const act of acts) {
    if (response.destroyed) return
    if ('refuses' in act) {
      response.writeHead(act.refuses, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: 'The script refuses.', type: 'scripted', code: null } }))
      return
    }
    if ('waitsMs' in act) await new Promise((resolve) => setTimeout(resolve, act.waitsMs))
    if ('says' in act) for (const piece of act.says.match(/\S+\s*/g) ?? []) write(response, { content: piece })
    if ('calls' in act) {
      write(response, {
        tool_calls: [
          {
            index: calls,
            id: act.id ?? `call_${calls}_${Math.random().toString(16).slice(2, 10)}`,
            type: 'function',
            function: { name: act.calls, arguments: JSON.stringify(act.arguments) },
          },
        ],
      })
      calls += 1
    }
    if ('breaksOff' in act) {
      response.write(': the end\n\n', () => response.socket?.destroy())
      return
    }
  }
  write(response, {}, calls > 0 ? 'tool_calls' : 'stop')
  chunk(response, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } })
  response.end('data: [DONE]\n\n')
}

const write = (response: ServerResponse, delta: Fields, finish_reason: string | null = null) =>
  chunk(response, { choices: [{ index: 0, delta, finish_reason }] })

function chunk(response: ServerResponse, fields: Fields): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  const about = { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'scripted' }
  response.write(`data: ${JSON.stringify({ ...about, ...fields })}\n\n`)
}

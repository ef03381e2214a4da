// What is asked of an OpenAI-compatible endpoint: our request in the words of chat completions (protocol.md 8.2).
import type OpenAI from 'openai'
import type { LlmMessage, LlmRequest, LlmTool } from '../engine.js'

type Body = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam
type Tool = OpenAI.Chat.Completions.ChatCompletionFunctionTool

export function bodyOf(request: LlmRequest, model: string): Body {
  const tools = request.tools.map(request.endpoint ? contractTool : plainTool)
  return {
    model,
    messages: request.messages.filter(saysSomething).map(messageOf),
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length > 0 && { tools, tool_choice: 'auto' }),
  }
}

/** Which session asks, for a model server of one's own (Q23). */
export const headersOf = ({ sessionId, agentId }: LlmRequest): Record<string, string> => ({
  'X-Session-Id': sessionId,
  ...(agentId !== undefined && { 'X-Agent-Id': agentId }),
})

/** Several servers refuse an assistant message without content. */
const saysSomething = (message: LlmMessage): boolean =>
  message.role !== 'assistant' || message.content !== '' || (message.toolCalls?.length ?? 0) > 0

function messageOf(message: LlmMessage): Message {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content }
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.content }
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content === '' ? null : message.content,
        ...(message.toolCalls?.length && {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.callId,
            type: 'function' as const,
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
      }
  }
}

/** The standard's own fields only: some servers refuse a tool with any other. */
const plainTool = ({ name, description, parameters }: LlmTool): Tool => ({
  type: 'function',
  function: { name, description, parameters: { ...parameters } },
})

/** An agent's own model is promised more than the standard has (protocol.md 8.2). */
const contractTool = (tool: LlmTool): Tool => ({
  type: 'function',
  function: {
    ...{ type: 'function' },
    ...plainTool(tool).function,
    ...(tool.timeoutSeconds !== undefined && { timeout_seconds: tool.timeoutSeconds }),
    ...(tool.executionMode !== undefined && { execution_mode: tool.executionMode }),
  },
})

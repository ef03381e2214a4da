// The tools that an agent has from servers of the Model Context Protocol, as tools of the server.
import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js'
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import { completeTool, limits, type Tool, toolFields } from '@parley/protocol'
import { bounded, failed } from './answers.js'
import { reopening } from './mcp-reopening.js'
import { connectMcp, type McpConnection, type McpServer, reasonOf } from './mcp-server.js'
import type { ToolOutcome, ToolPorts } from './ports.js'
import type { ServerTools, ToolAnswer } from './tool.js'

/** A caller waits for the greeting meanwhile. */
const LIST_WITHIN_MS = 3000
/** What providers of language models take as the name of a tool. */
const LONGEST_NAME = 64
const LONGEST_DESCRIPTION = 2048

export interface McpTools {
  /** As an agent would have declared them. */
  readonly definitions: readonly Tool[]
  readonly tools: ServerTools
}

interface Provided {
  readonly server: string
  readonly connection: McpConnection
  /** As its server calls it. */
  readonly tool: string
  readonly definition: Tool
}

/**
 * Asks all servers at once for their tools. One that does not answer in time, or not as it should, is left out with a
 * warning. A tool is called by the name of its server, `_` and its own; `taken` are names that it must not have.
 */
export async function mcpTools(
  servers: readonly McpServer[],
  taken: readonly string[],
  ports: ToolPorts,
): Promise<McpTools> {
  const open = (await Promise.all(servers.map((server) => openServer(server, ports)))).flatMap((found) => found ?? [])
  const provided = new Map<string, Provided>()
  const names = new Set(taken)
  for (const { server, connection, listed } of open)
    for (const tool of listed.slice(0, limits.tools - names.size)) {
      const definition = definitionOf(tool, uniqueName(`${server.name}_${tool.name}`, names))
      names.add(definition.name)
      provided.set(definition.name, { server: server.name, connection, tool: tool.name, definition })
    }
  return {
    definitions: [...provided.values()].map(({ definition }) => definition),
    tools: {
      names: [...provided.keys()],
      async run(run, signal) {
        const found = provided.get(run.name)
        if (!found) return failed('no_such_tool')
        const started = ports.clock.now()
        const timeoutMs = found.definition.timeout_seconds * 1000
        const { answer, outcome, reason } = await found.connection
          .call(found.tool, run.arguments, timeoutMs, signal)
          .then(answerOf, (error) => explain(error, found.definition.timeout_seconds, signal))
        ports.report({
          kind: 'mcp',
          sessionId: run.sessionId,
          tool: run.name,
          outcome,
          durationMs: ports.clock.now() - started,
          fields: { server: found.server, ...(reason !== undefined && { reason }) },
        })
        return answer
      },
      async close() {
        await Promise.all(open.map(({ connection }) => connection.close()))
      },
    },
  }
}

async function openServer(server: McpServer, ports: ToolPorts) {
  const { clock } = ports
  const reopen = () => inTime(clock, (signal) => connectMcp(server, ports, signal))
  let connection: McpConnection | undefined
  try {
    return await inTime(clock, async (signal) => {
      const opened = await connectMcp(server, ports, signal)
      connection = reopening(opened, { clock, reopen })
      return { server, connection, listed: usable(await opened.tools(signal), server, ports) }
    })
  } catch (error) {
    const reason = error instanceof NotInTime ? `It did not answer within ${LIST_WITHIN_MS / 1000} s` : reasonOf(error)
    ports.log('warn', 'A server of tools is left out of a session.', { server: server.name, reason })
    await connection?.close()
    return undefined
  }
}

class NotInTime extends Error {}

async function inTime<Result>(
  clock: ToolPorts['clock'],
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const cancel = clock.wake(clock.now() + LIST_WITHIN_MS, () => stop.abort())
  try {
    return await work(stop.signal)
  } catch (error) {
    throw stop.signal.aborted ? new NotInTime() : error
  } finally {
    cancel()
  }
}

/** Those whose parameters can be passed on. */
const usable = (listed: readonly ListedTool[], server: McpServer, ports: ToolPorts): readonly ListedTool[] =>
  listed.filter(({ name, inputSchema }) => {
    if (toolFields.parameters.safeParse(inputSchema).success) return true
    ports.log('warn', 'A tool is left out: its parameters are no schema of an object.', {
      server: server.name,
      tool: name,
    })
    return false
  })

const definitionOf = ({ description, inputSchema }: ListedTool, name: string): Tool =>
  completeTool({ name, description: description?.slice(0, LONGEST_DESCRIPTION), parameters: { ...inputSchema } })

function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  const name = wanted.replace(/[^\w-]/g, '_')
  const candidate = (count: number) => (count === 1 ? '' : `_${count}`)
  for (let count = 1; ; count++) {
    const end = candidate(count)
    const whole = name.slice(0, LONGEST_NAME - end.length) + end
    if (!taken.has(whole)) return whole
  }
}

interface Judged {
  readonly answer: ToolAnswer
  readonly outcome: ToolOutcome
  readonly reason?: string
}

function answerOf({ content, structuredContent, isError = false }: CallToolResult): Judged {
  const texts = content.map(textOf)
  const text = texts.length === 0 && structuredContent ? JSON.stringify(structuredContent) : texts.join('\n')
  return { answer: { result: bounded(text), isError }, outcome: isError ? 'failed' : 'answered' }
}

/** What a part says in words; of what does not, only that it is there. */
function textOf(part: CallToolResult['content'][number]): string {
  switch (part.type) {
    case 'text':
      return part.text
    case 'resource':
      return 'text' in part.resource ? part.resource.text : `[${part.resource.uri}]`
    case 'resource_link':
      return `[${part.name}: ${part.uri}]`
    default:
      return `[${part.type}]`
  }
}

function explain(error: unknown, seconds: number, signal: AbortSignal): Judged {
  if (signal.aborted) return { answer: failed('tool_abandoned'), outcome: 'abandoned' }
  if (error instanceof McpError && error.code === ErrorCode.RequestTimeout)
    return { answer: failed('tool_timeout', { seconds }), outcome: 'timeout' }
  const reason = reasonOf(error)
  if (error instanceof McpError && error.code !== ErrorCode.ConnectionClosed)
    return { answer: failed('tool_failed', { code: error.code }), outcome: 'failed', reason }
  return { answer: failed('tool_unreachable'), outcome: 'unreachable', reason }
}

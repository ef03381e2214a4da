// A server of the Model Context Protocol, over Streamable HTTP: what tools it has, and what they answer.
// https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport, StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  type CallToolResult,
  CallToolResultSchema,
  type Tool as ListedTool,
  ListToolsResultSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js'
import { limits } from '@parley/protocol'
import { guardErrorIn } from '../net/guard.js'
import { userAgent, version } from '../version.js'
import type { ToolPorts } from './ports.js'

export interface McpServer {
  /** Unique within the agent. */
  readonly name: string
  readonly url: string
  /** With their values. */
  readonly headers: Readonly<Record<string, string>>
  /** Which of its tools are wanted; undefined: all. */
  readonly tools: readonly string[] | undefined
}

/** Of one answer; a list of tools with their schemas may be long. */
const MOST_BYTES = 1_048_576
const MOST_PAGES = 20
const FAREWELL_MS = 1000

/** One open connection. Each method rejects when its signal fires. */
export interface McpConnection {
  /** The tools of the server that are wanted, at most `limits.tools`. */
  tools(signal: AbortSignal): Promise<readonly ListedTool[]>
  call(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<CallToolResult>
  close(): Promise<void>
}

export async function connectMcp(
  server: McpServer,
  { guard, clock }: Pick<ToolPorts, 'guard' | 'clock'>,
  signal: AbortSignal,
): Promise<McpConnection> {
  const client = new Client({ name: 'parley', version })
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    fetch: withoutStanding(guard.fetchFor({ maxBytes: MOST_BYTES })),
    requestInit: { headers: { 'user-agent': userAgent, ...server.headers }, redirect: 'manual' },
  })
  // The library's transport declares optional members in another way than its own interface does.
  const opened = transport as Parameters<Client['connect']>[0]
  await client.connect(opened, { signal }).catch(async (error) => {
    await client.close()
    throw error
  })

  return {
    async tools(signal) {
      const found: ListedTool[] = []
      let cursor: string | undefined
      for (let page = 0; page < MOST_PAGES && found.length < limits.tools; page++) {
        const params = cursor === undefined ? {} : { cursor }
        // Asked for directly: the client's own method would compile schemas that the server sends.
        const listed = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, { signal })
        found.push(...listed.tools.filter(({ name }) => server.tools?.includes(name) ?? true))
        cursor = listed.nextCursor
        if (cursor === undefined) break
      }
      return found.slice(0, limits.tools)
    },

    call: (name, args, timeout, signal) =>
      client.request({ method: 'tools/call', params: { name, arguments: { ...args } } }, CallToolResultSchema, {
        timeout,
        signal,
      }),

    async close() {
      await farewell(transport, clock)
      await client.close()
    },
  }
}

/** Why the server did not do as asked, without anything that it wrote: that may repeat a header, or what was said. */
export function reasonOf(error: unknown): string {
  const guarded = guardErrorIn(error)
  if (guarded) return guarded.message
  if (error instanceof StreamableHTTPError && (error.code ?? 0) > 0) return `It answered with status ${error.code}`
  if (error instanceof McpError) return `It answered with error ${error.code}`
  return 'It did not answer as a server of this protocol does'
}

/** Nothing is awaited but answers, so no stream is kept open for what a server may want to say by itself. */
const withoutStanding =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (input, init) => {
    const isStanding = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id')
    return isStanding ? Promise.resolve(new Response(null, { status: 405 })) : fetch(input, init)
  }

/** Tells the server that its session is over, and does not wait for long to hear that it knows. */
function farewell(transport: StreamableHTTPClientTransport, clock: ToolPorts['clock']): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.wake(clock.now() + FAREWELL_MS, resolve)
    transport
      .terminateSession()
      .catch(() => {})
      .finally(() => {
        cancel()
        resolve()
      })
  })
}

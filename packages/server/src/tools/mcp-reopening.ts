// A connection to a server of tools that is opened once more when the server does not know it any more, or is not reached.
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { isUnconnected } from '../net/guard-error.js'
import type { McpConnection } from './mcp-server.js'
import type { ToolPorts } from './ports.js'

export interface ReopeningPorts {
  readonly clock: Pick<ToolPorts['clock'], 'now'>
  /** Within a time of its own. */
  reopen(): Promise<McpConnection>
}

/** As `first`, but that a call which provably reached nobody is tried once more, within its time, on a new connection. */
export function reopening(first: McpConnection, { clock, reopen }: ReopeningPorts): McpConnection {
  let current = first
  let opening: Promise<McpConnection> | undefined
  let isClosed = false

  /** However many calls find it lost, it is opened once. */
  function inPlaceOf(lost: McpConnection): Promise<McpConnection> {
    if (current !== lost) return Promise.resolve(current)
    opening ??= reopen()
      .then((opened) => {
        current = opened
        lost.close().catch(() => {})
        return opened
      })
      .finally(() => {
        opening = undefined
      })
    return opening
  }

  return {
    tools: (signal) => current.tools(signal),

    async call(tool, args, timeoutMs, signal) {
      const used = current
      const began = clock.now()
      try {
        return await used.call(tool, args, timeoutMs, signal)
      } catch (error) {
        if (isClosed || signal.aborted || !wasNotDelivered(error)) throw error
        const next = await inPlaceOf(used).catch(() => {
          throw error
        })
        const left = timeoutMs - (clock.now() - began)
        if (isClosed || signal.aborted || left <= 0) throw error
        return next.call(tool, args, left, signal)
      }
    },

    async close() {
      isClosed = true
      await opening?.catch(() => {})
      await current.close()
    },
  }
}

/**
 * A server that has lost its sessions, as by a restart, refuses what belongs to one: with 404, or with 400 where it holds
 * the request for one without a session. Any other failure may have come after the tool had run.
 */
const wasNotDelivered = (error: unknown): boolean =>
  error instanceof StreamableHTTPError ? error.code === 404 || error.code === 400 : isUnconnected(error)

// What the tools are that the server runs itself: those with an HTTP address, and those of MCP servers.
import type { Arguments, CallId } from '@parley/conversation'

export interface ToolRun {
  readonly callId: CallId
  readonly name: string
  readonly arguments: Arguments
  /** For the headers `X-Session-Id` and `X-Agent-Id`. */
  readonly sessionId: string
  readonly agentId: string | undefined
}

export interface ToolAnswer {
  /** Text for the language model: the body of the response, or what went wrong in few words. */
  readonly result: string
  readonly isError: boolean
}

/** For a call of a tool that the agent had when its session began. */
export const goneTool: ToolAnswer = { result: 'This tool is not there any more.', isError: true }

/** The tools of one stored agent, with their secrets. */
export interface ServerTools {
  readonly names: readonly string[]
  /** Runs a tool of `names` within its own time limit. Never rejects: a failure is an answer. */
  run(run: ToolRun, signal: AbortSignal): Promise<ToolAnswer>
  close(): Promise<void>
}

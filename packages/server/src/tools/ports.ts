// What the tools of the server ask of the rest of it, and what they tell of each run.
import type { Guard } from '../net/guard.js'
import type { Clock } from '../session/clock.js'

/** `abandoned`: nobody waits for the answer any more. */
export type ToolOutcome = 'answered' | 'failed' | 'timeout' | 'unreachable' | 'refused' | 'abandoned'

/** What is told of a run to whoever operates the server; it holds nothing of what was said, and no secret. */
export interface ToolReport {
  readonly kind: 'http' | 'mcp'
  readonly sessionId: string
  readonly tool: string
  readonly outcome: ToolOutcome
  readonly durationMs: number
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

export interface ToolPorts {
  readonly guard: Pick<Guard, 'fetch' | 'fetchFor'>
  readonly clock: Pick<Clock, 'now' | 'wake'>
  /** Called once for each run. */
  report(report: ToolReport): void
  log(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>>): void
}

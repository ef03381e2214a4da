// Tools with an HTTP address: the server makes the request, and the model is given the response (protocol section 7.5).
import { limits } from '@parley/protocol'
import { GuardError, type GuardedResponse } from '../net/guard.js'
import { answered, bounded, failed } from './answers.js'
import { type OutgoingRequest, outgoing, withoutQuery } from './outgoing.js'
import type { ToolOutcome, ToolPorts } from './ports.js'
import type { ServerTools, ToolAnswer, ToolRun } from './tool.js'

export interface HttpTool extends OutgoingRequest {
  readonly name: string
}

export function httpTools(tools: readonly HttpTool[], ports: ToolPorts): ServerTools {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  return {
    names: [...byName.keys()],
    async run(run, signal) {
      const tool = byName.get(run.name)
      if (!tool) return failed('no_such_tool')
      const started = ports.clock.now()
      const { url, request } = outgoing(tool, run.arguments, aboutRun(run))
      const result = await ports.guard.fetch(url, { ...request, maxBytes: limits.toolResponseBytes, signal }).then(
        (response) => judge(response, tool),
        (error) => explain(error, tool),
      )
      ports.report({
        kind: 'http',
        sessionId: run.sessionId,
        tool: tool.name,
        outcome: result.outcome,
        durationMs: ports.clock.now() - started,
        fields: { method: tool.method, url: withoutQuery(tool.url), ...result.fields },
      })
      return result.answer
    },
    close: async () => {},
  }
}

/** The headers of the tool go over those of the server. */
const aboutRun = ({ sessionId, agentId }: ToolRun): Readonly<Record<string, string>> => ({
  'x-session-id': sessionId,
  ...(agentId !== undefined && { 'x-agent-id': agentId }),
})

interface Judged {
  readonly answer: ToolAnswer
  readonly outcome: ToolOutcome
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

function judge({ status, body, truncated }: GuardedResponse, { headers }: HttpTool): Judged {
  const fields = { status, ...(truncated && { truncated }) }
  if (status >= 200 && status < 300)
    return { answer: body === '' ? answered(JSON.stringify({ status })) : answered(body), outcome: 'answered', fields }
  if (status >= 300 && status < 400)
    return {
      answer: failed('tool_failed', { status, reason: 'it redirects, which is not followed' }),
      outcome: 'failed',
      fields,
    }
  return {
    answer: failed('tool_failed', { status, ...(body !== '' && { body: withoutSecrets(bounded(body), headers) }) }),
    outcome: 'failed',
    fields,
  }
}

/** A page about an error may repeat the request; what is secret in it is nothing for the model. */
function withoutSecrets(text: string, headers: HttpTool['headers']): string {
  const secrets = Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ /, '')])
  return secrets.filter(({ length }) => length >= 6).reduce((left, secret) => left.replaceAll(secret, '[secret]'), text)
}

function explain(error: unknown, { timeoutMs }: HttpTool): Judged {
  const reason = error instanceof GuardError ? error.message : 'The request could not be made'
  const [answer, outcome] = failureOf(error instanceof GuardError ? error.kind : 'unreachable', timeoutMs / 1000)
  return { answer, outcome, fields: { reason } }
}

function failureOf(kind: GuardError['kind'], seconds: number): readonly [ToolAnswer, ToolOutcome] {
  switch (kind) {
    case 'timeout':
      return [failed('tool_timeout', { seconds }), 'timeout']
    case 'aborted':
      return [failed('tool_abandoned'), 'abandoned']
    case 'refused':
      return [failed('tool_address_refused'), 'refused']
    case 'unresolved':
    case 'unreachable':
    case 'too_large':
      return [failed('tool_unreachable'), 'unreachable']
  }
}

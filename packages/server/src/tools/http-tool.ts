// Tools with an HTTP address: the server makes the request, and the model is given the response (protocol section 7.5).
import { type HttpRequestRecord, limits } from '@parley/protocol'
import { GuardError, type GuardedResponse } from '../net/guard.js'
import { userAgent } from '../version.js'
import { answered, bounded, failed } from './answers.js'
import type { ToolOutcome, ToolPorts } from './ports.js'
import { pythonText } from './python-text.js'
import type { ServerTools, ToolAnswer, ToolRun } from './tool.js'

export interface HttpTool {
  readonly name: string
  readonly url: string
  readonly method: HttpRequestRecord['http_method']
  /** With their values. */
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export function httpTools(tools: readonly HttpTool[], ports: ToolPorts): ServerTools {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  return {
    names: [...byName.keys()],
    async run(run, signal) {
      const tool = byName.get(run.name)
      if (!tool) return failed('no_such_tool')
      const started = ports.clock.now()
      const { url, request } = requestOf(tool, run)
      const result = await ports.guard.fetch(url, { ...request, signal }).then(
        (response) => judge(response, tool),
        (error) => explain(error, tool),
      )
      const { origin, pathname } = new URL(tool.url)
      ports.report({
        kind: 'http',
        sessionId: run.sessionId,
        tool: tool.name,
        outcome: result.outcome,
        durationMs: ports.clock.now() - started,
        fields: { method: tool.method, url: origin + pathname, ...result.fields },
      })
      return result.answer
    },
    close: async () => {},
  }
}

/** The request of one run (checklist 135, 136). The headers of the tool go over those of the server. */
function requestOf({ url, method, headers, timeoutMs }: HttpTool, run: ToolRun) {
  const inQuery = method === 'GET' || method === 'DELETE'
  const all = new Map([
    ['content-type', 'application/json'],
    ['user-agent', userAgent],
    ['x-session-id', run.sessionId],
    ...(run.agentId === undefined ? [] : [['x-agent-id', run.agentId] as const]),
    ...Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const),
  ])
  for (const name of aboutTheConnection) all.delete(name)
  return {
    url: inQuery ? withQuery(url, run.arguments) : url,
    request: {
      method,
      headers: Object.fromEntries(all),
      timeoutMs,
      maxBytes: limits.toolResponseBytes,
      ...(!inQuery && { body: JSON.stringify(run.arguments) }),
    },
  }
}

/** Headers that say how the bytes of this one connection are to be read: theirs is not for an agent to say. */
const aboutTheConnection = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** The address with the arguments behind the query that it has, of which nothing is replaced. */
function withQuery(address: string, args: ToolRun['arguments']): string {
  const url = new URL(address)
  const added = new URLSearchParams(
    Object.entries(args).map(([name, value]): [string, string] => [name, pythonText(value)]),
  )
  url.search = [url.search.slice(1), added.toString()].filter(Boolean).join('&')
  return url.href
}

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

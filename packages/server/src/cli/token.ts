// `parley token`: a temporary token, with which a page opens one session without knowing the API key.
import { ApiError } from '@parley/client'
import { Command } from 'commander'
import { z } from 'zod'
import type { Cli } from './context.js'
import { CliError } from './exit.js'
import { explain } from './explain.js'
import { withExamples } from './help.js'
import { wholeNumber } from './numbers.js'
import { type ServerAddress, serverAddress, withServerOptions } from './server-address.js'

interface Limits {
  readonly expires: number
  readonly maxSession?: number
}

export const tokenCommand = (cli: Cli): Command =>
  withExamples(
    withServerOptions(
      new Command('token')
        .description('Make a temporary token that opens one session, for a page that must not know the API key.')
        .option('--expires <seconds>', 'open the session within so many seconds, 1 to 600', wholeNumber(1, 600), 60)
        .option('--max-session <seconds>', 'the longest the session may last, 60 to 10800', wholeNumber(60, 10_800))
        .option('--json', 'print the whole answer, as JSON'),
    ).action(async ({ json, ...limits }: Limits & { json?: true }, command: Command) => {
      const answer = await requestToken(serverAddress(command), limits)
      cli.terminal.print(json ? JSON.stringify(answer) : answer.token)
    }),
    [
      {
        does: 'For one minute, for a session of ten minutes at most',
        line: 'parley token --expires 60 --max-session 600',
      },
    ],
  )

const Token = z.object({ token: z.string(), expires_in_seconds: z.number() })
const Refusal = z.object({ detail: z.union([z.string(), z.array(z.object({ msg: z.string() }))]) })

/** `GET /v1/token` (checklist 13-20): the one of the two token routes that can limit the session. */
async function requestToken(
  { url, key }: ServerAddress,
  { expires, maxSession }: Limits,
): Promise<z.infer<typeof Token>> {
  const query = new URLSearchParams({ expires_in_seconds: String(expires) })
  if (maxSession !== undefined) query.set('max_session_duration_seconds', String(maxSession))
  try {
    const response = await fetch(`${url}/v1/token?${query}`, {
      headers: { authorization: `Bearer ${key ?? ''}` },
    }).catch((cause) => {
      throw new ApiError(0, 'unreachable', String(cause))
    })
    const body: unknown = await response.json().catch(() => undefined)
    if (!response.ok) throw refusal(response.status, body)
    const token = Token.safeParse(body)
    if (token.success) return token.data
    throw new CliError('failed', `What answers at ${url} gave no token. Check that it is a Parley server.`)
  } catch (error) {
    throw explain(error, url)
  }
}

function refusal(status: number, body: unknown): ApiError {
  const { data } = Refusal.safeParse(body)
  const detail = typeof data?.detail === 'string' ? data.detail : data?.detail.map(({ msg }) => msg).join('; ')
  // A server that copies the original service to the letter answers 404 to a wrong key (protocol.md section 1.4).
  const isKeyRefused = status === 404 && detail === 'Invalid API key'
  return new ApiError(isKeyRefused ? 401 : status, 'refused', detail ?? `It answered with status ${status}`)
}
